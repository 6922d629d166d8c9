"""Explanations as JSON has them."""

import json

import msgspec
import pytest

from headgate.app.explaining import Explaining, remaining
from headgate.core.errors import BadRequest
from headgate.exchange.explanation import Explainer
from headgate.policy.limits import LimitTable
from headgate.web.api.policy import ExplainRequest
from tests.fakes.access import governance_of
from tests.fakes.browser import Browser
from tests.fakes.limits import limit
from tests.fakes.principals import token_of, user
from tests.unit.exchange.journeys import Stage


def explain(stage, **asked):
    """The answer, as a client decodes it."""
    explaining = Explaining(
        Explainer(stage.exchanges.admissions, stage.exchanges.failures), lambda: stage.snapshot, lambda name: token_of(user(name, "contractors"))
    )
    return explaining.explain(ExplainRequest(user="ada", **asked))


def test_everything_that_decides():
    """The user with their groups, the endpoint, its targets, limits with what is left."""
    stage = Stage(declared=LimitTable([limit("user_default", requests=2)]))
    found = explain(stage, model="opus", agent="claude-code")
    assert json.loads(json.dumps(found)) == {
        "user": "ada",
        "has_token": True,
        "groups": ["contractors"],
        "model": "opus",
        "agent": "claude-code",
        "dialect": "anthropic",
        "allowed": True,
        "refusal": None,
        "endpoint": "opus",
        "downgraded_from": "",
        "targets": [
            {"provider": "lab", "model": "claude-opus-4-6", "dialect": "anthropic", "translated_to": None, "passed_over": False},
            {"provider": "spare", "model": "claude-opus-4-5", "dialect": "anthropic", "translated_to": None, "passed_over": False},
        ],
        "grants": [],
        "privileges": [],
        "limits": [
            {
                "key": "user_default",
                "endpoint": "*",
                "value": "ada",
                "per": "minute",
                "measure": "requests",
                "maximum": 2,
                "used": 0,
                "remaining": 2,
            }
        ],
        "budgets": [],
    }


@pytest.mark.parametrize(
    ("asked", "dialect", "allowed"),
    [
        ({"model": "opus"}, "anthropic", True),
        ({"model": "flash"}, "gemini", True),
        ({"model": "gpt"}, "openai_responses", True),
        ({"model": "gpt", "dialect": "openai_chat"}, "openai_chat", True),
        ({"model": "gpt", "agent": "claude-code"}, "anthropic", True),
        ({"model": "nothing"}, "anthropic", False),
    ],
)  # fmt: skip
def test_the_dialect(asked, dialect, allowed):
    """The stated one, the agent's, or the first in which the model is served without translation."""
    found = explain(Stage(), **asked)
    assert (found["dialect"], found["allowed"]) == (dialect, allowed)
    assert (found["refusal"] is None) is allowed


def test_a_deactivated_user():
    """Is refused before anything else, as their requests are."""
    stage = Stage()
    token = token_of(msgspec.structs.replace(user("ada"), active=False))
    explaining = Explaining(Explainer(stage.exchanges.admissions, stage.exchanges.failures), lambda: stage.snapshot, lambda _: token)
    found = explaining.explain(ExplainRequest(user="ada", model="opus"))
    assert (found["allowed"], found["refusal"]["code"], found["endpoint"]) == (False, "principal_inactive", "")


def test_an_unknown_dialect():
    """Is refused with those that there are."""
    with pytest.raises(BadRequest, match="Did you mean 'anthropic'"):
        explain(Stage(), model="opus", dialect="antropic")


def test_what_is_left_of_a_principals_own():
    """Each measure of each limit in words, and the budgets as meters."""
    found = remaining(governance_of(Browser()), user("bob"))
    (own,) = found.limits
    assert (own.key, own.whose, own.measure, own.maximum, own.used, own.remaining) == ("user", "user bob", "tokens", 9000, 0, 9000)
    assert [(each.name, each.principal) for each in found.budgets] == [("all", "bob")]
