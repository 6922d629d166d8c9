"""Where heads and bodies end, by our own count beside the parser's: the two must agree, or the connection is closed. Reads no socket."""

import re
from collections.abc import Callable
from typing import ClassVar, Final, NamedTuple

import httptools

_CR: Final = 13
_LF: Final = 10


class HeadBytes:
    """One head as it arrives in pieces. `ended` says that its empty line has come; `line_bytes` is the size of the request line with its CRLF."""

    __slots__ = ("_blank", "_first", "_in_line", "_tail", "ascii_only", "ended", "line_bytes", "size_bytes")

    def __init__(self) -> None:
        self.size_bytes = 0
        self.line_bytes = 0
        self.ascii_only = True
        self.ended = False
        self._tail = b""
        self._in_line = True
        self._first = 0
        self._blank = False

    def follow(self, data: bytes) -> bytes | None:
        """The part of the data that belongs to this head, or None where its request line is malformed."""
        if not self.size_bytes and data[:1] > b"\r":  # nearly every head comes whole and begins with its method
            end = data.find(b"\r\n\r\n") + 4
            if end > 3:
                self.ended, self._in_line = True, False
                piece = data[:end]
                self.size_bytes, self.line_bytes = end, piece.find(b"\n") + 1
                self.ascii_only = piece.isascii()
                return piece
        tail = self._tail
        joined = tail + data if tail else data
        end = joined.find(b"\r\n\r\n")
        self.ended = end >= 0
        piece = data[: end + 4 - len(tail)] if self.ended else data
        self._tail = joined[-3:]
        self.size_bytes += len(piece)
        if not piece.isascii():
            self.ascii_only = False
        return piece if not self._in_line or self._follow_line(piece) else None

    def _follow_line(self, data: bytes) -> bool:
        """Read on in the request line. One empty line before it is let pass (RFC 9112 2.2), a bare LF is not."""
        at = 0
        while self._in_line and at < len(data):
            if not self.line_bytes:
                self._first = data[at]
            end = data.find(b"\n", at) + 1
            self.line_bytes += (end or len(data)) - at
            if not end:
                break
            at = end
            if self._first not in {_CR, _LF}:
                self._in_line = False
            elif self._first == _LF or self.line_bytes != 2 or self._blank:
                return False
            else:
                self._blank, self.line_bytes = True, 0
        return True


class ChunkedBody:
    """Follows a chunked body to its end (RFC 9112 7.1), so that we know it apart from the parser and both must agree.

    Bounds what chunked framing may cost: a size line, the trailers, and all that is not body. The bytes themselves are the parser's.
    """

    __slots__ = ("_framing_bytes", "_in_trailers", "_line", "_skip", "body_bytes", "done")

    _SIZE_LINE: ClassVar = re.compile(rb"([0-9A-Fa-f]{1,16})(?:;[\t\x20-\x7e]*)?\r\n")
    _LINE_BYTES_MAX: Final = 1024
    _FRAMING_BYTES_MAX: Final = 16 * 1024

    def __init__(self) -> None:
        self.body_bytes = 0
        self.done = False
        self._line = b""
        self._skip = 0
        self._in_trailers = False
        self._framing_bytes = 0

    def follow(self, data: bytes) -> int | None:
        """Read on; how many of these bytes belong to the body, or None where it is malformed."""
        at = 0
        while at < len(data) and not self.done:
            if self._skip:
                step = min(self._skip, len(data) - at)
                self._skip -= step
                at += step
                continue
            end = data.find(b"\n", at) + 1
            self._line += data[at : end or len(data)]
            at = end or len(data)
            if len(self._line) > self._LINE_BYTES_MAX or (end and not self._take_line()):
                return None
        return at

    def _take_line(self) -> bool:
        line, self._line = self._line, b""
        self._framing_bytes += len(line)
        # Framing may never outweigh the body by more than this: chunks of one byte cost us a hundred times what they cost their sender.
        if self._framing_bytes > self._FRAMING_BYTES_MAX + self.body_bytes:
            return False
        if self._in_trailers:
            self.done = line == b"\r\n"
            return True
        size = self._SIZE_LINE.fullmatch(line)
        if size is None:
            return False
        length = int(size[1], 16)
        self.body_bytes += length
        self._in_trailers = length == 0
        self._skip = length + 2 if length else 0
        return True


class _Callbacks(NamedTuple):
    """What such a parser calls."""

    on_body: Callable[[bytes], None]
    on_message_complete: Callable[[], None]


def body_parser(
    length: int | None, on_body: Callable[[bytes], None], on_message_complete: Callable[[], None]
) -> tuple[httptools.HttpRequestParser, bytes]:
    """A parser for a body alone, of this length or chunked, and the head to feed it first.

    llhttp leaves a request at its upgrade and takes the body for the new protocol's bytes, so another parser reads that.
    """
    lines = b"transfer-encoding: chunked\r\n" if length is None else b"content-length: %d\r\n" % length
    return httptools.HttpRequestParser(_Callbacks(on_body, on_message_complete)), b"POST / HTTP/1.1\r\n" + lines + b"\r\n"
