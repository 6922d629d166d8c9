"""What the limits have counted outlives the process: restored exactly, by the clock that goes on, and written down beside the journal."""

import asyncio
import os

import pytest

from headgate.app import checkpoints
from headgate.app.checkpoints import Checkpoints
from headgate.config.paths import DataDirectory
from headgate.core.budget import BudgetMark
from headgate.core.clock import SystemClock
from headgate.exchange.declared_budgets import Budgets
from headgate.metering.spending_prices import SpendingPrices
from headgate.policy.budgets import BudgetTable, Spender
from headgate.policy.limits import CountedFor, LimitTable
from headgate.policy.reservation import Reservation, Used
from headgate.policy.wants import WantedMoney, Wants
from headgate.storage.backup.restoring import restore
from headgate.storage.backup.taking import take
from headgate.storage.journal import checkpoint
from headgate.storage.journal.journals import journals_dir, writer_dir
from headgate.storage.journal.writer import JournalWriter
from headgate.storage.state.store import open_state
from tests.fakes.backup_place import unsynced
from tests.fakes.budgets import PRICES, budget, nano, rates_of
from tests.fakes.limits import limit
from tests.fakes.ports import FakeClock
from tests.fakes.principals import user
from tests.fakes.records import QUIET, intent, outcome

PER_HOUR = LimitTable([limit("user_default", "hour", requests=5, tokens=1_000)])


BUDGETS = Budgets(BudgetTable([budget("all", usd=100.0)]), SpendingPrices(rates_of))


def estimated(input_tokens):
    """What the row of an interrupted exchange costs."""
    return round(input_tokens * PRICES["claude-opus-4-6"][0] * 1_000)


class WallAndMonotonic(FakeClock):
    """Two clocks, of which one may jump."""

    def __init__(self):
        super().__init__()
        self.jumped_s = 0.0

    def wall_ns(self):
        """Wall time."""
        return super().wall_ns() + int(self.jumped_s * 1e9)


class Machine:
    """Serving processes one after the other, over one journal."""

    def __init__(self, data_dir, clock=None, writer="0"):
        self.data_dir = str(data_dir)
        self.clock = clock or WallAndMonotonic()
        self._writer = writer
        self._asked = 0
        self.prepare()

    def prepare(self):
        """A process prepares itself."""
        self.lives = True
        self.journal = JournalWriter.open(writer_dir(self.data_dir, self._writer), QUIET, self.clock)
        self.kept = Checkpoints(self.data_dir, self._writer, self.journal, self.clock, lambda: BUDGETS)

    def begin(self):
        """A process begins."""
        self.prepare()
        self.kept.begin()

    def kill(self):
        """The process is gone, with its locks. Nothing more is written."""
        os.close(self.journal._lock_fd)
        self.lives = False

    def close(self):
        """The end of the test."""
        if self.lives:
            self.journal.close()

    def ask(self, table=PER_HOUR):
        """The decision over one request; what is let through is recorded."""
        decisions = []
        self._asked += 1
        request_id = f"req_{self._writer}_{self._asked}"
        counts = table.counts("opus", CountedFor(user("ada"), "t", "", {}))
        shares = BUDGETS.table.shares(Spender(user("ada"), "opus"))
        self.kept.store.reserve(
            Wants(request_id, counts, 30, 10, 10, WantedMoney(shares, [nano(1)] * len(shares), self.clock.wall_ns())), decisions.append
        )
        decision = decisions[0]
        if isinstance(decision, Reservation):
            begun = intent(request_id, reserved=decision.reserved, budgets=(BudgetMark("all"),))
            self.journal.intent(begun)
            self.kept.store.begin(begun)
        return decision

    def settle(self, reservation, used):
        """The exchange has ended."""
        settled = self.kept.store.settle(reservation, Used(1, *used, (nano(2),)))
        begun = intent(reservation.request_id, reserved=reservation.reserved, budgets=(BudgetMark("all"),))
        self.journal.outcome(outcome(reservation.request_id, intent=begun, settled=settled))

    def write(self):
        """A checkpoint."""
        asyncio.run(self.kept.close())

    def used(self, table=PER_HOUR):
        """Requests and tokens that are counted."""
        dumped = self.kept.store.dump()
        parts = next(iter(dumped.limits.values()), [])
        return sum(parts[1::4]), sum(parts[2::4]) + sum(parts[3::4])


@pytest.fixture
def machine(tmp_path):
    """With a first process."""
    machine = Machine(tmp_path)
    machine.kept.begin()
    yield machine
    machine.close()


@pytest.fixture
def after(machine):
    """A process that is about to take over from the one of the machine."""
    after = Machine(machine.data_dir, machine.clock, "1")
    yield after
    after.close()


