"""Answers connections beyond the limit: 503 in the dialect of the path that they ask for, then closed. So clients wait and try again, instead of reporting a
network error.

It costs little: no more of a request is read than its first line, nothing is authenticated, and only so many are answered at a time. All others are reset.
"""

import asyncio
import re
from typing import Final

from headgate.web import refusal
from headgate.web.front import Front

_LINE = re.compile(rb"[A-Z]{1,16} ([\x21-\x7e]+) HTTP/1\.[01]\r?")
_LINE_BYTES_MAX: Final = 4096  # of the first line; the path, which names the dialect, is at its begin


def turn_away(transport: asyncio.Transport, front: Front) -> None:
    """Answer a connection that was not let in, or reset it where even that would be too much."""
    if front.turned_away >= front.limits.turned_away_max or not front.connections.may_answer(transport):
        transport.abort()
        return
    front.turned_away += 1
    transport.set_protocol(_TurnedAway(transport, front))


class _TurnedAway(asyncio.Protocol):
    """One such connection. It lasts as long as a client may take to read its answer, and no longer, whatever the client does."""

    def __init__(self, transport: asyncio.Transport, front: Front) -> None:
        self._transport = transport
        self._front = front
        self._line = b""
        self._answered = False
        self._end = asyncio.get_running_loop().call_later(front.limits.linger_timeout_s, transport.abort)

    def data_received(self, data: bytes) -> None:
        """Answer once the first line is whole. What follows is dropped: to close on unread bytes would reset the connection, and with it the answer."""
        if self._answered:
            return
        self._line += data[: _LINE_BYTES_MAX - len(self._line)]
        line, ended, _ = self._line.partition(b"\n")
        if not ended and len(line) < _LINE_BYTES_MAX:
            return
        self._answered = True
        found = _LINE.fullmatch(line) if ended else None
        self._transport.write(self._front.worded(found[1] if found is not None else b"", refusal.TOO_MANY))
        if self._transport.can_write_eof():
            self._transport.write_eof()

    def eof_received(self) -> bool:
        """The client has sent all, or has left; either way it has its answer or wants none."""
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """Count it out."""
        del exc
        self._end.cancel()
        self._front.turned_away -= 1
