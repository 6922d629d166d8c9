"""What another process had reserved and used goes on: from a dump and the records behind it, exactly."""

import msgspec

from headgate.core.budget import BudgetMark
from headgate.policy.budgets import BudgetTable, Spender
from headgate.policy.limit_denial import LimitDenial
from headgate.policy.limits import CountedFor, LimitTable
from headgate.policy.replay import Replay
from headgate.policy.reservation import NOTHING, Reservation, Used
from headgate.policy.reservations import Reservations
from headgate.policy.reservations_dump import ReservationsDump
from headgate.policy.wants import WantedMoney, Wants
from tests.fakes.budgets import at_ns, budget, nano
from tests.fakes.limits import limit
from tests.fakes.principals import user
from tests.fakes.records import intent, outcome

LIMITS = LimitTable([limit(tokens=1_000, concurrent=4)])
BUDGETS = BudgetTable([budget("ada's", usd=50.0), budget("team", usd=90.0, per_user=True)])
NOON = at_ns("2026-11-30T12:00:00")


class Before:
    """A process that is killed: what it dumped, and the records behind that."""

    def __init__(self):
        self.reservations = Reservations()
        self.dumped = b""
        self.records = []
        self._asked = 0

    def ask(self, second):
        """Reserve for a request of one principal, and record it."""
        self._asked += 1
        request_id = f"req_{self._asked}"
        counts = LIMITS.counts("opus", CountedFor(user("ada"), "t", "", {}))
        shares = BUDGETS.shares(Spender(user("ada"), "opus"))
        reservation = self.reservations.reserve(Wants(request_id, counts, 40, 20, 20, WantedMoney(shares, [nano(1)] * len(shares), NOON)), second)
        assert isinstance(reservation, Reservation)
        marks = tuple(BudgetMark(held.share.allowance.budget.name, held.share.value) for held in reservation.money)
        begun = intent(request_id, requester="ada", reserved=reservation.reserved, budgets=marks)
        self.reservations.begin(begun)
        self.records.append(begun)
        return reservation, begun

    def settle(self, asked, second, used):
        """Settle it, and record that."""
        reservation, begun = asked
        self.records.append(outcome(begun.request_id, intent=begun, settled=self.reservations.settle(reservation, used, second)))

    def dump(self, second):
        """Begin anew with the records."""
        self.dumped = msgspec.msgpack.encode(self.reservations.dump(second))
        self.records = []

    def replayed(self, budgets=BUDGETS):
        """What the next process knows; an interrupted exchange costs a quarter of a dollar."""
        replay = Replay(
            msgspec.msgpack.decode(self.dumped, type=ReservationsDump), budgets, lambda begun: [(mark.name, nano(0.25)) for mark in begun.budgets]
        )
        for record in self.records:
            (replay.intent if hasattr(record, "request_id") else replay.outcome)(record)
        return replay


def before():
    """One exchange is dumped and then ends, one is dumped and stays, one begins and ends, one begins, one is never sent."""
    process = Before()
    asked = [process.ask(second) for second in (1, 2)]
    process.dump(3)
    process.settle(asked[0], 4, Used(1, 50, 5, (nano(2), nano(2))))
    process.settle(process.ask(4), 5, Used(1, 7, 8, (nano(1), nano(1))))
    process.ask(5)
    process.settle(process.ask(6), 7, NOTHING)
    return process


def test_it_knows_what_the_process_before_it_knew():
    """But for what was under way: that has its estimated input, no output, and what its row costs."""
    process = before()
    replay = process.replayed()
    replay.interrupt()
    known, expected = replay.reservations.dump(7), process.reservations.dump(7)

    assert [sum(parts[field::4]) for parts in known.limits.values() for field in (1, 2, 3)] == [4, 50 + 40 + 7 + 40, 5 + 8]
    assert [sum(parts[field::4]) for parts in expected.limits.values() for field in (1, 2, 3)] == [4, 50 + 40 + 7 + 40, 5 + 20 + 8 + 20]
    assert {record.name: record.spent for record in expected.budgets} == {"ada's": nano(3), "team": nano(3)}
    assert {record.name: record.spent for record in known.budgets} == {"ada's": nano(3.5), "team": nano(3.5)}
    assert {(record.name, record.value, record.who) for record in known.budgets} == {("ada's", "", ""), ("team", "usr_ada", "ada")}
    assert known.open == {}


def test_nothing_is_under_way_afterwards():
    """All places of the limit are free, and no money is reserved."""
    replay = before().replayed()
    replay.interrupt()
    counts = LIMITS.counts("opus", CountedFor(user("ada"), "t", "", {}))
    decisions = [replay.reservations.reserve(Wants(f"again_{number}", counts), 8) for number in range(5)]

    assert [isinstance(decision, Reservation) for decision in decisions] == [True, True, True, True, False]
    assert isinstance(decisions[-1], LimitDenial)
    assert decisions[-1].measure == "concurrent"
    assert all(state.spent == state.used for state in replay.reservations.budgets.states(BUDGETS, NOON, user("ada")))


def test_a_start_in_between_interrupts_what_was_open():
    """What ends afterwards is not counted again."""
    process = Before()
    process.dump(0)
    asked = process.ask(1)
    replay = process.replayed()
    replay.interrupt()
    replay.outcome(outcome("req_1", intent=asked[1], settled=process.reservations.settle(asked[0], Used(1, 500, 500), 2)))

    assert list(replay.reservations.dump(3).limits.values()) == [[1, 1, 40, 0]]


def test_a_budget_that_is_no_more_is_not_counted():
    """Nor does it stop the start."""
    replay = before().replayed(BudgetTable([budget("team", per_user=True)]))
    replay.interrupt()
    assert [record.name for record in replay.reservations.dump(9).budgets] == ["team"]

    replay = before().replayed(None)
    replay.interrupt()
    assert replay.reservations.dump(9).budgets == []


def test_what_nothing_limits_is_not_counted():
    """Neither its beginning nor its end."""
    replay = Replay(ReservationsDump(1_000.0), None, lambda _: ())
    replay.intent(intent("req_1"))
    replay.outcome(outcome("req_1"))

    assert replay.reservations.dump(10) == ReservationsDump(1_000.0)
