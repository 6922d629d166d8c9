"""The serving process' heartbeat to its supervisor: a sign every quarter of a second that the event loop runs and its regular work is done."""

import asyncio
import time

from headgate.app.options import Ready
from headgate.app.regular_work import RegularWork
from headgate.app.silence import LoopLag
from headgate.app.supervisor_link import BEAT_S, ServingEnd
from headgate.config.load import WrittenFile
from headgate.metering.exchange_counts import Buckets
from headgate.metering.metric_table import LOOP_LAG

_STILL_S = 1.0
_US = 1_000_000  # of a second
_TOLD_FOR_S = 600.0


class Heartbeat:
    """Owns the link to the supervisor. `lag` counts how late each beat was. It beats until the event loop ends: a process that hangs in its end is found too."""

    def __init__(self, link: ServingEnd, regular_work: RegularWork) -> None:
        self._link = link
        self._regular_work = regular_work
        self._lag = LoopLag(_STILL_S, _TOLD_FOR_S)
        self.lag = Buckets(LOOP_LAG, _US)
        self._due_s = 0.0

    def start(self) -> None:
        """Begin, in the running event loop."""
        loop = asyncio.get_running_loop()
        self._link.start(loop)
        self._beat(loop)

    def report(self, found: Ready | WrittenFile) -> None:
        """Say that this process serves, or which configuration it accepted."""
        self._link.report(found)

    def restarts(self) -> dict[str, int]:
        """How often each process was started again."""
        found = self._link.restarts
        return {"serving": found.serving, "flusher": found.flusher}

    def warnings(self) -> list[str]:
        """What happened to Headgate's processes within the last minutes."""
        found = []
        last_s = self._link.restarts.at_s
        if last_s and time.monotonic() - last_s < _TOLD_FOR_S:
            found.append("A process of Headgate ended by itself and was started again. The log says how.")
        blocked_s = self._lag.blocked_s(time.monotonic())
        if blocked_s:
            found.append(f"The serving process was blocked for {blocked_s:.1f} s and answered nothing.")
        return found

    def _beat(self, loop: asyncio.AbstractEventLoop) -> None:
        now_s = time.monotonic()
        self._lag.beat(now_s)
        if self._due_s:
            self.lag.observe(max(0, int((now_s - self._due_s) * _US)))
        self._due_s = now_s + BEAT_S
        if not self._regular_work.late:
            self._link.beat()
        loop.call_later(BEAT_S, self._beat, loop)
