"""The documentation's file of all governance at once, over a provider's own models: every entry holds for what answers to the name in it."""

import msgspec
import pytest

from headgate.admin.token_ports import StoredAccess
from headgate.app.composition import Composer
from headgate.app.explaining import Explaining
from headgate.app.token_store import StoredState
from headgate.config.load import WrittenFile, load
from headgate.core.access_token import AccessToken
from headgate.core.principal import Principal
from headgate.core.roles import MEMBER
from headgate.core.scopes import INFERENCE
from headgate.exchange.explanation import Explainer
from headgate.web.api.policy import ExplainRequest
from tests.e2e.documented import block
from tests.unit.exchange.journeys import Stage

PROVIDERS = """
[[providers]]
name = "lab"
dialect = "anthropic"
models = ["claude-opus-4-6", "claude-haiku-4-5"]

[[providers]]
name = "open"
dialect = "openai"
models = ["gpt-5.2"]
"""
ENVIRON = {"HEADGATE_DISCOVERY_ENVIRONMENT": "false", "HEADGATE_DISCOVERY_OLLAMA": "false"}


@pytest.fixture
def explain():
    """Explains what happens to the requests of users of that file."""
    written = load("", ENVIRON, accepted=WrittenFile("headgate.toml", PROVIDERS + block("governance", "docs/governance.md").text))
    assert written.notes == ()
    principals = [
        Principal(id=f"usr_{name}", name=name, roles=frozenset({MEMBER}), scopes=frozenset({INFERENCE}))
        for name in ("ada@example.com", "eve@example.com")
    ]
    tokens = {each.name.encode(): AccessToken(id=each.name, name=each.name, principal=each) for each in principals}
    stored = StoredState(StoredAccess(1, tokens), frozenset())
    composer, stage = Composer(), Stage()
    stage.snapshot = msgspec.structs.replace(composer.compose(written, stored))
    explaining = Explaining(
        Explainer(stage.exchanges.admissions, stage.exchanges.failures), lambda: stage.snapshot, lambda name: composer.token_as(name, stored)
    )
    return lambda user, model: explaining.explain(ExplainRequest(user=user, model=model))


@pytest.mark.parametrize("model", ["databricks-claude-opus-4-6", "claude-opus-4-6"])
def test_a_contractor_and_opus(explain, model):
    """Both limits, the budget and no grant, under either name."""
    found = explain("ada@example.com", model)
    assert found["allowed"]
    assert found["groups"] == ["contractors"]
    assert [(limit["key"], limit["measure"], limit["maximum"]) for limit in found["limits"]] == [
        ("user_default", "requests", 60), ("user_default", "tokens", 200_000), ("group", "tokens", 1_000_000),
    ]  # fmt: skip
    assert [(budget.name, budget.usd) for budget in found["budgets"]] == [("contractors, month", 50.0)]


@pytest.mark.parametrize("model", ["databricks-gpt-5-2", "gpt-5.2"])
def test_only_contractors_may_use_gpt(explain, model):
    """Under either name."""
    assert explain("ada@example.com", model)["allowed"]
    refused = explain("eve@example.com", model)
    assert refused["refusal"]["code"] == "permission_missing"


def test_another_user(explain):
    """Has the default limit of opus alone, and no budget."""
    found = explain("eve@example.com", "claude-opus-4-6")
    assert ([limit["key"] for limit in found["limits"]], found["budgets"]) == (["user_default", "user_default"], [])
    assert explain("eve@example.com", "claude-haiku-4-5")["limits"] == []


def test_the_readmes_file_is_a_part_of_it():
    """It loads without a note, and declares one of each."""
    written = load("", ENVIRON, accepted=WrittenFile("headgate.toml", PROVIDERS + block("govern", "README.md").text))
    assert written.notes == ()
    assert [len(each) for each in (written.groups, written.grants, written.limits, written.budgets)] == [1, 1, 1, 1]
