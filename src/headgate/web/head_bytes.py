"""Follows the bytes of a request's head to its end, by our own count: its size, the size of its request line, and whether it is ASCII."""

from typing import Final

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

    @property
    def shape(self) -> tuple[int, int, bool]:
        """Its size, the size of its request line, and whether it is ASCII."""
        return self.size_bytes, self.line_bytes, self.ascii_only

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
