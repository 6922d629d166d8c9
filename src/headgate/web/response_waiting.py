"""A client that waits for a kept response which its provider is asked for. If it leaves, the provider is asked no more."""

from collections.abc import Callable

from headgate.core.errors import GatewayError
from headgate.core.headers import Headers
from headgate.exchange.ports import Call, ClientStream
from headgate.web.edge import answer


class ResponseWaiting:
    """One such client. A ClientWatcher; its answer is whole, so that how fast it reads does not matter."""

    def __init__(self, stream: ClientStream, headers: Headers, refuse: Callable[[GatewayError], None]) -> None:
        self._stream = stream
        self._headers = headers
        self._refuse = refuse
        self._call: Call | None = None
        self._over = False

    def begin(self, call: Call | None) -> None:
        """The provider was asked, if there is one to ask."""
        if call is not None:
            self._call = call
            self._stream.watch(self)

    def done(self, status: int, headers: Headers, body: bytes) -> None:
        """The answer is here."""
        if not self._over:
            self._over = True
            own = {name for name, _ in headers}
            answer(self._stream, status, [*headers, *(header for header in self._headers if header[0] not in own)], body)

    def failed(self, error: GatewayError) -> None:
        """There is none."""
        if not self._over:
            self._over = True
            self._refuse(error)

    def client_gone(self) -> None:
        """The client has left."""
        if not self._over and self._call is not None:
            self._call.cancel()
        self._over = True

    def client_slow(self) -> None:
        """Its answer waits in memory."""

    def client_ready(self) -> None:
        """Its answer has left."""
