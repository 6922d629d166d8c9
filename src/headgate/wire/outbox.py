"""Sends everything that one step of the event loop wrote at the end of that step: first the journal's records, then the bytes of every connection.

Writing at once would let the other process run before we have read everything that has arrived. So we read first and write at the end of the step;
that saves about a quarter of the CPU and adds no delay: no timer and no further event is waited for.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable

_log = logging.getLogger("headgate.wire")


class Outbox:
    """The connections of one event loop that have bytes to send. `before` runs first, so that a record is in the journal before the bytes it describes leave."""

    __slots__ = ("_due", "_loop", "before")

    def __init__(self, before: Callable[[], None] | None = None) -> None:
        self.before = before
        self._due: list[Outgoing] = []
        self._loop: asyncio.AbstractEventLoop | None = None

    def add(self, outgoing: "Outgoing") -> None:
        """Send a connection's bytes at the end of this step."""
        if not self._due:
            if self._loop is None:
                self._loop = asyncio.get_running_loop()
            self._loop.call_soon(self.leave)
        self._due.append(outgoing)

    def leave(self) -> None:
        """Call `before`, then send everything. A bug in `before` is logged and stops no connection: otherwise nothing would ever be sent again."""
        if self.before is not None:
            try:
                self.before()
            except Exception:  # ruff: ignore[blind-except] -- see above
                _log.exception("the journal could not be flushed before a step's bytes were sent")
        due, self._due = self._due, []
        for outgoing in due:
            try:
                outgoing.flush()
            except Exception:  # ruff: ignore[blind-except] -- an error of one connection must not stop the others
                _log.exception("writing to a connection failed")


class Outgoing:
    """A transport that writes at the end of the step. Every other call acts at once, after what was written before it; `abort` drops what waits."""

    __slots__ = ("_outbox", "_pieces", "_transport", "can_write_eof", "get_extra_info", "is_closing", "pause_reading", "resume_reading")

    def __init__(self, transport: asyncio.Transport, outbox: Outbox) -> None:
        self._transport = transport
        self._outbox = outbox
        self._pieces: list[bytes] = []
        self.can_write_eof = transport.can_write_eof
        self.get_extra_info = transport.get_extra_info
        self.is_closing = transport.is_closing
        self.pause_reading = transport.pause_reading
        self.resume_reading = transport.resume_reading

    def write(self, data: bytes) -> None:
        """Bytes to be sent."""
        if not self._pieces:
            self._outbox.add(self)
        self._pieces.append(data)

    def writelines(self, pieces: Iterable[bytes]) -> None:
        """Bytes to be sent, in pieces."""
        if not self._pieces:
            self._outbox.add(self)
        self._pieces.extend(pieces)

    def flush(self) -> None:
        """Write what waits to the transport, unless that is closing: then nothing would read it."""
        pieces, self._pieces = self._pieces, []
        if not pieces or self.is_closing():
            return
        if len(pieces) == 1:
            self._transport.write(pieces[0])
        else:
            self._transport.writelines(pieces)

    def write_eof(self) -> None:
        """The end of what is sent; reading goes on."""
        self.flush()
        self._transport.write_eof()

    def close(self) -> None:
        """Close when everything is sent."""
        self.flush()
        self._transport.close()

    def abort(self) -> None:
        """Close at once."""
        self._pieces.clear()
        self._transport.abort()

    def get_write_buffer_size(self) -> int:
        """Bytes that are not sent yet."""
        waiting = sum(map(len, self._pieces)) if self._pieces else 0
        return self._transport.get_write_buffer_size() + waiting
