"""Traffic at 95 % of a limit is not refused by the steps in which the window slides: counted over simulated time against an exact window."""

import random
from collections import deque

import pytest

from headgate.core.limit import WINDOWS_S
from headgate.policy.limits import CountedFor, LimitTable
from headgate.policy.reservation import Reservation, Used
from headgate.policy.reservations import Reservations
from headgate.policy.wants import Wants
from tests.fakes.limits import limit
from tests.fakes.principals import user

PER_WINDOW = 6_000


def wrong_refusals(per, requests):
    """How many of so many requests are refused though the exact window has room. They come at 95 % of the limit, each up to half a pause early or late."""
    reservations, table, chance = Reservations(), LimitTable([limit("user_default", per, requests=PER_WINDOW)]), random.Random(7)
    counts = table.counts("opus", CountedFor(user("ada"), "t", "", {}))
    pause_s = WINDOWS_S[per] / (PER_WINDOW * 0.95)
    admitted, wrong = deque(), 0
    for number in range(requests):
        now_s = (number + chance.uniform(-0.5, 0.5)) * pause_s + 1_000
        while admitted and admitted[0] <= now_s - WINDOWS_S[per]:
            admitted.popleft()
        decision = reservations.reserve(Wants("req", counts), now_s)
        if isinstance(decision, Reservation):
            reservations.settle(decision, Used(), now_s)
            admitted.append(now_s)
        else:
            wrong += len(admitted) < PER_WINDOW
    return wrong


@pytest.mark.parametrize("per", sorted(WINDOWS_S))
def test_steady_traffic_below_the_limit_is_let_through(per):
    """None of twenty windows' requests is refused."""
    assert wrong_refusals(per, 20 * PER_WINDOW) == 0


@pytest.mark.kill
def test_of_a_million_requests_at_most_a_hundred_are_refused_wrongly():
    """0.01 %."""
    found = wrong_refusals("minute", 1_000_000)
    print(f"1,000,000 requests at 95 % of a limit: {found} refused wrongly")

    assert found <= 100
