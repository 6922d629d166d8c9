"""A transport without a socket: it keeps what is written, and the connection under test is driven by hand."""

import asyncio
from collections.abc import Callable
from typing import Any

import uvicorn
from uvicorn.server import ServerState

from headgate.web.connection import ClientConnection, connection_maker
from headgate.web.front import Front, FrontLimits
from headgate.web.service import Service


class FakeTransport(asyncio.Transport):
    """Every call of `write` and `writelines` is one entry of `writes`."""

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[bytes] = []
        self.reading = True
        self.ended = "open"  # "open", "eof", "closed" or "aborted"
        self.buffered_bytes = 0
        self.protocol: asyncio.BaseProtocol | None = None  # in place of the one that it was made for

    @property
    def written(self) -> bytes:
        """All of it."""
        return b"".join(self.writes)

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return ("127.0.0.1", 50000) if name == "peername" else default

    def write(self, data: Any) -> None:
        assert self.ended != "eof"
        self.writes.append(bytes(data))

    def writelines(self, list_of_data: Any) -> None:
        self.writes.append(b"".join(list_of_data))

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self.protocol = protocol

    def can_write_eof(self) -> bool:
        return True

    def write_eof(self) -> None:
        self.ended = "eof" if self.ended == "open" else self.ended

    def is_closing(self) -> bool:
        return self.ended in {"closed", "aborted"}

    def close(self) -> None:
        self.ended = "closed"

    def abort(self) -> None:
        self.ended = "aborted"

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True

    def get_write_buffer_size(self) -> int:
        return self.buffered_bytes


def connect(
    service: Service, limits: FrontLimits | None = None, kind: Callable[..., ClientConnection] | None = None
) -> tuple[ClientConnection, FakeTransport]:
    """A connection of our class to a service, within the running loop."""
    kind = kind or connection_maker(Front(service, limits or FrontLimits()))
    connection = kind(uvicorn.Config(None, log_config=None), ServerState(), {}, asyncio.get_running_loop())  # type: ignore[arg-type]
    transport = FakeTransport()
    connection.connection_made(transport)
    return connection, transport
