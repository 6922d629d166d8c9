"""What the pool and its workers say to each other over pipes: a job, an answer, each a MessagePack value behind its length."""

import struct
from collections.abc import Callable

import msgspec

LENGTH = struct.Struct("<Q")


class View(msgspec.Struct, frozen=True):
    """A view to create before the query runs: two texts (`wide` for files whose columns differ), and rows that are in no file yet, as Arrow IPC."""

    name: str
    title: str
    text: str
    wide: str
    tail_name: str = ""
    tail: bytes = b""


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One query. `paths` are the only files that it may open."""

    sql: str
    views: tuple[View, ...]
    paths: tuple[str, ...]
    row_limit: int
    byte_limit: int


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """Rows as an Arrow IPC stream, or what went wrong: `statement`, `memory`, `refused` or `internal`."""

    failure: str = ""
    message: str = ""
    arrow: bytes = b""
    row_count: int = 0
    truncated: bool = False


class Hello(msgspec.Struct, frozen=True):
    """A worker is ready, and these protections hold for it."""

    protections: tuple[str, ...]


def encode(value: Job | Answer | Hello) -> bytes:
    """A frame."""
    body = msgspec.msgpack.encode(value)
    return LENGTH.pack(len(body)) + body


def read_exactly(read: Callable[[int], bytes], length: int) -> bytes:
    """As many bytes as asked for; `EOFError` if the other side has gone."""
    parts: list[bytes] = []
    while length:
        part = read(min(length, 1 << 20))
        if not part:
            raise EOFError
        parts.append(part)
        length -= len(part)
    return b"".join(parts)
