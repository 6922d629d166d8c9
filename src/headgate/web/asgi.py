"""What every door does with an ASGI request: its types, its body read whole under a limit, and the stream that its answer goes into."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from headgate.core.errors import TooLarge
from headgate.exchange.ports import ClientStream
from headgate.web.client_stream import AsgiClientStream

Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


class ClientLeft(Exception):
    """The client hung up before its request was whole; there is nobody to answer."""


def client_stream(scope: Scope, receive: Receive, send: Send) -> tuple[ClientStream, Callable[[], Awaitable[None]] | None]:
    """The direct writer of our protocol class, or the same over plain ASGI on another server; that one is driven once the answer is given."""
    direct: ClientStream | None = (scope.get("extensions") or {}).get("headgate.stream")
    if direct is not None:
        return direct, None
    stream = AsgiClientStream(send, receive)
    return stream, stream.drive


def client_address(scope: Scope) -> str:
    """The client's address; empty where there is none."""
    return str((scope.get("client") or ("",))[0])


def check_size(size: int, bytes_max: int) -> None:
    """Raise `TooLarge` for more bytes of body than are taken."""
    if size > bytes_max:
        raise TooLarge(f"The request is larger than {bytes_max} bytes, the limit of this Headgate.")


async def read_body(receive: Receive, bytes_max: int) -> bytes:
    """The whole body. Raises `TooLarge` as soon as it is, and `ClientLeft`."""
    pieces: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientLeft
        piece: bytes = message.get("body", b"")
        size += len(piece)
        check_size(size, bytes_max)
        if not message.get("more_body"):
            return b"".join((*pieces, piece)) if pieces else piece
        pieces.append(piece)
