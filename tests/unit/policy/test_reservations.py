"""Reservations over several counts: all or nothing, exact waits, debts, groups, and bounded memory."""

import math

import pytest

from headgate.policy.counters import Counters
from headgate.policy.limit_denial import LimitDenial
from headgate.policy.limits import NO_COUNTS, CountedFor, LimitTable
from headgate.policy.reservation import NOTHING, Reservation, Used
from headgate.policy.reservations import Reservations
from headgate.policy.wants import Wants
from tests.fakes.limits import limit
from tests.fakes.principals import user


def wants(*limits, groups=(), value="", tokens=(0, 0, 0)):
    """What a request of a member of these groups needs."""
    counts = LimitTable(limits).counts("opus", CountedFor(user("ada", *groups), "t", "", {"team": value}))
    assert counts is not NO_COUNTS
    return Wants("req_1", counts, *tokens)


def test_as_many_as_the_limit_and_no_more():
    """The next one is told when the first one no longer counts."""
    reservations, asked = Reservations(), wants(limit(requests=3))
    for second in (0.0, 0.2, 7.0):
        assert isinstance(reservations.reserve(asked, second), Reservation)

    denial = reservations.reserve(asked, 8.5)
    assert isinstance(denial, LimitDenial)
    assert (denial.measure, denial.used, denial.wait_s) == ("requests", 3, 52.5)
    assert isinstance(reservations.reserve(asked, 60.99), LimitDenial)
    assert isinstance(reservations.reserve(asked, 61.0), Reservation)


def test_one_count_without_room_changes_no_other():
    """A refused request consumes nothing, however often it comes."""
    reservations = Reservations()
    small, large = limit("user_default", requests=1), limit(requests=3)
    assert isinstance(reservations.reserve(wants(small, large), 0), Reservation)
    for _ in range(10):
        assert isinstance(reservations.reserve(wants(small, large), 1), LimitDenial)

    assert [isinstance(reservations.reserve(wants(large), 1), Reservation) for _ in range(3)] == [True, True, False]


def test_the_denial_is_of_the_limit_that_keeps_out_longest():
    """So that waiting as long as it says is enough."""
    reservations = Reservations()
    minute, hour = limit(requests=1), limit(per="hour", requests=1)
    reservations.reserve(wants(minute, hour), 0)

    denial = reservations.reserve(wants(minute, hour), 0)
    assert isinstance(denial, LimitDenial)
    assert (denial.limit.per, denial.wait_s) == ("hour", 3_660)


def test_a_request_that_is_larger_than_a_limit_never_fits():
    """Not even with all counts empty, and it leaves no count behind."""
    reservations = Reservations()
    denial = reservations.reserve(wants(limit(tokens=100), tokens=(90, 20, 0)), 0)

    assert isinstance(denial, LimitDenial)
    assert (denial.amount, denial.wait_s) == (110, math.inf)
    assert len(reservations.counters) == 0


@pytest.mark.parametrize(("hard", "fits"), [(False, True), (True, False)])
def test_a_hard_limit_reserves_the_whole_bound(hard, fits):
    """Another one only what is likely."""
    asked = wants(limit(hard=hard, output_tokens=100), tokens=(0, 20, 101))

    assert isinstance(Reservations().reserve(asked, 0), Reservation) is fits


def test_parallel_requests_reserve_no_more_tokens_than_the_limit():
    """Five at once with 175 tokens of output each, of a hard limit of 600: three are let through, and what they use fits."""
    reservations, asked = Reservations(), wants(limit(hard=True, tokens=600), tokens=(10, 50, 175))
    admitted = [decision for _ in range(5) if isinstance(decision := reservations.reserve(asked, 0), Reservation)]
    for reservation in admitted:
        reservations.settle(reservation, Used(1, 10, 175), 1)

    denial = reservations.reserve(asked, 1)
    assert len(admitted) == 3
    assert isinstance(denial, LimitDenial)
    assert denial.used == 3 * 185


def test_what_was_used_replaces_what_was_reserved():
    """Too much is given back, too little is a debt that later requests wait for."""
    reservations, asked = Reservations(), wants(limit(tokens=100), tokens=(40, 20, 0))
    first = reservations.reserve(asked, 0)
    assert isinstance(reservations.reserve(asked, 0), LimitDenial)
    reservations.settle(first, Used(1, 20, 10), 1)
    second = reservations.reserve(asked, 1)
    assert isinstance(second, Reservation)
    reservations.settle(second, Used(1, 40, 500), 30)

    denial = reservations.reserve(asked, 31)
    assert isinstance(denial, LimitDenial)
    assert (denial.used, denial.wait_s) == (570, 60)


