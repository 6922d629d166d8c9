"""Which limits apply to a request: precedence within an endpoint's limits, patterns, tags, tokens and agents."""

import pytest

from headgate.core.principal import SERVICE_PRINCIPAL, Principal
from headgate.policy.limits import CountedFor, LimitTable
from tests.fakes.limits import limit
from tests.fakes.principals import user

ADA = user("ada", "staff", "contractors")
ROBOT = Principal(id="sp_1", name="ada", kind=SERVICE_PRINCIPAL)


def named(limits, endpoint="opus", principal=ADA, token="tok_1", agent="codex", **tags):
    """What a request needs room in: in all of these, and in one of each of those."""
    counts = LimitTable(limits).counts(endpoint, CountedFor(principal, token, agent, tags))
    return [(count.limit.key, count.limit.holder, count.value) for count in counts.needed], [
        [[count.limit.holder for count in part] for part in parts] for parts in counts.either
    ]


def test_no_limit_applies_to_another_endpoint():
    """A name is compared as a whole, a pattern by its stars."""
    limits = [limit(endpoint="opus", requests=1), limit(endpoint="gpt-*", requests=1)]

    assert named(limits, "opus-4") == ([], [])
    assert named(limits, "gpt-5")[0] == [("endpoint", "", "")]


def test_the_limit_of_the_endpoint_always_applies():
    """It is a ceiling over every other limit."""
    limits = [limit(requests=9), limit("user", holder="ada", requests=1)]

    assert named(limits)[0] == [("endpoint", "", ""), ("user", "ada", "")]


def test_the_default_counts_each_principal():
    """Also service principals, by their ids."""
    limits = [limit("user_default", requests=1)]

    assert named(limits)[0] == [("user_default", "", "usr_ada")]
    assert named(limits, principal=ROBOT)[0] == [("user_default", "", "sp_1")]


@pytest.mark.parametrize("holder", ["ada", "usr_ada"])
def test_an_own_limit_replaces_those_of_groups_and_the_default(holder):
    """By name or by id."""
    limits = [limit("user_default", requests=1), limit("group", holder="staff", requests=2), limit("user", "day", holder=holder, requests=3)]

    assert named(limits) == ([("user", holder, "")], [])


def test_a_user_and_a_service_principal_of_one_name_are_two():
    """Each has the limit of its own kind."""
    limits = [limit("user", holder="ada", requests=1), limit("service_principal", holder="ada", requests=2)]

    assert named(limits)[0] == [("user", "ada", "")]
    assert named(limits, principal=ROBOT)[0] == [("service_principal", "ada", "")]


def test_limits_of_groups_replace_the_default_and_one_of_them_suffices():
    """Each group is one way to be let through, with all of its limits."""
    limits = [
        limit("user_default", requests=1),
        limit("group", holder="contractors", requests=2),
        limit("group", "day", holder="contractors", tokens=9),
        limit("group", holder="staff", requests=2),
        limit("group", holder="others", requests=2),
    ]

    assert named(limits) == ([], [[["contractors", "contractors"], ["staff"]]])
    assert named(limits, principal=user("ben"))[0] == [("user_default", "", "usr_ben")]


def test_precedence_is_among_the_limits_of_one_endpoint():
    """What is declared for all endpoints and for one of them applies together."""
    limits = [limit("user_default", endpoint="opus", requests=1), limit("group", "hour", holder="staff", tokens=5)]

    assert named(limits) == ([("user_default", "", "usr_ada"), ("group", "staff", "")], [])


def test_tags_tokens_and_agents_count_each_value_or_one():
    """A limit for one value replaces the one for each value; a request without the tag has none."""
    limits = [
        limit("request_tag", tag="project", requests=1),
        limit("request_tag", tag="project=x", requests=2),
        limit("token", requests=1),
        limit("agent", requests=1),
        limit("agent", holder="codex", requests=2),
    ]
    always = [("token", "", "tok_1"), ("agent", "codex", "")]

    assert named(limits)[0] == always
    assert named(limits, agent="")[0] == [("token", "", "tok_1"), ("agent", "", "")]
    assert named(limits, project="x")[0] == [*always, ("request_tag", "", "")]
    assert named(limits, project="y")[0] == [*always, ("request_tag", "", "y")]


