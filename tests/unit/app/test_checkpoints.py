"""What the limits have counted outlives the process: restored exactly, by the clock that goes on, and written down beside the journal."""

import asyncio
import os

import pytest

from headgate.app import checkpoints
from headgate.app.checkpoints import Checkpoints
from headgate.core.budget import BudgetMark
from headgate.exchange.budgeting import Budgets
from headgate.metering.spending_prices import SpendingPrices
from headgate.policy.budgets import BudgetTable, Spender
from headgate.policy.limits import CountedFor, LimitTable
from headgate.policy.reservations import Reservation, Used
from headgate.policy.wants import Wants
from headgate.storage.journal import checkpoint
from headgate.storage.journal.writer import JournalWriter
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

    def __init__(self, directory):
        self.directory = str(directory)
        self.clock = WallAndMonotonic()
        self._asked = 0
        self.begin()

    def begin(self):
        """A process begins."""
        self.journal = JournalWriter.open(self.directory, QUIET, self.clock)
        self.kept = Checkpoints(self.directory, self.journal, self.clock, BUDGETS)

    def kill(self):
        """The process is gone, with its locks. Nothing more is written."""
        os.close(self.journal._lock_fd)

    def ask(self, table=PER_HOUR):
        """The decision over one request; what is let through is recorded."""
        decisions = []
        self._asked += 1
        request_id = f"req_{self._asked}"
        counts = table.counts("opus", CountedFor(user("ada"), "t", "", {}))
        money = [(share, nano(1)) for share in BUDGETS.table.shares(Spender(user("ada"), "opus"))]
        self.kept.store.reserve(Wants(request_id, counts, 30, 10, 10, money, self.clock.wall_ns()), decisions.append)
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
    yield machine
    machine.journal.close()


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
    monkeypatch.setattr(checkpoints.checkpoint, "write_checkpoint", lambda *given: (written.append(given[1]), real(*given)))
    for _ in range(3):
        machine.ask()
        asyncio.run(machine.kept.follow())
        machine.clock.now_s += 3
    asyncio.run(machine.kept.follow())
    machine.clock.now_s += 30
    asyncio.run(machine.kept.follow())

    assert len(written) == 2
    assert checkpoint.checkpoint_seq(machine.directory) == written[-1] == machine.journal.position()


def test_a_start_does_not_fail_for_want_of_a_first_checkpoint(machine, monkeypatch, caplog):
    """It is tried again while the process serves."""
    os.unlink(os.path.join(machine.directory, "checkpoint"))
    with monkeypatch.context() as patched:
        patched.setattr(checkpoint.journal_dir, "write_durably", full)
        machine.kill()
        machine.begin()
    assert "cannot be written down yet" in caplog.text
    machine.write()

    assert checkpoint.checkpoint_seq(machine.directory) == machine.journal.position()


def full(path, data):
    """The disk has no space."""
    raise OSError(28, "No space left on device")


def test_a_disk_that_takes_no_records_has_no_checkpoint(machine, monkeypatch):
    """It would contain what the journal does not."""
    machine.write()
    before = checkpoint.checkpoint_seq(machine.directory)
    machine.journal._end.unwritten.append(b"an outcome")
    machine.write()
    machine.journal._end.unwritten.clear()

    assert checkpoint.checkpoint_seq(machine.directory) == before
