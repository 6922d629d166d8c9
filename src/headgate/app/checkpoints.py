"""What limits and budgets have counted, over the end of a process: read back before the first request is served, and written down every few seconds meanwhile.

It counts nothing. The copy is made in the event loop between two of its steps, and written to the disk beside it.
"""

import asyncio
import logging
import math
import threading

from headgate.core.clock import Clock
from headgate.core.record import Intent
from headgate.exchange.admission import MemoryReservations
from headgate.exchange.budgeting import Budgets, spent
from headgate.policy.replay import Replay, Spent
from headgate.policy.reservations import ReservationsDump
from headgate.storage.journal import checkpoint
from headgate.storage.journal.fold import interrupted
from headgate.storage.journal.writer import JournalWriter

_EVERY_S = 5.0
_SHARE = 0.005  # of the event loop's time that the copies may take
_LOG = logging.getLogger(__name__)


class Checkpoints:
    """Owns the reservations of the serving process, and their checkpoint beside its journal. `store` is what exchanges ask."""

    def __init__(self, directory: str, journal: JournalWriter, clock: Clock, budgets: Budgets | None) -> None:
        self.store = restored(directory, clock, budgets)
        self._directory = directory
        self._journal = journal
        self._clock = clock
        self._lock = threading.Lock()  # held while a checkpoint is written
        self._seq = 0  # the last record that the latest checkpoint contains
        self._due_s = 0.0
        if checkpoint.checkpoint_seq(directory) is None:
            self._write_first()

    async def follow(self) -> None:
        """Write a checkpoint if one is due and anything was recorded since the latest. Raises `OSError`."""
        if self._clock.monotonic_s() >= self._due_s:
            await self._copy()

    async def close(self) -> None:
        """Write the last checkpoint, if anything was recorded since the latest. Raises `OSError`."""
        await self._copy()

    async def _copy(self) -> None:
        seq = self._journal.position()
        if seq is None or seq == self._seq:
            return
        begun_s = self._clock.monotonic_s()
        encoded = self._encoded(seq)
        now_s = self._clock.monotonic_s()
        self._due_s = now_s + max(_EVERY_S, (now_s - begun_s) / _SHARE)
        await asyncio.to_thread(self._write, seq, encoded)

    def _write_first(self) -> None:
        """From now on there is one, so that a start does not have to read records of a time without limits."""
        seq = self._journal.position()
        if seq is not None:
            try:
                self._write(seq, self._encoded(seq))
            except OSError as error:
                _LOG.warning("what limits and budgets count cannot be written down yet: %s", error)

    def _encoded(self, seq: int) -> bytes:
        return checkpoint.encode(checkpoint.checkpoint_of(self.store.dump(), seq, self._clock))

    def _write(self, seq: int, encoded: bytes) -> None:
        with self._lock:  # at the end of the process, an earlier one may still be on its way to the disk
            if seq > self._seq:
                checkpoint.write_checkpoint(self._directory, seq, encoded)
                self._seq = seq


def restored(directory: str, clock: Clock, budgets: Budgets | None) -> MemoryReservations:
    """The reservations of the processes before this one. Exchanges that were under way then were interrupted.

    Their time goes on from the checkpoint's: by the monotonic clock where it is the same one, else by the wall clock, but never back.
    """
    found = checkpoint.read_checkpoint(directory)
    now_s = clock.wall_ns() / 1e9

    def cost(intent: Intent) -> Spent:
        return () if budgets is None else spent(budgets, interrupted(intent, clock.wall_ns()))

    replay = Replay(ReservationsDump(-math.inf) if found is None else found.reservations, None if budgets is None else budgets.table, cost)
    if found is not None:
        checkpoint.replay_records(directory, found.seq, replay)
        replay.interrupt()
        if found.wall_ns:
            now_s = found.reservations.at_s + _elapsed_s(found, clock)
    now_s = replay.reservations.advance(now_s)
    return MemoryReservations(clock, replay.reservations, now_s - clock.monotonic_s())


def _elapsed_s(found: checkpoint.Checkpoint, clock: Clock) -> float:
    if found.boot and found.boot == checkpoint.boot_id():
        return clock.monotonic_s() - found.monotonic_s
    return max(0.0, (clock.wall_ns() - found.wall_ns) / 1e9)
