"""What a service is: a place where requests come in. A connection shows it each request as soon as the head is read, and hands the whole body over.

Every step is a plain call. A step that has to wait returns the rest of its work as a coroutine, and the connection runs it.
"""

from collections.abc import Callable, Coroutine
from typing import Any, Protocol, final

from headgate.core.headers import Headers
from headgate.exchange.ports import ClientStream

OnBody = Callable[[bytes], Coroutine[Any, Any, None] | None]
"""Called once with the whole body. Answers, or returns the rest of the work. Never raises, nor does the rest."""

Opened = OnBody | Coroutine[Any, Any, OnBody | None] | None
"""What a service says to a head: what to do with the body; or the work that finds that out, during which no more is read; or `None`: it has answered."""


RequestLine = tuple[str, str, bytes, str, str]
"""Method, version, target; and of the target the decoded path, and the query as it was sent."""


@final
class Request:
    """What the head of a request says. `path` is decoded, `query` is as it was sent; `address` and `scheme` are the client's, also behind a trusted proxy.

    A service that accepts less of a body than the front does lowers `body_bytes_max`. It is handed a longer body as soon as that is known, and refuses it.
    `again` is the service's: what to call in place of its `open` when the connection sends the same head again, except for the values of `CHANGING`.
    """

    __slots__ = (
        "address",
        "again",
        "body_bytes_max",
        "expects_continue",
        "headers",
        "keep_alive",
        "method",
        "path",
        "query",
        "scheme",
        "target",
        "version",
    )

    def __init__(self, line: RequestLine, headers: Headers, body_bytes_max: int, address: str = "") -> None:
        self.method, self.version, self.target, self.path, self.query = line
        self.headers = headers
        self.body_bytes_max = body_bytes_max
        self.keep_alive = True
        self.expects_continue = False
        self.address = address
        self.scheme = "http"
        self.again: Callable[[Request, ClientStream], Opened] | None = None


class Service(Protocol):
    """A place where requests come in."""

    def open(self, request: Request, stream: ClientStream) -> Opened:
        """Look at a request whose head has been read: refuse it, or say what happens with its body. Never raises."""