def hand_over(machine, after):
    """The restart's one moment."""
    asyncio.run(after.kept.take_over("0", asyncio.run(machine.kept.hand_over())))


def test_a_killed_process_forgets_and_doubles_nothing(machine):
    """What the checkpoint contains, what ended and began after it, and what was under way: one request, with its estimated input."""
    begun = [machine.ask() for _ in range(2)]
    machine.write()
    machine.settle(begun[0], (500, 100))
    third = machine.ask()
    machine.settle(third, (1, 2))
    machine.ask()
    machine.kill()
    machine.begin()

    assert machine.used() == (4, 600 + 30 + 3 + 30)
    [state] = machine.kept.store.budget_states(BUDGETS.table)
    assert (state.spent, state.used) == (nano(4) + 2 * estimated(100), nano(4) + 2 * estimated(100))
    assert [isinstance(machine.ask(), Reservation) for _ in range(2)] == [True, False]


@pytest.mark.parametrize("checkpoints_between", [0, 1])
def test_several_starts_without_a_checkpoint(machine, checkpoints_between):
    """Each start goes on from what all processes before it have recorded."""
    for _ in range(3):
        machine.ask()
        for _ in range(checkpoints_between):
            machine.write()
        machine.kill()
        machine.begin()

    assert machine.used() == (3, 90)


def test_requests_of_the_first_moment_are_not_forgotten(machine):
    """The first process has a checkpoint before it serves."""
    machine.ask()
    machine.kill()
    machine.begin()

    assert machine.used()[0] == 1


@pytest.mark.parametrize("jumped_s", [0.0, 86_400.0, -86_400.0])
def test_on_the_same_machine_the_monotonic_clock_goes_on(machine, jumped_s):
    """Whatever is done to the wall clock, a request counts for its hour and a minute at most."""
    machine.ask()
    machine.write()
    machine.clock.now_s += 3_500
    machine.clock.jumped_s = jumped_s
    machine.kill()
    machine.begin()

    assert machine.used()[0] == 1
    machine.clock.now_s += 90
    assert machine.used()[0] == 1
    machine.clock.now_s += 71
    machine.ask()
    assert machine.used()[0] == 1


@pytest.mark.parametrize(("jumped_s", "counts"), [(0.0, True), (-86_400.0, True), (3_700.0, False)])
def test_after_a_start_of_the_machine_the_wall_clock_says_how_long_it_was_off(machine, monkeypatch, jumped_s, counts):
    """One that was put back counts as no time at all."""
    machine.ask()
    machine.write()
    machine.kill()
    monkeypatch.setattr(checkpoint, "boot_id", lambda: "another")
    machine.clock.jumped_s = jumped_s + machine.clock.now_s + 60
    machine.clock.now_s = 5.0
    machine.begin()
    machine.ask()

    assert machine.used()[0] == 1 + counts


def test_time_never_goes_back_behind_a_record(machine, monkeypatch):
    """What was recorded after the checkpoint is not in the future of the next process."""
    machine.write()
    machine.clock.now_s += 30
    machine.ask()
    machine.kill()
    monkeypatch.setattr(checkpoint, "boot_id", lambda: "another")
    machine.clock.jumped_s = -86_400.0
    machine.clock.now_s = 5.0
    machine.begin()
    machine.clock.now_s += 3_661
    machine.ask()

    assert machine.used()[0] == 1


def test_it_is_written_every_few_seconds_if_there_is_anything_new(machine, monkeypatch):
    """Not before it is due, and not for nothing."""
    written = []
    real = checkpoint.write_checkpoint
    monkeypatch.setattr(checkpoints.checkpoint, "write_checkpoint", lambda *given: (written.append(machine.journal.position()), real(*given)))
    for _ in range(3):
        machine.ask()
        asyncio.run(machine.kept.follow())
        machine.clock.now_s += 3
    asyncio.run(machine.kept.follow())
    machine.clock.now_s += 30
    asyncio.run(machine.kept.follow())

    assert len(written) == 2
    assert checkpoint.checkpointed_seq(machine.data_dir, "0") == written[-1] == machine.journal.position()


def test_a_start_does_not_fail_for_want_of_a_first_checkpoint(machine, monkeypatch, caplog):
    """It is tried again while the process serves."""
    os.unlink(os.path.join(journals_dir(machine.data_dir), checkpoint.CHECKPOINT_FILE))
    with monkeypatch.context() as patched:
        patched.setattr(checkpoint.journal_dir, "write_durably", full)
        machine.kill()
        machine.begin()
    assert "cannot be written down yet" in caplog.text
    machine.write()

    assert checkpoint.checkpointed_seq(machine.data_dir, "0") == machine.journal.position()


def full(path, data):
    """The disk has no space."""
    raise OSError(28, "No space left on device")


