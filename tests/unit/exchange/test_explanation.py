"""What would happen to a request: the same as what happens, and nothing is sent, counted or remembered of it."""

import msgspec

from headgate.core.endpoint_grant import EndpointGrant
from headgate.core.errors import BudgetExhausted, FeatureDisabled, Forbidden, LimitExceeded, UnknownModel
from headgate.core.principal_name import PrincipalName
from headgate.dialects.registry import CLIENTS
from headgate.dialects.smallest import smallest_request
from headgate.exchange.explanation import AskedRequest, Explainer, LimitUse
from headgate.policy.limits import LimitTable
from headgate.policy.permissions import CatalogService, Holders, Need, PermissionTable
from headgate.policy.previews import Previews
from tests.fakes.budgets import budget
from tests.fakes.limits import limit
from tests.fakes.ports import FakeClock
from tests.fakes.principals import token_of, user
from tests.unit.exchange.journeys import LAB, MESSAGES, SPARE, Stage
from tests.unit.exchange.test_budgeting import HAIKU, OPUS


def explain(stage, model="opus", face="anthropic", name="ada@example.com", **question):
    """Ask about a user."""
    asked = AskedRequest(
        token=token_of(user(name)),
        face=CLIENTS[face],
        operation=MESSAGES,
        body=smallest_request(face, model),
        model=model,
        agent="claude-code",
        **question,
    )
    return Explainer(stage.exchanges.admissions, stage.exchanges.failures).explain(asked, stage.snapshot)


def test_a_request_that_would_be_sent():
    """With the targets in the order of their tries; nothing is sent or recorded."""
    stage = Stage()
    found = explain(stage)
    assert (found.endpoint, found.refusal) == ("opus", None)
    assert [target.provider for target in found.targets] == [LAB, SPARE]
    assert (stage.upstream.requests, stage.journal.intents, stage.journal.outcomes) == ([], [], [])


def test_a_model_that_is_not_served():
    """Is refused as the agent would see it."""
    assert isinstance(explain(Stage(), "opsu", "anthropic").refusal, UnknownModel)


def test_permission():
    """The grants that name the endpoint are shown, and who has none is refused."""
    stage = Stage()
    grant = EndpointGrant(PrincipalName("ben"), "opus")
    stage.snapshot = msgspec.structs.replace(stage.snapshot, permissions=PermissionTable([grant]))
    denied, allowed = explain(stage), explain(stage, name="ben")
    assert isinstance(denied.refusal, Forbidden)
    assert denied.grants == allowed.grants == (grant,)
    assert (denied.targets, allowed.refusal) == ((), None)


def test_a_model_service_of_the_catalog():
    """The privileges that it takes are shown with whether the caller has each; an administrator has them all."""
    stage = Stage()
    eve = Holders(frozenset({"ada@example.com"}), frozenset(), frozenset())
    service = CatalogService((Need("USE CATALOG", "catalog main", eve),), Need("EXECUTE", "model service main.ai.x", Holders(frozenset(), frozenset(), frozenset())), Need("MANAGE", "", eve))  # fmt: skip
    stage.snapshot = msgspec.structs.replace(stage.snapshot, permissions=PermissionTable((), services=lambda _: service))
    found = explain(stage)
    assert [(each.privilege, each.on, each.held) for each in found.privileges] == [
        ("USE CATALOG", "catalog main", True), ("EXECUTE", "model service main.ai.x", False),
    ]  # fmt: skip
    assert "lacks the privilege EXECUTE on model service main.ai.x" in found.refusal.message


def test_a_preview_that_is_off():
    """Is said before anything else."""
    stage = Stage()
    stage.snapshot = msgspec.structs.replace(stage.snapshot, previews=Previews(coding_agents=False))
    assert isinstance(explain(stage).refusal, FeatureDisabled)


def test_limits_with_what_is_used_of_them():
    """Of this user alone; a question uses nothing, whatever it is answered."""
    stage = Stage(declared=LimitTable([limit("user_default", requests=2, tokens=10_000)]), clock=FakeClock())
    stage.run()
    before = [explain(stage) for _ in range(5)][-1]
    stage.run()
    after, other = explain(stage), explain(stage, name="ben")

    assert before.refusal is None
    assert LimitUse("user_default", "*", "ada@example.com", "minute", "requests", 2, 1) in before.limits
    assert isinstance(after.refusal, LimitExceeded)
    assert [(use.measure, use.used) for use in other.limits] == [("requests", 0), ("tokens", 0)]
    assert other.refusal is None


def test_budgets():
    """One that is used up refuses; one that sends elsewhere says where."""
    stage = Stage(endpoints=(OPUS, HAIKU), budgets=[budget("team", usd=0)], clock=FakeClock())
    refused = explain(stage)
    assert isinstance(refused.refusal, BudgetExhausted)
    assert [(state.budget.name, state.used) for state in refused.budgets] == [("team", 0)]


def test_a_downgrade():
    """The other endpoint is explained, with its targets."""
    down = budget("team", usd=0, actions="90 downgrade haiku", endpoint="opus")
    found = explain(Stage(endpoints=(OPUS, HAIKU), budgets=[down], clock=FakeClock()))
    assert (found.refusal, found.endpoint, found.downgraded_from) == (None, "haiku", "opus")
    assert [target.model for target in found.targets] == ["claude-haiku-4-5"]
    assert [state.budget.name for state in found.budgets] == ["team"]


def test_a_downgrade_counts_no_question():
    """What is used of the other endpoint's limits is what real requests used."""
    down = budget("team", usd=0, actions="90 downgrade haiku", endpoint="opus")
    found = explain(Stage(endpoints=(OPUS, HAIKU), budgets=[down], declared=LimitTable([limit(requests=2)]), clock=FakeClock()))
    assert [use.used for use in found.limits] == [0]


def test_a_target_in_trouble_is_shown_and_not_probed():
    """A question is no request that tries it again."""
    stage = Stage()
    target = stage.snapshot.endpoints.resolve("opus", "anthropic").targets[0]
    for _ in range(5):
        stage.exchanges.failures.circuits.fails(target)
    assert [each.provider for each in explain(stage).passed_over] == [LAB]
    stage.clock.now_s += 6
    explain(stage)
    assert not stage.exchanges.failures.circuits.passes_over(target)
