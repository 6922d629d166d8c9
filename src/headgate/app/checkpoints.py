"""What limits and budgets have counted, over the end of a process: read back before the first request is served, and written down every few seconds meanwhile.

At a restart the process before this one still settles its open exchanges. They are read from its journal until it ends, so that they count here too.
It counts nothing. The copy is made in the event loop between two of its steps, and written to the disk beside it.
"""

import asyncio
import logging
import math
from collections.abc import Callable
from typing import NamedTuple

import msgspec

from headgate.core.clock import Clock
from headgate.core.record import Intent
from headgate.exchange.budgeting import spent
from headgate.exchange.declared_budgets import Budgets
from headgate.exchange.reservation_store import MemoryReservations
from headgate.policy.replay import Replay, Spent
from headgate.policy.reservations_dump import ReservationsDump
from headgate.storage.journal import checkpoint, journal_dir
from headgate.storage.journal.checkpoint import Records, Written
from headgate.storage.journal.fold import interrupted
from headgate.storage.journal.journals import writer_dir
from headgate.storage.journal.writer import JournalWriter

_EVERY_S = 5.0
_SHARE = 0.005  # of the event loop's time that the copies may take
_CATCH_UP_S = 5.0
_LOG = logging.getLogger(__name__)

BudgetsNow = Callable[[], Budgets | None]


class OtherWriter:
    """The counts of another process' exchanges, as far as its journal was read. `ended`: it writes no more, and nothing of it is under way."""

    def __init__(self, data_dir: str, name: str, seq: int, replay: Replay) -> None:
        self.name = name
        self.replay = replay
        self.seq = seq
        self.ended = False
        self._directory = writer_dir(data_dir, name)

    def read(self) -> tuple[Records, bool]:
        """What is new, and whether more can come. For any thread."""
        lives = journal_dir.writer_is_alive(self._directory)  # before the records: a dead writer's are complete
        return checkpoint.read_records(self._directory, self.seq), lives

    def count(self, found: Records, *, lives: bool) -> None:
        """Count what was read."""
        for record in found.records:
            if record is None:
                self.replay.interrupt()
            elif isinstance(record, Intent):
                self.replay.intent(record)
            else:
                self.replay.outcome(record)
        self.seq = found.seq
        self.ended = not lives
        if self.ended:
            self.replay.interrupt()

    @property
    def written(self) -> Written:
        """What a checkpoint of this moment contains of it."""
        return Written(self.seq, list(self.replay.open))


class RestoredCounts(NamedTuple):
    """The reservations of all processes so far, and the other writers."""

    store: MemoryReservations
    others: list[OtherWriter]


