"""A serving process' part in a restart: at its beginning it may take over from the process before it, at its end it lets the next one do so.

At every moment one process takes new requests, so that what it has counted decides. The old process pauses, the new one counts all that was recorded and
begins; what the old one settles later the new one reads from the old one's journal. The supervisor says when.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from headgate.app.audit import AuditTrail
from headgate.app.checkpoints import Checkpoints
from headgate.app.http_server import HttpServer
from headgate.app.supervisor_link import Pause, Paused, PreparedToTake, Resume, ServingEnd, Take
from headgate.app.telemetry import TelemetryIngest

_LOOK_S = 0.5
_log = logging.getLogger("headgate.app")


class Duties(NamedTuple):
    """The parts of a serving process that only one process may have at work at a time. `writer` names its journal."""

    server: HttpServer
    checkpoints: Checkpoints
    telemetry: TelemetryIngest
    audit: AuditTrail
    writer: str


class HandOver:
    """Says whether this process is the one that takes new requests, and passes that on. `duties` are set before `serve` is called.

    With `waits` another process is, until the supervisor says otherwise.
    """

    duties: Duties

    def __init__(self, link: ServingEnd, *, waits: bool) -> None:
        self.in_charge = False
        self._link = link
        self._waits = waits
        self._asked: asyncio.Queue[Pause | Resume | Take] = asyncio.Queue()
        link.on_asked = self._asked.put_nowait
        self._listening: asyncio.Future[None] | None = None
        self._stopped = False

    def only(self, work: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
        """Regular work that is done only while this process takes new requests."""

        async def follow() -> None:
            if self.in_charge:
                await work()

        return follow

    async def serve(self) -> None:
        """Serve to the end: at once, or when it is this process' turn."""
        duties = self.duties
        if self._waits:
            duties.audit.moves = False
            self._link.report(PreparedToTake())
            asked = await self._turn()
            if asked is None:
                return
            await duties.checkpoints.take_over(asked.writer, asked.seq)
        else:
            duties.checkpoints.begin()
        await self._take_charge()
        self._listening = asyncio.ensure_future(self._listen())
        await duties.server.serve_clients()

    def stop(self) -> None:
        """End, served or not."""
        self._stopped = True
        self.duties.server.stop()

    async def close(self) -> None:
        """Hear nothing more."""
        if self._listening is not None:
            self._listening.cancel()

    async def _turn(self) -> Take | None:
        """When it is this process' turn; `None` if it never is."""
        while not self._stopped:
            with contextlib.suppress(TimeoutError):
                asked = await asyncio.wait_for(self._asked.get(), _LOOK_S)
                if isinstance(asked, Take):
                    return asked
        return None

    async def _listen(self) -> None:
        while True:
            asked = await self._asked.get()
            try:
                if isinstance(asked, Pause):
                    await self._pause()
                elif isinstance(asked, Resume):
                    await self._resume()
            except Exception:  # ruff: ignore[blind-except] - the supervisor hears no answer, and says `Resume`
                _log.exception("the hand-over to another serving process failed")

    async def _take_charge(self) -> None:
        self.duties.audit.moves = True
        await self.duties.telemetry.start()
        self.in_charge = True

    async def _pause(self) -> None:
        duties = self.duties
        self.in_charge = duties.audit.moves = False
        duties.server.pause()
        await duties.telemetry.close()
        self._link.report(Paused(duties.writer, await duties.checkpoints.hand_over()))

    async def _resume(self) -> None:
        self.duties.checkpoints.begin()
        await self._take_charge()
        await self.duties.server.resume()
