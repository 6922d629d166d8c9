"""What a checkpoint has of all that is reserved and used."""

import msgspec

from headgate.policy.budget_states import CountRecord
from headgate.policy.limits import CountedFor, LimitTable
from headgate.policy.reservation import Used
from headgate.policy.reservations import Reservations
from headgate.policy.reservations_dump import ReservationsDump
from headgate.policy.wants import WantedMoney, Wants
from tests.fakes.budgets import at_ns, budget, nano, shares
from tests.fakes.limits import limit
from tests.fakes.principals import user

NOON = at_ns("2026-11-18T12:00")


def test_it_is_read_as_it_was_written():
    """The parts of each window and the money of each count come back."""
    reservations = Reservations()
    counts = LimitTable([limit(tokens=500)]).counts("opus", CountedFor(user("ada"), "tok_1", "codex", {}))
    reserved = reservations.reserve(Wants("req_1", counts, 40, 20, 90, WantedMoney(shares(budget("a", usd=5)), [nano(1)], NOON)), 100.0)
    reservations.settle(reserved, Used(1, 40, 20, (nano(2),)), 100.0)
    dumped = reservations.dump(101.0)

    assert msgspec.msgpack.decode(msgspec.msgpack.encode(dumped), type=ReservationsDump) == dumped
    assert (dumped.at_s, dumped.open, list(dumped.limits.values())) == (101.0, {}, [[100, 1, 40, 20]])
    assert [(type(each), each.name, each.spent) for each in dumped.budgets] == [(CountRecord, "a", nano(2))]
