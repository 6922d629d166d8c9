"""Counts of rate limits: room is found without holding anything, and what is held is settled once."""

from headgate.core.limit import LimitState
from headgate.core.record import Reserved, Settled
from headgate.policy.counters import Amounts, Counters, LimitDenial
from headgate.policy.limits import CountedFor, LimitTable, RequestCounts, count_key
from tests.fakes.limits import limit
from tests.fakes.principals import user

ONE = Amounts(30, 10, 50)


def counts_of(*limits):
    """The counts of one user's request."""
    return LimitTable(limits).counts("opus", CountedFor(user("ada"), "tok_1", "codex", {}))


def test_room_that_is_found_is_not_held():
    """It is free until it is held, so that something else may still refuse the request; a sweep forgets what nobody held."""
    counters, counts = Counters(), counts_of(limit(requests=1))
    for _ in range(2):
        assert isinstance(counters.find_room(counts, ONE, 0), tuple)
    found = counters.find_room(counts, ONE, 0)
    assert not isinstance(found, LimitDenial)
    counters.hold(found[0], ONE)
    assert isinstance(counters.find_room(counts, ONE, 0), LimitDenial)

    other = Counters()
    other.find_room(counts, ONE, 0)
    for _ in range(2):
        other.sweep(0)
    assert (len(counters), len(other)) == (1, 0)


def test_what_is_held_says_what_is_left():
    """Of the limit with the smallest part left; without limits of nothing."""
    counters, counts = Counters(), counts_of(limit(requests=10), limit("token", "hour", tokens=80))
    found = counters.find_room(counts, ONE, 0)
    assert not isinstance(found, LimitDenial)

    assert found[1] == LimitState("token", "tokens", 80, 40)
    assert Counters().find_room(RequestCounts(), ONE, 0) == ([], None)


def test_what_was_used_replaces_what_is_held():
    """In every count."""
    counters, counts = Counters(), counts_of(limit(tokens=100), limit("token", hard=True, tokens=100))
    found = counters.find_room(counts, ONE, 0)
    assert not isinstance(found, LimitDenial)
    held = counters.hold(found[0], ONE)
    counters.settle(Reserved(at_s=0, input_tokens=30, counts=held), Settled(at_s=1, input_tokens=5, output_tokens=6), 1)

    denial = counters.find_room(counts, Amounts(80, 10, 10), 1)
    assert isinstance(denial, LimitDenial)
    assert denial.used == 11


def test_what_is_used_of_limits_with_many_counts():
    """By the keys of the counts, which begin with the limit's; of other limits nothing, and nothing is changed by a look."""
    counters, limits = Counters(), (limit("user_default", requests=10), limit(requests=5))
    table = LimitTable(limits)
    for who in ("ada", "ben", "ben"):
        counts = table.counts("opus", CountedFor(user(who), "tok_1", "codex", {}))
        found = counters.find_room(counts, ONE, 0)
        assert not isinstance(found, LimitDenial)
        counters.hold(found[0], ONE)
    shared = table.shared[limits[0].id]
    used = counters.used_of_limits({shared.key}, 0)
    assert {key: each[0] for key, each in used.items()} == {count_key(shared, "usr_ada"): 1, count_key(shared, "usr_ben"): 2}
    assert [each[0] for each in counters.used_of_limits({shared.key}, 1e6).values()] == [0, 0]
