"""Counts of rate limits: a request is held in all of them or in none, and what is held is settled once."""

from headgate.core.record import Reserved, Settled
from headgate.policy.counters import Counters, settle
from headgate.policy.limit_denial import LimitDenial
from headgate.policy.limits import CountedFor, LimitTable, count_key
from headgate.policy.wants import Wants
from tests.fakes.limits import limit
from tests.fakes.principals import user


def wants(*limits, amounts=(30, 10, 50)):
    """What one user's request needs."""
    return Wants("req_1", LimitTable(limits).counts("opus", CountedFor(user("ada"), "tok_1", "codex", {})), *amounts)


def test_what_has_no_room_is_counted_nowhere():
    """Not in the counts that had room either; a sweep forgets what nothing is counted in."""
    counters, asked = Counters(), wants(limit("token", requests=5), limit(requests=1))
    assert not isinstance(counters.hold(asked, 0), LimitDenial)
    before = counters.used(asked.counts.needed, 0)
    for _ in range(2):
        assert isinstance(counters.hold(asked, 0), LimitDenial)
    assert counters.used(asked.counts.needed, 0) == before

    other, large = Counters(), wants(limit(tokens=1))
    other.hold(large, 0)
    for _ in range(2):
        other.sweep(0)
    assert (len(counters), len(other)) == (2, 0)


def test_what_is_held_says_what_is_left():
    """Of the limit with the smallest part left; without limits of nothing."""
    found = Counters().hold(wants(limit(requests=10), limit("token", "hour", tokens=80)), 0)
    assert not isinstance(found, LimitDenial)

    left = found[2]
    assert left is not None
    assert (left.key, left.measure, left.maximum, left.remaining, left.reset_s) == ("token", "tokens", 80, 40, 0)
    assert Counters().hold(wants(), 0) == ([], [], None)


def test_what_was_used_replaces_what_is_held():
    """In every count."""
    counters, limits = Counters(), (limit(tokens=100), limit("token", hard=True, tokens=100))
    found = counters.hold(wants(*limits), 0)
    assert not isinstance(found, LimitDenial)
    settle(found[0], Reserved(at_s=0, input_tokens=30, counts=tuple(found[1])), Settled(at_s=1, input_tokens=5, output_tokens=6), 1)

    denial = counters.hold(wants(*limits, amounts=(80, 10, 10)), 1)
    assert isinstance(denial, LimitDenial)
    assert denial.used == 11


def test_what_is_used_of_limits_with_many_counts():
    """By the keys of the counts, which begin with the limit's; of other limits nothing, and nothing is changed by a look."""
    counters, limits = Counters(), (limit("user_default", requests=10), limit(requests=5))
    table = LimitTable(limits)
    for who in ("ada", "ben", "ben"):
        counts = table.counts("opus", CountedFor(user(who), "tok_1", "codex", {}))
        assert not isinstance(counters.hold(Wants("req_1", counts, 30, 10, 50), 0), LimitDenial)
    shared = table.shared[limits[0].id]
    used = counters.used_of_limits({shared.key}, 0)
    assert {key: each[0] for key, each in used.items()} == {count_key(shared, "usr_ada"): 1, count_key(shared, "usr_ben"): 2}
    assert [each[0] for each in counters.used_of_limits({shared.key}, 1e6).values()] == [0, 0]
