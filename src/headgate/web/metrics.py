"""`/metrics`: the text of this gateway's metrics for administrators and viewers, with a token. It looks up no value.

Clients from the networks of a setting need no token.
"""

from collections.abc import Awaitable, Callable, Iterable

import msgspec

from headgate.core.access_token import AccessToken
from headgate.core.audit_event import WORKSPACE
from headgate.core.errors import Forbidden, GatewayError, NotFound
from headgate.core.headers import Headers
from headgate.core.ids import new_id
from headgate.exchange.headers import value_of
from headgate.exchange.ports import ClientStream
from headgate.metering.metric_text import OPEN, PLAIN, Metric, Values, exposition
from headgate.policy.networks import in_networks
from headgate.web.authenticator import Authenticator
from headgate.web.denied_requests import DeniedRequests, Sender
from headgate.web.edge import Answer, Edge, answer, retry_after
from headgate.web.service import OnBody, Opened, Request

PATH = "/metrics"
_OPENMETRICS = b"application/openmetrics-text"


class MetricsParts(msgspec.Struct, frozen=True):
    """What the service is given. `read` looks up all values; `networks` are those whose clients need no token, as they are written."""

    authenticator: Authenticator
    read: Callable[[], Awaitable[Iterable[tuple[Metric, Values]]]]
    networks: Callable[[], tuple[str, ...]]
    denied: DeniedRequests


class _Call(msgspec.Struct, frozen=True):
    """One request at this service."""

    request: Request
    stream: ClientStream
    request_id: str

    def worded(self, error: GatewayError) -> Answer:
        """The error as text: those who read it look into a log or use curl."""
        allow: Headers = [(b"allow", b"GET, HEAD")] if error.status == 405 else []
        return error.status, [_content_type("text/plain; charset=utf-8"), *retry_after(error), *allow], f"{error.message}\n".encode()


class MetricsService:
    """The service of the path `/metrics`."""

    def __init__(self, parts: MetricsParts) -> None:
        self._parts = parts
        self._edge = Edge(parts.authenticator.clock)

    def open(self, request: Request, stream: ClientStream) -> Opened:
        """Find out whether the client may read the metrics. A token that the snapshot does not know is looked for in the store."""
        authenticator = self._parts.authenticator
        call = _Call(request, stream, new_id("req", authenticator.clock.wall_ns()))
        try:
            _check_method(request.method)
            if in_networks(request.address, self._parts.networks()):
                return self._accept(call)
            try:
                token = authenticator.known_token(request.headers, address=request.address)
            except GatewayError:
                return self._look_up(call)
            return self._admit(call, token)
        except Exception as error:  # ruff: ignore[blind-except] the edge words it
            self._refuse(call, error)
            return None

    async def _look_up(self, call: _Call) -> OnBody | None:
        request = call.request
        try:
            return self._admit(call, await self._parts.authenticator.token(request.headers, address=request.address))
        except Exception as error:  # ruff: ignore[blind-except] the edge words it
            self._refuse(call, error)
            return None

    def _admit(self, call: _Call, token: AccessToken) -> OnBody:
        if not token.principal.reads_all_usage:
            raise Forbidden("Metrics are for administrators and viewers. An administrator can give the role: headgate role give viewer NAME.")
        return self._accept(call)

    def _accept(self, call: _Call) -> OnBody:
        call.request.body_bytes_max = 0
        return lambda _body: self._answer(call)

    async def _answer(self, call: _Call) -> None:
        try:
            found = await self._parts.read()
            as_openmetrics = _OPENMETRICS in value_of(call.request.headers, b"accept")
            text = exposition(found, as_openmetrics=as_openmetrics)
            answer(call.stream, 200, [_content_type(OPEN if as_openmetrics else PLAIN), (b"cache-control", b"no-store")], text.encode())
        except Exception as error:  # ruff: ignore[blind-except] the edge words it
            self._refuse(call, error)

    def _refuse(self, call: _Call, error: Exception) -> None:
        request = call.request
        if isinstance(error, GatewayError):
            self._edge.warn_of(error, request, call.request_id, "for the metrics")
        self._parts.denied.tell(error, Sender(request.headers, request.address, call.request_id), WORKSPACE, f"GET {PATH}")
        self._edge.refuse(call.stream, error, call.request_id, call.worded)


def _check_method(method: str) -> None:
    if method not in {"GET", "HEAD"}:
        raise NotFound(f"{method} is not served on this path.", status=405)


def _content_type(text: str) -> tuple[bytes, bytes]:
    return b"content-type", text.encode()
