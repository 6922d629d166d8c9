"""Which budgets apply to a request, and how much money each count has."""

import sys
from collections import Counter

import pytest

from headgate.core.principal import SERVICE_PRINCIPAL, Principal
from headgate.policy.budgets import NEVER, BudgetTable, Spender
from tests.fakes.budgets import budget, nano, shares
from tests.fakes.principals import user

ADA = user("ada", "staff", "contractors")
CI = Principal(id="spn_1", name="ci", kind=SERVICE_PRINCIPAL)
FILTERS = {
    "all": {},
    "ada": {"holder_kind": "user", "holder": "ada"},
    "by-id": {"holder_kind": "user", "holder": "usr_ada"},
    "ci": {"holder_kind": "service_principal", "holder": "ci"},
    "staff": {"holder_kind": "group", "holder": "staff"},
    "opus": {"endpoint": "opus"},
    "o-star": {"endpoint": "o*"},
    "codex": {"agent": "codex"},
    "search": {"tag": "team=search"},
    "codex-search": {"agent": "codex", "tag": "team=search"},
    "staff-codex-opus": {"holder_kind": "group", "holder": "staff", "agent": "codex", "endpoint": "opus"},
}
BUDGETS = [budget(name, **filters) for name, filters in FILTERS.items()]
CASES = [
    (user("zoe"), {}, {"all", "opus", "o-star"}),
    (user("zoe"), {"endpoint": "haiku"}, {"all"}),
    (ADA, {}, {"all", "ada", "by-id", "staff", "opus", "o-star"}),
    (ADA, {"endpoint": "other"}, {"all", "ada", "by-id", "staff", "o-star"}),
    (CI, {}, {"all", "ci", "opus", "o-star"}),
    (user("ci"), {}, {"all", "opus", "o-star"}),  # a user of the same name
    (user("staff"), {}, {"all", "opus", "o-star"}),  # a user with a group's name
    (user("zoe"), {"agent": "codex"}, {"all", "opus", "o-star", "codex"}),
    (user("zoe"), {"tags": {"team": "search"}}, {"all", "opus", "o-star", "search"}),
    (user("zoe"), {"tags": {"team": "ads", "x": "search"}}, {"all", "opus", "o-star"}),
    (user("zoe"), {"agent": "codex", "tags": {"team": "search"}}, {"all", "opus", "o-star", "codex", "search", "codex-search"}),
    (ADA, {"agent": "codex"}, {"all", "ada", "by-id", "staff", "opus", "o-star", "codex", "staff-codex-opus"}),
]


@pytest.mark.parametrize(("who", "request_", "expected"), CASES)
def test_a_budget_counts_what_matches_all_that_it_states(who, request_, expected):
    """Names compare exactly, within their kind; an endpoint may be a pattern."""
    table = BudgetTable(BUDGETS)
    spender = Spender(who, **{"endpoint": "opus", **request_})

    for _ in range(2):  # the second answer comes from what the first one remembered
        assert {share.allowance.budget.name for share in table.shares(spender)} == expected


def test_whose_count_it_is():
    """One for all, one for each principal, or one for each session of a principal."""
    shared, own, session = shares(budget("a"), budget("b", per_user=True), budget("c", of_session=True), who=ADA, session_id="s1")

    assert (shared.value, shared.who) == ("", "")
    assert (own.value, own.who) == ("usr_ada", "ada")
    assert (session.value, session.who) == ("usr_ada\ns1", "ada")


@pytest.mark.parametrize(("who", "usd"), [(user("ada"), 100.0), (user("ben"), 7.0), (user("zoe"), 50.0), (user("none"), 0.0)])
def test_a_principal_may_have_an_amount_of_its_own(who, usd):
    """By name or id, also nothing at all."""
    (share,) = shares(budget(per_user=True, overrides={"ada": nano(100), "usr_ben": nano(7), "none": 0}), who=who)

    assert share.allowance.nano_usd == nano(usd)


def test_from_how_much_on_each_action_happens():
    """In money, for the amount of the count; an action that is not declared never happens."""
    (share,) = shares(budget(usd=50, actions="80 warn, 90 downgrade haiku, 95 warn, 100 block"))
    (warns,) = shares(budget(usd=50, actions="80 warn"))

    assert (share.allowance.warn_at, share.allowance.downgrade_at, share.allowance.block_at) == (nano(40), nano(45), nano(50))
    assert (warns.allowance.downgrade_at, warns.allowance.block_at) == (NEVER, NEVER)


def test_the_counts_of_a_principal():
    """Whatever it asks for; those of sessions are known only by what was counted."""
    table = BudgetTable([*BUDGETS, budget("session", of_session=True), budget("each", per_user=True)])

    assert {share.allowance.budget.name for share in table.shares_of(ADA)} == {*FILTERS, "each"} - {"ci"}
    assert {share.allowance.budget.name for share in table.shares_of_all()} == {*FILTERS}
    assert table.names_of_sessions() == ["session"]
    assert table.names_of_own() == ["session", "each"]
    assert table.counted("none", "usr_ada", "ada") is None


def test_budgets_of_others_cost_nothing():
    """A thousand budgets of other principals, groups, endpoints, agents and tags are not looked at."""
    others = [budget(f"u{n}", holder_kind="user", holder=f"u{n}") for n in range(200)]
    others += [budget(f"g{n}", holder_kind="group", holder=f"g{n}") for n in range(200)]
    others += [budget(f"e{n}", endpoint=f"e{n}") for n in range(200)]
    others += [budget(f"a{n}", agent=f"a{n}") for n in range(200)]
    others += [budget(f"t{n}", tag=f"team={n}") for n in range(200)]
    spender = Spender(ADA, "opus", "codex", "s", {"team": "7"})
    table = BudgetTable([budget("all"), *others])
    assert [share.allowance.budget.name for share in table.shares(spender)] == ["all", "t7"]

    calls = Counter()
    sys.setprofile(lambda _frame, event, _value: calls.update([event]))
    table.shares(spender)
    sys.setprofile(None)
    assert calls["call"] < 30


def test_an_answer_is_remembered_for_what_it_depends_on():
    """Another principal, endpoint, agent or tag has an answer of its own, also after the first was given."""
    table = BudgetTable([
        budget("each", per_user=True), budget("codex", agent="codex"), budget("opus", endpoint="opus"), budget("tagged", tag="team=7")
    ])  # fmt: skip

    def names(who, endpoint="opus", agent="", tags=None):
        return [(share.allowance.budget.name, share.value) for share in table.shares(Spender(who, endpoint, agent, "", tags or {}))]

    for _ in range(2):
        assert names(ADA) == [("each", ADA.id), ("opus", "")]
        assert names(user("ben")) == [("each", user("ben").id), ("opus", "")]
        assert names(ADA, endpoint="haiku") == [("each", ADA.id)]
        assert names(ADA, agent="codex") == [("each", ADA.id), ("opus", ""), ("codex", "")]
        assert names(ADA, tags={"team": "7"}) == [("each", ADA.id), ("opus", ""), ("tagged", "")]


def test_a_budget_for_either_name_of_an_endpoint_counts():
    """Its pattern may match the one or the other."""
    table = BudgetTable([budget("one", endpoint="databricks-opus")], lambda name: (name, f"databricks-{name}"))
    assert [share.allowance.budget.name for share in table.shares(Spender(user("ada"), "opus"))] == ["one"]