def test_what_was_not_sent_uses_nothing():
    """Neither the request nor its tokens."""
    reservations, asked = Reservations(), wants(limit(requests=1, tokens=60, concurrent=1), tokens=(40, 20, 0))
    reservations.settle(reservations.reserve(asked, 0), NOTHING, 0)

    assert isinstance(reservations.reserve(asked, 0), Reservation)


def test_concurrent_requests_are_counted_until_they_end():
    """However long they last."""
    reservations, asked = Reservations(), wants(limit(concurrent=2))
    first = reservations.reserve(asked, 0)
    reservations.reserve(asked, 0)
    denial = reservations.reserve(asked, 10_000)
    assert isinstance(denial, LimitDenial)
    assert (denial.measure, denial.used, denial.wait_s) == ("concurrent", 2, 5.0)
    reservations.settle(first, Used(), 10_000)

    assert isinstance(reservations.reserve(asked, 10_000), Reservation)


def test_a_member_of_several_groups_is_refused_only_if_all_are_full():
    """It counts in each group that has room, and no group holds more than its limit."""
    reservations = Reservations()
    limits = (limit("group", holder="a", requests=2), limit("group", holder="b", requests=3))
    both, only_b = wants(*limits, groups=("a", "b")), wants(*limits, groups=("b",))

    assert [isinstance(reservations.reserve(both, 0), Reservation) for _ in range(5)] == [True, True, True, False, False]
    assert isinstance(reservations.reserve(only_b, 0), LimitDenial)


def test_members_share_the_limit_of_their_group():
    """One member's requests are the other's."""
    reservations, group = Reservations(), limit("group", holder="staff", requests=1)
    table = LimitTable([group])
    ada, ben = (table.counts("opus", CountedFor(user(name, "staff"), "t", "", {})) for name in ("ada", "ben"))

    assert isinstance(reservations.reserve(Wants("req_1", ada), 0), Reservation)
    assert isinstance(reservations.reserve(Wants("req_1", ben), 0), LimitDenial)


def test_counts_outlive_a_change_of_the_numbers():
    """A raised limit has room for the difference, a lowered one for nothing until what was admitted no longer counts."""
    reservations = Reservations()
    for _ in range(3):
        reservations.reserve(wants(limit(requests=3)), 0)

    assert isinstance(reservations.reserve(wants(limit(requests=2)), 1), LimitDenial)
    assert isinstance(reservations.reserve(wants(limit(requests=4)), 1), Reservation)
    assert isinstance(reservations.reserve(wants(limit(requests=4)), 1), LimitDenial)


def test_a_clock_that_goes_backwards_admits_no_more():
    """And locks nobody out for longer than a window."""
    reservations, asked = Reservations(), wants(limit(requests=1))
    reservations.reserve(asked, 1_000)

    assert isinstance(reservations.reserve(asked, 10), LimitDenial)
    assert isinstance(reservations.reserve(asked, 1_061), Reservation)


def test_empty_counts_go():
    """Those of requests under way stay, whatever the window says."""
    reservations, each = Reservations(), limit("request_tag", tag="team", requests=1)
    for number in range(100):
        reservation = reservations.reserve(wants(each, value=f"v{number}"), 0)
        if number:
            reservations.settle(reservation, Used(), 0)
    for _ in range(3):
        reservations.sweep(61)

    assert len(reservations.counters) == 1


def test_values_beyond_a_bound_share_one_count():
    """So a client that invents values gets no further than one value more."""
    each = limit("request_tag", tag="team", requests=2)
    reservations = Reservations()
    reservations.counters = Counters(values_max=10)
    admitted = [isinstance(reservations.reserve(wants(each, value=f"v{number}"), 0), Reservation) for number in range(50)]

    assert sum(admitted) == 12
    assert len(reservations.counters) == 11


def test_a_reservation_says_which_limit_is_nearest():
    """By the share that is left."""
    reservation = Reservations().reserve(wants(limit(requests=10), limit("user_default", tokens=100), tokens=(90, 0, 0)), 0)

    assert isinstance(reservation, Reservation)
    assert (reservation.nearest.key, reservation.nearest.measure, reservation.nearest.maximum, reservation.nearest.remaining) == (
        "user_default", "tokens", 100, 10,
    )  # fmt: skip


def test_a_clock_that_goes_back_after_a_sweep_counts_as_the_sweeps():
    """What the sweep forgot is over for all that comes later, so that no earlier time may be counted from."""
    reservations, asked = Reservations(), wants(limit(requests=1))
    assert isinstance(reservations.reserve(asked, 100_000), Reservation)
    for _ in range(2):
        reservations.sweep(100_061)
    assert isinstance(reservations.reserve(asked, 96_461), Reservation)

    denial = reservations.reserve(asked, 100_062)
    assert isinstance(denial, LimitDenial)
    assert denial.wait_s == pytest.approx(60)
