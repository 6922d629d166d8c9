"""What applies to a request is looked up once, and is never that of another request."""

from headgate.core.access_token import AccessToken
from headgate.core.record import Attribution
from headgate.dialects.asked import Asked
from headgate.dialects.registry import CLIENTS
from headgate.exchange.declared_budgets import Budgets
from headgate.exchange.inbound import Inbound, JudgedHead
from headgate.exchange.rules import DeclaredRules
from headgate.metering.spending_prices import SpendingPrices
from headgate.policy.budgets import BudgetTable
from headgate.policy.limits import LimitTable
from tests.fakes.budgets import budget, rates_of
from tests.fakes.limits import limit
from tests.fakes.principals import user
from tests.unit.exchange.journeys import MESSAGES

ASKED = Asked(b"{}", "opus", None, {}, {}, stream=False)
OPUS, HAIKU = "opus", "haiku"


def inbound(who="ada", *groups, token="tok_1", agent="codex", session="", **tags):
    """A request with what rules look at."""
    face = CLIENTS["anthropic"]
    head = JudgedHead(face, MESSAGES, AccessToken(id=token, name=token, principal=user(who, *groups)), "")
    head.request_tags = tags
    made = Inbound(head, "req_1", [], Attribution(agent=agent, session_id=session), (0, 0.0))
    made.body = b"{}"
    return made


def applying(rules, request, endpoint=OPUS):
    """The limits, by key and value, and the budgets, by name and value, that apply."""
    found = rules.applying(request, ASKED, endpoint)
    return [(count.limit.key, count.value) for count in found.counts.every], [(mark.name, mark.value) for mark in found.marks]


def test_what_is_remembered_is_that_of_the_same_principal_token_endpoint_and_agent():
    """A principal that leaves a group, another token, endpoint or agent has rules of its own, also after others were looked up."""
    limits = LimitTable([
        limit("group", holder="staff", requests=1), limit("token", requests=2), limit("agent", holder="codex", requests=3), limit(endpoint="haiku", requests=4)
    ])  # fmt: skip
    rules = DeclaredRules(limits, Budgets(BudgetTable([budget("each", per_user=True)]), SpendingPrices(rates_of)))
    for _ in range(2):
        assert applying(rules, inbound("ada", "staff"))[0] == [("group", ""), ("token", "tok_1"), ("agent", "")]
        assert applying(rules, inbound("ada"))[0] == [("token", "tok_1"), ("agent", "")]
        assert applying(rules, inbound("ada", token="tok_2", agent="pi"))[0] == [("token", "tok_2")]
        assert applying(rules, inbound("ada"), HAIKU)[0] == [("token", "tok_1"), ("agent", ""), ("endpoint", "")]
        assert applying(rules, inbound("ben"))[1] == [("each", user("ben").id)]


def test_tags_and_sessions_are_looked_up_with_each_request():
    """A client chooses them, so they are not remembered."""
    rules = DeclaredRules(
        LimitTable([limit("request_tag", tag="team", requests=1)]),
        Budgets(BudgetTable([budget("session", of_session=True)]), SpendingPrices(rates_of)),
    )
    tagged = DeclaredRules(LimitTable([limit("request_tag", tag="team", requests=1)]), None)
    for number in range(3):
        assert applying(tagged, inbound(team=str(number))) == ([("request_tag", str(number))], [])
        assert applying(rules, inbound(session=str(number)))[1] == [("session", f"{user('ada').id}\n{number}")]

    assert applying(tagged, inbound()) == ([], [])


def test_agents_that_clients_invent_do_not_fill_the_memory():
    """An agent is part of what is remembered only where a rule is about agents; and what is remembered is bounded."""
    rules, by_agent = (DeclaredRules(LimitTable([limit(key, requests=1)]), None) for key in ("token", "agent"))
    for number in range(20_100):
        for each in (rules, by_agent):
            each.applying(inbound(agent=str(number)), ASKED, OPUS)

    assert len(rules._found) == 1
    assert len(by_agent._found) <= 20_000
