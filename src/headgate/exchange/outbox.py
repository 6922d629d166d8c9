"""What one step of the event loop has to send leaves at the end of the step: first what must be kept, then the bytes of every connection.

A write wakes its reader, which on a busy machine takes the core from the writer before it has read what else has come. A step that reads all that
arrived and then writes all that is due costs a quarter less than one that writes in between, and holds nothing back: no timer, no further event is waited for.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable

_log = logging.getLogger("headgate.exchange")


class Outbox:
    """Belongs to one event loop. `before` is called first of all, so that a record is in the journal before what it tells of leaves."""

    __slots__ = ("_due", "_loop", "before")

    def __init__(self, before: Callable[[], None] | None = None) -> None:
        self.before = before
        self._due: list[Outgoing] = []
        self._loop: asyncio.AbstractEventLoop | None = None

    def add(self, outgoing: "Outgoing") -> None:
        """Let a connection's bytes leave at the end of this step."""
        if not self._due:
            if self._loop is None:
                self._loop = asyncio.get_running_loop()
            self._loop.call_soon(self.leave)
        self._due.append(outgoing)

    def leave(self) -> None:
        """Send all that is due, after what must come before. A bug in `before` is logged and stops no connection: else nothing would ever leave again."""
        if self.before is not None:
            try:
                self.before()
            except Exception:  # ruff: ignore[blind-except] -- see above
                _log.exception("what comes before the bytes of a step failed")
        due, self._due = self._due, []
        for outgoing in due:
            try:
                outgoing.flush()
            except Exception:  # ruff: ignore[blind-except] -- one connection's trouble is not the others'
                _log.exception("a connection took no bytes")


class Outgoing:
    """A transport whose writes wait for the end of the step. All else passes through at once, after what was written before it; `abort` drops that."""

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
        """Hand what waits to the transport, unless that is closing: then nobody reads it."""
        pieces, self._pieces = self._pieces, []
        if not pieces or self._transport.is_closing():
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
        """Close when all is sent."""
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