class Checkpoints:
    """Owns the reservations of a serving process, and the checkpoint beside the journals while it is the one that takes new requests.

    `store` is what exchanges ask. `writer` names the journal of this process.
    """

    def __init__(self, data_dir: str, writer: str, journal: JournalWriter, clock: Clock, budgets: BudgetsNow) -> None:
        self._data_dir = data_dir
        self._writer = writer
        self._journal = journal
        self._clock = clock
        self._budgets = budgets
        self.store, self._others = restored(data_dir, clock, budgets, own=writer)
        self._turn = asyncio.Lock()  # for reading other journals, and for writing
        self._writes = False
        self._contained: dict[str, int] = {}  # by writer, the last record that the latest checkpoint contains
        self._due_s = 0.0

    def begin(self) -> None:
        """Write checkpoints from now on. From the first one on, a start does not have to read records of a time without limits."""
        self._writes = True
        if self._journal.position() is not None and not checkpoint.has_checkpoint(self._data_dir):
            try:
                self._write(self._encoded())
            except OSError as error:
                _LOG.warning("what limits and budgets count cannot be written down yet: %s", error)

    async def follow(self) -> None:
        """Count what other processes have recorded, and write a checkpoint if one is due and anything is new. Raises `OSError`."""
        async with self._turn:
            await self._read_others()
            if self._writes and self._clock.monotonic_s() >= self._due_s:
                await self._copy()

    async def take_over(self, writer: str, seq: int) -> None:
        """Go on from another process, which has begun its last exchange: count its records up to that number, then write checkpoints in its place."""
        async with self._turn, asyncio.timeout(_CATCH_UP_S):
            while any(each.name == writer and each.seq < seq and not each.ended for each in self._others):
                await self._read_others()
        self._due_s = 0.0
        self.begin()

    async def hand_over(self) -> int:
        """Write no more checkpoints; another process does. Returns the number of the latest record. Raises `OSError` where the disk does not take it."""
        async with self._turn:
            self._writes = False
            seq = self._journal.position()
        if seq is None:
            raise OSError(self._journal.trouble or "the journal cannot be written")
        return seq

    async def close(self) -> None:
        """Write the last checkpoint, if anything was recorded since the latest. Raises `OSError`."""
        async with self._turn:
            if self._writes:
                await self._copy()

    async def _read_others(self) -> None:
        budgets = self._budgets()
        for each in self._others:
            if not each.ended:
                each.replay.budgets = None if budgets is None else budgets.table
                found, lives = await asyncio.to_thread(each.read)
                each.count(found, lives=lives)

    async def _copy(self) -> None:
        seq = self._journal.position()
        if seq is None:
            return
        contained = {self._writer: seq, **{each.name: each.seq for each in self._others}}
        if contained == self._contained:
            return
        begun_s = self._clock.monotonic_s()
        encoded = self._encoded()
        now_s = self._clock.monotonic_s()
        self._due_s = now_s + max(_EVERY_S, (now_s - begun_s) / _SHARE)
        await asyncio.to_thread(self._write, encoded)
        self._contained = contained

    def _encoded(self) -> bytes:
        dump = self.store.dump()
        own = Written(self._journal.position() or 0, list(dump.open))
        everywhere = {**dump.open, **{request_id: intent for each in self._others for request_id, intent in each.replay.open.items()}}
        writers = {each.name: each.written for each in self._others} | {self._writer: own}
        return checkpoint.encode(checkpoint.checkpoint_of(msgspec.structs.replace(dump, open=everywhere), writers, self._clock))

    def _write(self, encoded: bytes) -> None:
        checkpoint.write_checkpoint(self._data_dir, encoded)


def restored(data_dir: str, clock: Clock, budgets: BudgetsNow, own: str = "") -> RestoredCounts:
    """The reservations of the processes before this one. Exchanges of those that have died were interrupted.

    Their time goes on from the checkpoint's: by the monotonic clock where it is the same one, else by the wall clock, but never back. `own` is the journal
    that this process has taken: whatever is under way in it was interrupted.
    """
    found = checkpoint.read_checkpoint(data_dir)
    now_s = clock.wall_ns() / 1e9

    def cost(intent: Intent) -> Spent:
        declared = budgets()
        return () if declared is None else spent(declared, interrupted(intent, clock.wall_ns()))

    declared = budgets()
    replay = Replay(ReservationsDump(-math.inf) if found is None else found.reservations, None if declared is None else declared.table, cost)
    others = []
    for name in checkpoint.counted_writers(data_dir):
        written = Written(0) if found is None else found.writers.get(name, Written(0))
        other = OtherWriter(data_dir, name, written.seq, replay.of_writer(written.open))
        records, lives = other.read()
        other.count(records if found is not None else Records([], records.seq), lives=lives and name != own)
        if name != own:
            others.append(other)
    replay.interrupt()  # of a journal that is gone
    if found is not None and found.wall_ns:
        now_s = found.reservations.at_s + _elapsed_s(found, clock)
    now_s = replay.reservations.advance(now_s)
    return RestoredCounts(MemoryReservations(clock, replay.reservations, now_s - clock.monotonic_s()), others)


def _elapsed_s(found: checkpoint.Checkpoint, clock: Clock) -> float:
    if found.boot and found.boot == checkpoint.boot_id():
        return clock.monotonic_s() - found.monotonic_s
    return max(0.0, (clock.wall_ns() - found.wall_ns) / 1e9)
