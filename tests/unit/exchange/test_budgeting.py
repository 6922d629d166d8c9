"""Budgets in the journey: reserved before anything is sent, settled to the bill, sent to a cheaper endpoint, or refused."""

import pytest

from headgate.core.budget import BudgetMark, FallbackRate
from headgate.core.client_credential import ClientCredential
from headgate.core.endpoint import Endpoint, Provider, target_of
from headgate.core.errors import BadRequest, BudgetExhausted, Forbidden
from headgate.core.secret import Secret
from headgate.dialects.faces import Operation
from headgate.policy.budgets import BudgetTable
from headgate.policy.limits import LimitTable
from tests.fakes.budgets import budget, nano
from tests.fakes.limits import LateReservations, limit
from tests.fakes.ports import FakeClient, FakeClock
from tests.unit.exchange.journeys import DELTA, JSON, LAB, MESSAGES, SSE, STOP, Stage, event

HAIKU = Endpoint(name="haiku", targets=(target_of(LAB, "claude-haiku-4-5"),))
OPUS = Endpoint(name="opus", targets=(target_of(LAB, "claude-opus-4-6"),))
LOCAL = Endpoint(name="local", targets=(target_of(Provider("local", "anthropic", "http://local"), "qwen"),))
GEMINI = Endpoint(name="flash", targets=(target_of(Provider("g", "gemini", "http://g"), "gemini-2.5-flash"),))
START = event("message_start", message={"id": "m", "model": "claude-opus-4-6", "usage": {"input_tokens": 1_000, "output_tokens": 1}})
COST = nano(0.005 + 7 * 0.000025)  # of START and STOP


def stage_of(*budgets, late=False, declared=None):
    """A stage with these budgets; its clock is in the morning of 18 January 1970."""
    clock = FakeClock()
    store = LateReservations(clock) if late else None
    stage = Stage(endpoints=(OPUS, HAIKU, LOCAL, GEMINI), budgets=budgets, clock=clock, store=store, declared=declared)
    return (stage, store) if late else stage


def answer(stage, index=-1, start=START):
    """The provider's whole stream."""
    sink = stage.upstream.sinks[index]
    sink.head(200, SSE)
    for piece in (start, DELTA, STOP):
        sink.data(piece)
    sink.end()


def spent(stage):
    """What each count has spent, and what is reserved beside it."""
    states = stage.exchanges.admissions.store.budget_states(stage.snapshot.budgets.table)
    return [(state.budget.name, state.spent, state.used - state.spent) for state in states]