def test_names_that_clients_invent_do_not_fill_the_memory():
    """What is remembered of names is bounded."""
    table = LimitTable([limit("user_default", requests=1)])
    for number in range(3_000):
        assert table.counts(f"model-{number}", CountedFor(ADA, "t", "", {})).needed

    assert len(table._of_name) <= 1_024


def test_what_is_remembered_is_that_of_the_same_groups_and_token():
    """A principal that leaves a group has other counts with the next request."""
    table = LimitTable([limit("group", holder="staff", requests=1), limit("user_default", requests=2), limit("token", requests=3)])
    asked = [CountedFor(principal, token, "codex", {}) for principal, token in ((ADA, "t1"), (user("ada"), "t1"), (ADA, "t2"))]
    first = [table.counts("opus", each) for each in asked]

    again = [table.counts("opus-5", each) for each in asked]
    assert [([count.key for count in each.needed], each.either) for each in again] == [
        ([count.key for count in each.needed], each.either) for each in first
    ]
    assert [[(count.limit.key, count.value) for count in each.needed] for each in first] == [
        [("group", ""), ("token", "t1")],
        [("user_default", "usr_ada"), ("token", "t1")],
        [("group", ""), ("token", "t2")],
    ]


def test_the_keys_of_counts_differ_by_limit_and_value_alone():
    """A record names its counts by them: they outlive a change of the numbers, and a restart."""
    before, after = (LimitTable([limit("user_default", requests=number), limit("user_default", "day", requests=1)]) for number in (1, 2))
    ada, again = (table.counts("opus", CountedFor(ADA, "t", "", {})).needed for table in (before, after))
    ben = before.counts("opus", CountedFor(user("ben"), "t", "", {})).needed

    assert [count.key for count in ada] == [count.key for count in again]
    assert len({count.key for count in (*ada, *ben)}) == 4
    assert [count.key[:6] for count in ada] == [count.key[:6] for count in ben]


def test_a_limit_for_either_name_of_an_endpoint_applies_once():
    """Names and patterns of both count; a limit whose pattern matches both counts once."""
    limits = [
        limit(endpoint="databricks-claude-opus-4-6", requests=1),
        limit("agent", endpoint="*claude-*", requests=2),
        limit(endpoint="gpt", requests=3),
    ]
    table = LimitTable(limits, lambda name: (name, f"databricks-{name}"))
    counts = table.counts("claude-opus-4-6", CountedFor(ADA, "tok_1", "codex", {}))
    assert [count.limit.key for count in counts.needed] == ["endpoint", "agent"]


def test_the_counts_of_a_principal_whatever_it_asks_for():
    """Those of every endpoint, by the same precedence; those of tokens, agents and tags belong to requests."""
    limits = [
        limit(requests=9),
        limit("user", holder="ada", requests=1),
        limit("user_default", endpoint="gpt-*", requests=2),
        limit("group", endpoint="o3", holder="staff", requests=3),
        limit("group", endpoint="o3", holder="contractors", requests=4),
        *(limit(key, requests=5) for key in ("token", "agent")),
    ]
    table = LimitTable(limits)
    found = [(count.limit.endpoint, count.limit.key, count.value) for count in table.counts_of(ADA)]
    assert found == [
        (limits[0].endpoint, "endpoint", ""),
        (limits[1].endpoint, "user", ""),
        ("gpt-*", "user_default", "usr_ada"),
        ("o3", "group", ""),
        ("o3", "group", ""),
    ]
    assert {each.limit for each in table.shared.values()} == set(limits)
    assert all(count.key.startswith(table.shared[count.limit.id].key) for count in table.counts_of(ADA))
