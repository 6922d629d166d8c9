"""What is reserved for one request, and what it used in the end."""

from headgate.policy.limits import CountedFor, LimitTable
from headgate.policy.reservation import NOTHING, Reservation, Used
from headgate.policy.reservations import Reservations
from headgate.policy.wants import WantedMoney, Wants
from tests.fakes.budgets import at_ns, budget, nano, shares
from tests.fakes.limits import limit
from tests.fakes.principals import user

NOON = at_ns("2026-11-18T12:00")


def test_the_record_of_a_reservation_has_all_that_it_holds():
    """The keys of its counts with the output of each, its input, and the money of each budget; and of the settlement what it used."""
    table, reservations = LimitTable([limit(tokens=500), limit("token", hard=True, tokens=500)]), Reservations()
    counts, money = table.counts("opus", CountedFor(user("ada"), "tok_1", "codex", {})), shares(budget("a", usd=5), budget("b", usd=9))
    reserved = reservations.reserve(Wants("req_1", counts, 40, 20, 90, WantedMoney(money, [nano(1), nano(2)], NOON)), 100.5)
    assert isinstance(reserved, Reservation)
    record = reserved.reserved
    assert (record.at_s, record.at_ns, record.input_tokens, record.money) == (100.5, NOON, 40, (("a", nano(1)), ("b", nano(2))))
    assert sorted(output for _, output in record.counts) == [20, 90]
    assert [window.key for window, _ in reserved.room] == [key for key, _ in record.counts]

    settled = reservations.settle(reserved, Used(1, 41, 7, (nano(0.5), nano(0.25))), 101.0)
    assert (settled.at_s, settled.requests, settled.input_tokens, settled.output_tokens) == (101.0, 1, 41, 7)
    assert settled.spent == (("a", nano(0.5)), ("b", nano(0.25)))
    assert [window.used for window, _ in reserved.room] == [(1, 48, 41, 7, 0)] * 2


def test_what_was_not_sent_gives_all_back():
    """Room and money."""
    reservations, (share,) = Reservations(), shares(budget("a", usd=5))
    counts = LimitTable([limit(tokens=500)]).counts("opus", CountedFor(user("ada"), "tok_1", "codex", {}))
    reserved = reservations.reserve(Wants("req_1", counts, 40, 20, 90, WantedMoney([share], [nano(1)], NOON)), 100.5)
    assert isinstance(reserved, Reservation)
    settled = reservations.settle(reserved, NOTHING, 101.0)

    assert (settled.requests, settled.spent) == (0, ())
    assert [window.used for window, _ in reserved.room] == [(0, 0, 0, 0, 0)]
    assert reserved.money[0].kept.reserved == 0