def test_a_disk_that_takes_no_records_has_no_checkpoint(machine, monkeypatch):
    """It would contain what the journal does not."""
    machine.write()
    before = checkpoint.checkpointed_seq(machine.data_dir, "0")
    machine.journal._end.unwritten.append(b"an outcome")
    machine.write()
    machine.journal._end.unwritten.clear()

    assert checkpoint.checkpointed_seq(machine.data_dir, "0") == before


def test_a_process_that_takes_over_knows_all_that_was_begun_and_ended_before(machine):
    """What its predecessor recorded while it prepared itself is counted when it takes over; money that is reserved there is reserved here."""
    machine.ask()
    after = Machine(machine.data_dir, machine.clock, "1")
    machine.settle(machine.ask(), (500, 100))
    hand_over(machine, after)
    [state] = after.kept.store.budget_states(BUDGETS.table)
    after.journal.close()

    assert after.used() == (2, 600 + 40)
    assert (state.spent, state.used) == (nano(2), nano(3))


def test_what_the_old_process_settles_after_the_hand_over_counts_in_the_new_one(machine, after):
    """And what it began of the requests that it still read; when it ends, nothing is left reserved."""
    begun = machine.ask()
    hand_over(machine, after)
    own = after.ask()
    late = machine.ask()
    machine.settle(begun, (100, 7))
    machine.settle(late, (100, 7))
    asyncio.run(after.kept.follow())
    after.settle(own, (1, 1))
    [state] = after.kept.store.budget_states(BUDGETS.table)

    assert after.used() == (3, 107 + 107 + 2)
    assert (state.spent, state.used) == (nano(6), nano(6))


def test_a_replaced_process_that_is_killed_leaves_interrupted_exchanges(machine, after):
    """They count by their estimate from then on, as their rows do."""
    machine.ask()
    hand_over(machine, after)
    machine.kill()
    asyncio.run(after.kept.follow())
    [state] = after.kept.store.budget_states(BUDGETS.table)

    assert after.used() == (1, 30)
    assert (state.spent, state.used) == (estimated(100), estimated(100))


@pytest.mark.parametrize("ends", [False, True])
def test_a_process_that_replaces_two_counts_both_and_neither_twice(machine, after, ends):
    """The new one was killed while the old one still finished its answers: its successor goes on with the records of both, from one checkpoint."""
    begun, settled = machine.ask(), machine.ask()
    hand_over(machine, after)
    after.ask()
    asyncio.run(after.kept.follow())
    machine.settle(settled, (50, 0))
    after.ask()
    after.kill()
    if ends:
        machine.settle(begun, (60, 0))
        machine.kill()
    third = Machine(machine.data_dir, machine.clock, "1")
    third.kept.begin()
    at_start = third.used()
    if not ends:
        machine.settle(begun, (60, 0))
    asyncio.run(third.kept.follow())
    third.journal.close()

    assert at_start == (4, 50 + 30 + 30 + (60 if ends else 40))
    assert third.used() == (4, 50 + 30 + 30 + 60)


def test_only_the_process_that_takes_new_requests_writes_the_checkpoint(machine, after):
    """The other one's would not contain what this one has counted. After a hand-over that failed, the old one writes on."""
    written = [checkpoint.read_checkpoint(machine.data_dir)]
    for one, act in ((after, "close"), (machine, "hand_over"), (machine, "close"), (machine, "begin"), (machine, "close")):
        machine.ask()
        done = getattr(one.kept, act)()
        if done is not None:
            asyncio.run(done)
        written.append(checkpoint.read_checkpoint(machine.data_dir))

    assert written[:5] == written[:1] * 5
    assert written[5] != written[0]


def test_a_hand_over_fails_where_the_journal_does_not_take_records(machine):
    """The next process could not know of them."""
    machine.journal._end.unwritten.append(b"an outcome")
    with pytest.raises(OSError, match="cannot be written"):
        asyncio.run(machine.kept.hand_over())
    machine.journal._end.unwritten.clear()


def test_a_backup_has_what_was_counted(machine, tmp_path, monkeypatch):
    """Restored elsewhere, a process goes on with the counts of the one that was backed up: its checkpoint, what came after, and what was under way."""
    unsynced(monkeypatch)
    open_state(DataDirectory(tmp_path))[0].close()
    settled = machine.ask()
    machine.write()
    machine.settle(settled, (500, 100))
    machine.ask()
    take(DataDirectory(tmp_path), str(tmp_path.parent / f"{tmp_path.name}-backup"), SystemClock())
    restore(str(tmp_path.parent / f"{tmp_path.name}-backup"), DataDirectory(tmp_path.parent / f"{tmp_path.name}-restored"), SystemClock())
    again = Machine(tmp_path.parent / f"{tmp_path.name}-restored", machine.clock)
    try:
        assert again.used() == (2, 600 + 30)
    finally:
        again.close()
