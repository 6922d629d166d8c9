"""What a service is: a place where requests come in. A connection shows it each request as soon as the head is read, and hands the whole body over.

Every step is a plain call. A step that has to wait returns the rest of its work as a coroutine, and the connection runs it.
"""

from collections.abc import Callable, Coroutine
from typing import Any, Protocol

import msgspec

from headgate.core.headers import Headers
from headgate.exchange.ports import ClientStream

OnBody = Callable[[bytes], Coroutine[Any, Any, None] | None]
"""Called once with the whole body. Answers, or returns the rest of the work. Never raises, nor does the rest."""

Opened = OnBody | Coroutine[Any, Any, OnBody | None] | None
"""What a service says to a head: what to do with the body; or the work that finds that out, during which no more is read; or `None`: it has answered."""


class Request(msgspec.Struct):
    """What the head of a request says. `path` is decoded, `query` is as it was sent; `address` and `scheme` are the client's, also behind a trusted proxy.

    A service that accepts less of a body than the front does lowers `body_bytes_max`. It is handed a longer body as soon as that is known, and refuses it.
    `again` is the service's: what to call in place of its `open` when the connection sends the same head again, except for the values of `CHANGING`.
    """

    method: str
    version: str
    target: bytes
    headers: Headers
    path: str
    query: str
    body_bytes_max: int
    keep_alive: bool = True
    expects_continue: bool = False
    address: str = ""
    scheme: str = "http"
    again: "Callable[[Request, ClientStream], Opened] | None" = None


class Service(Protocol):
    """A place where requests come in."""

    def open(self, request: Request, stream: ClientStream) -> Opened:
        """Look at a request whose head has been read: refuse it, or say what happens with its body. Never raises."""
