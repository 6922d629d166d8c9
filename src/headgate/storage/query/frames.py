"""Values on the pipes of a parser or a worker: each is a MessagePack value behind its length.

`receive` and `send` are the child's end, on its standard input and output. `PipedProcess` is the other end.
"""

import os
import struct
from collections.abc import Callable

import msgspec

LENGTH = struct.Struct("<Q")


class Hello(msgspec.Struct, frozen=True):
    """The child is ready, and these protections hold for it."""

    protections: tuple[str, ...]


def encode(value: object) -> bytes:
    """A frame."""
    body = msgspec.msgpack.encode(value)
    return LENGTH.pack(len(body)) + body


def read_exactly(read: Callable[[int], bytes], length: int) -> bytes:
    """As many bytes as asked for; `EOFError` if the other side has closed the pipe."""
    parts: list[bytes] = []
    while length:
        part = read(min(length, 1 << 20))
        if not part:
            raise EOFError
        parts.append(part)
        length -= len(part)
    return b"".join(parts)


def receive() -> bytes:
    """The next value's bytes from standard input; `EOFError` at its end."""
    (length,) = LENGTH.unpack(read_exactly(_read, LENGTH.size))
    return read_exactly(_read, length)


def send(value: object) -> None:
    """Write a value to standard output."""
    view = memoryview(encode(value))
    while view:
        view = view[os.write(1, view) :]


def _read(size: int) -> bytes:
    return os.read(0, size)