def test_a_cost_is_reserved_and_then_settled_to_the_bill():
    """At list price: input as bytes / 4, output as the request's 5 tokens; then what the provider counted."""
    stage = stage_of(budget(usd=1))
    client = stage.run()
    size = len(stage.upstream.requests[0].body)
    ((_, before, reserved),) = spent(stage)
    answer(stage)

    assert before == 0
    assert reserved == pytest.approx(((size + 1) // 4 * 5 + 5 * 25) * 1_000, rel=0.1)
    assert spent(stage) == [("all", COST, 0)]
    assert stage.journal.outcomes[0].intent.budgets == (BudgetMark("all"),)
    assert not any(name.startswith(b"x-headgate-budget") for name in client.headers)


def test_what_would_exceed_a_budget_is_refused_recorded_and_never_sent():
    """The error says when it resets; the row has its code and the budget."""
    stage = stage_of(budget("team", usd=0.0053, per_user=True))
    stage.run()
    answer(stage)
    with pytest.raises(BudgetExhausted, match=r"Budget 'team' of ada@example.com has no room .* \$0.0052 of \$0.0053 is spent this month") as refused:
        stage.run()

    row = stage.journal.outcomes[1]
    assert len(stage.upstream.requests) == 1
    assert (row.ended, row.status_code, row.error_code, row.intent.endpoint) == ("refused", 429, "budget_exhausted", "opus")
    assert row.intent.budgets == (BudgetMark("team", "usr_ada@example.com", "block"),)
    assert refused.value.retry_after_s > 61
    assert refused.value.budget.name == "team"


def test_limits_and_budgets_are_reserved_together_or_not_at_all():
    """What the limit denies, the budget gets back; a spent budget is named before a full limit."""
    stage = stage_of(budget(usd=1), declared=LimitTable([limit(requests=1)]))
    stage.run()
    with pytest.raises(Exception, match="1 request per minute"):
        stage.run()
    answer(stage)
    assert spent(stage) == [("all", COST, 0)]

    both = stage_of(budget(usd=0), declared=LimitTable([limit(requests=1)]))
    for _ in range(2):
        with pytest.raises(BudgetExhausted):
            both.run()


def test_what_reached_no_provider_costs_nothing():
    """Nor does an error answer."""
    stage = stage_of(budget(usd=1))
    stage.run()
    stage.upstream.sinks[0].head(400, JSON)
    stage.upstream.sinks[0].data(b"{}")
    stage.upstream.sinks[0].end()

    assert spent(stage) == [("all", 0, 0)]


def test_a_warning_is_in_the_headers_of_the_answer():
    """Of what was used before the request."""
    stage = stage_of(budget("team, day", "day", usd=0.02, actions="20 warn, 100 block"))
    stage.run()
    answer(stage)
    client = stage.run()
    answer(stage)

    assert client.headers[b"x-headgate-budget-name"] == b"team, day"
    assert client.headers[b"x-headgate-budget-percent"] == b"25"
    assert client.headers[b"x-headgate-budget-left-usd"] == b"0.01"
    assert client.headers[b"x-headgate-budget-resets"].endswith(b"T00:00:00+00:00")
    stage.exchanges.admissions.tick()
    stage.exchanges.admissions.tick()
    assert [(crossing.action.percent, crossing.state.spent) for crossing in stage.crossings] == [(20, COST)]


def test_a_downgrade_is_sent_to_the_endpoint_that_the_budget_names():
    """It is said in the answer's headers and in the record, and it costs what that endpoint costs."""
    stage = stage_of(budget(usd=0.02, actions="20 downgrade haiku, 100 block"))
    stage.run()
    answer(stage)
    client = stage.run()
    answer(stage, start=START.replace(b"claude-opus-4-6", b"claude-haiku-4-5"))

    assert b'"model":"claude-haiku-4-5"' in stage.upstream.requests[1].body.replace(b'": "', b'":"')
    assert client.headers[b"x-headgate-budget-downgraded-from"] == b"opus"
    assert client.headers[b"x-headgate-budget-downgraded-to"] == b"haiku"
    assert client.headers[b"x-headgate-budget-name"] == b"all"
    record = stage.journal.outcomes[1].intent
    assert (record.endpoint, record.downgraded_from, record.model_asked, record.model_sent) == ("haiku", "opus", "opus", "claude-haiku-4-5")
    assert record.budgets == (BudgetMark("all", "", "downgrade"),)
    assert spent(stage) == [("all", COST + COST // 5, 0)]


@pytest.mark.parametrize("late", [False, True], ids=["at once", "later"])
def test_a_budget_may_refuse_at_the_other_endpoint_too(late):
    """The record has both endpoints."""
    found = stage_of(budget(usd=0, actions="50 downgrade haiku, 100 block"), late=late)
    if late:
        stage, store = found
        stage.run()
        store.answer()
        store.answer()
    else:
        stage = found
        with pytest.raises(BudgetExhausted):
            stage.run()

    (row,) = stage.journal.outcomes
    assert (row.intent.endpoint, row.intent.downgraded_from, row.error_code) == ("haiku", "opus", "budget_exhausted")


def test_the_other_endpoint_may_be_outside_the_budget():
    """Then its cost counts nowhere."""
    stage = stage_of(budget(usd=0, endpoint="opus", actions="90 downgrade haiku, 100 block"))
    stage.run()
    answer(stage)

    assert stage.journal.outcomes[0].intent.budgets == ()
    assert stage.journal.outcomes[0].intent.downgraded_from == "opus"
    assert spent(stage) == [("all", 0, 0)]


def test_a_request_for_the_named_endpoint_goes_on_until_the_block():
    """It is not downgraded to itself."""
    stage = stage_of(budget(usd=0.02, actions="1 downgrade haiku, 100 block"))
    for _ in range(2):
        stage.run(model="haiku")
        answer(stage)

    assert [outcome.intent.downgraded_from for outcome in stage.journal.outcomes] == ["", ""]


@pytest.mark.parametrize(
    ("to", "allowed", "why"),
    [
        ("none", ("*",), "No endpoint answers to the model 'none'"),
        ("haiku", ("opus",), "may not use endpoint haiku"),
        ("local", ("*",), "has no price"),
    ],
)
def test_a_downgrade_that_is_not_possible(to, allowed, why):
    """The next action applies, and the answer and the refusal say so."""
    stage = stage_of(budget(usd=0.01, actions=f"20 downgrade {to}, 100 block"))
    stage.run(allowed=allowed)
    answer(stage)
    client = stage.run(allowed=allowed)
    answer(stage)
    assert client.headers[b"x-headgate-budget-downgrade"] == b"not possible"
    assert stage.journal.outcomes[1].intent.endpoint == "opus"

    with pytest.raises(BudgetExhausted) as refused:
        stage.run(allowed=allowed)
    assert f"It could not be sent to endpoint {to} instead: " in refused.value.message
    assert why in refused.value.message


def test_a_decision_that_comes_later():
    """A downgrade is asked for once more, and is decided later too; what is not sent goes back."""
    stage, store = stage_of(budget(usd=0.02, actions="20 downgrade haiku, 100 block"), late=True)
    stage.run()
    store.answer()
    answer(stage)
    client = stage.run()
    store.answer()
    assert len(stage.upstream.requests) == 1
    store.answer()
    answer(stage)
    assert stage.journal.outcomes[1].intent.endpoint == "haiku"
    assert client.headers[b"x-headgate-budget-downgraded-to"] == b"haiku"

    gone = stage.run(model="haiku")
    gone.watcher.client_gone()
    for _ in range(2):
        store.answer()
    table = BudgetTable([stage.snapshot.budgets.table.by_name["all"]])
    (state,) = store.decider.budget_states(table)
    assert state.used == state.spent


def test_a_refusal_that_comes_later_is_the_answer():
    """In the client's dialect, recorded with its budget."""
    stage, store = stage_of(budget(usd=0), late=True)
    client = stage.run()
    store.answer()

    assert (client.status, stage.journal.outcomes[0].error_code) == (429, "budget_exhausted")
    assert stage.journal.outcomes[0].intent.budgets == (BudgetMark("all", "", "block"),)


def test_a_session_that_the_body_names_is_the_one_of_the_record():
    """Of a bounded length, whatever a client sends."""
    stage = stage_of(budget(usd=5, of_session=True))
    inbound = stage.inbound(b'{"model":"opus","messages":[],"max_tokens":5,"metadata":{"user_id":"user_1_account__session_%s"}}' % (b"a" * 5_000))
    stage.exchanges.run(inbound, FakeClient(), lambda: None)

    (intent,) = stage.journal.intents
    assert intent.budgets[0].value == f"usr_ada@example.com\n{intent.session_id}"
    assert len(intent.session_id) == 256


@pytest.mark.parametrize(
    ("values", "said"),
    [({"unpriced": "rate", "rate": FallbackRate(1_000.0, 1_000.0)}, "rate"), ({"unpriced": "pass"}, "pass")],
)
def test_a_model_without_a_price(values, said):
    """Counts at the stated rate, or not at all; the answer and the record say so."""
    stage = stage_of(budget(usd=5, **values))
    client = stage.run(model="local")
    answer(stage, start=START.replace(b"claude-opus-4-6", b"qwen"))

    assert client.headers[b"x-headgate-budget-unpriced"] == said.encode()
    assert stage.journal.outcomes[0].intent.budgets == (BudgetMark("all", "", "", said),)
    assert spent(stage) == [("all", nano(1.007) if said == "rate" else 0, 0)]


def test_a_budget_may_refuse_models_without_a_price():
    """It says which model, and whose budget."""
    stage = stage_of(budget(usd=5))
    with pytest.raises(Forbidden, match="Model qwen of provider local has no price, and budget 'all' refuses"):
        stage.run(model="local")

    assert (stage.journal.outcomes[0].error_code, stage.upstream.requests) == ("budget_unpriced", [])


def test_a_hard_budget_reserves_the_most_that_a_request_can_cost():
    """A token for each byte of input; without a largest output it is refused."""
    stage = stage_of(budget(usd=5, hard=True))
    stage.run()
    size = len(stage.upstream.requests[0].body) - len("claude-opus-4-6") + len("opus")
    assert spent(stage) == [("all", 0, (size * 5 + 5 * 25) * 1_000)]

    with pytest.raises(BadRequest, match="A hard budget on endpoint opus"):
        stage.ask("anthropic", b'{"model":"opus","messages":[]}', MESSAGES)


def test_what_the_requesters_own_account_pays_is_outside():
    """It costs Headgate nothing."""
    provider = Provider("max", "anthropic", "https://api.anthropic.com", auth="client")
    stage = Stage(endpoints=(Endpoint(name="opus", targets=(target_of(provider, "claude-opus-4-6"),)),), budgets=(budget(usd=0),))
    inbound = stage.inbound(b'{"model":"opus","messages":[],"max_tokens":5}')
    inbound.head.own = ClientCredential(b"authorization", Secret("sk-ant-oat01-0123456789abcdef"))
    stage.exchanges.run(inbound, FakeClient(), lambda: None)

    assert len(stage.upstream.requests) == 1


def test_counting_tokens_is_outside():
    """Agents do it many times at once."""
    stage = stage_of(budget(usd=0))
    count = Operation("count_tokens", "anthropic/v1/messages/count_tokens", streams="never", generates=False)
    stage.ask("anthropic", b'{"model":"opus","messages":[]}', count)

    assert len(stage.upstream.requests) == 1
