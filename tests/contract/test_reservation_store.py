"""What every store of reservations promises to the exchanges: one that decides at once, and one that decides in a later step."""

import pytest

from headgate.exchange.reservation_store import MemoryReservations
from headgate.policy.limit_denial import LimitDenial
from headgate.policy.limits import CountedFor, LimitTable
from headgate.policy.reservation import NOTHING, Reservation, Used
from headgate.policy.wants import Wants
from tests.fakes.limits import LateReservations, limit
from tests.fakes.ports import FakeClock
from tests.fakes.principals import user


class Asked:
    """A store with a clock, and what it decided so far."""

    def __init__(self, kind):
        self.clock = FakeClock()
        self.store = kind(self.clock)
        self.decisions = []

    def ask(self, *limits, **tags):
        """Ask, and wait for the decision."""
        counts = LimitTable(limits).counts("opus", CountedFor(user("ada"), "tok_1", "codex", tags))
        self.store.reserve(Wants("req_1", counts, 30, 10, 50), self.decisions.append)
        if isinstance(self.store, LateReservations):
            self.store.answer()
        return self.decisions[-1]


@pytest.fixture(params=[MemoryReservations, LateReservations], ids=["at once", "later"])
def asked(request):
    """Each store in turn."""
    return Asked(request.param)


def test_each_question_has_one_decision(asked):
    """A reservation as long as there is room, then a denial that says when there is."""
    decisions = [asked.ask(limit(requests=2)) for _ in range(3)]

    assert [type(decision) for decision in decisions] == [Reservation, Reservation, LimitDenial]
    assert len(asked.decisions) == 3
    asked.clock.now_s += decisions[-1].wait_s
    assert isinstance(asked.ask(limit(requests=2)), Reservation)


def test_a_denial_is_exact(asked):
    """A moment earlier there is no room, at that moment there is."""
    asked.clock.now_s = 12.5
    asked.ask(limit(tokens=40))
    denial = asked.ask(limit(tokens=40))
    asked.clock.now_s += denial.wait_s - 0.01
    assert isinstance(asked.ask(limit(tokens=40)), LimitDenial)
    asked.clock.now_s += 0.02

    assert isinstance(asked.ask(limit(tokens=40)), Reservation)


def test_it_is_all_or_nothing(asked):
    """What one count refuses leaves the others as they were."""
    asked.ask(limit("token", requests=1), limit(requests=2))
    for _ in range(5):
        assert isinstance(asked.ask(limit("token", requests=1), limit(requests=2)), LimitDenial)

    assert isinstance(asked.ask(limit(requests=2)), Reservation)


def test_a_settlement_replaces_the_reservation(asked):
    """By what was used, or by nothing."""
    asked.store.settle(asked.ask(limit(tokens=100)), Used(1, 5, 5))
    asked.store.settle(asked.ask(limit(tokens=100)), NOTHING)

    assert [type(asked.ask(limit(tokens=100))) for _ in range(3)] == [Reservation, Reservation, LimitDenial]


def test_time_passes_without_a_question(asked):
    """Ticks forget nothing that counts."""
    asked.ask(limit(requests=1))
    for _ in range(5):
        asked.store.tick()

    assert isinstance(asked.ask(limit(requests=1)), LimitDenial)


def test_what_is_used_of_a_limit_is_seen(asked):
    """By the keys of its counts."""
    one = limit("user_default", requests=9)
    for _ in range(2):
        asked.ask(one)
    key = LimitTable([one]).shared[one.id].key
    assert [used[0] for used in asked.store.used_of_limits({key}).values()] == [2]
    assert dict(asked.store.used_of_limits({b"other!"})) == {}
