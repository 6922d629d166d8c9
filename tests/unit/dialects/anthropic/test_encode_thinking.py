"""How much a Claude model is to think."""

import pytest

from headgate.core.conversation import Reasoning, Text, Thinking, ToolCall, ToolResult, Turn
from headgate.core.model_profile import ModelProfile
from headgate.core.opaque_state import OpaqueState
from headgate.dialects.anthropic.encode_thinking import EncodedThinking, thinking

BUDGET = ModelProfile(thinking="budget")
SIGNED = Thinking("hm", state=OpaqueState("anthropic", "signature", "Eq"))
CALL = ToolCall("t", "f", "{}")
RESULT = Turn("user", (ToolResult("t", (Text("1"),)),))


def settings(reasoning, profile=ModelProfile(), turns=(), tokens_max=32000):
    """The settings that are sent, and what is lost."""
    losses = []
    made = thinking(reasoning, turns, profile, tokens_max, losses)
    return made, [loss.what for loss in losses]


@pytest.mark.parametrize(
    ("reasoning", "made"),
    [
        (Reasoning(), EncodedThinking()),
        (Reasoning(shown=True), EncodedThinking()),
        (Reasoning(mode="off"), EncodedThinking({"type": "disabled"})),
        (Reasoning(mode="adaptive"), EncodedThinking({"type": "adaptive"})),
        (Reasoning(mode="adaptive", shown=True), EncodedThinking({"type": "adaptive", "display": "summarized"})),
        (Reasoning(mode="on", effort="high", shown=False), EncodedThinking({"type": "adaptive", "display": "omitted"}, "high")),
        (Reasoning(effort="minimal"), EncodedThinking({"type": "adaptive"}, "low")),
        (Reasoning(mode="on", budget_tokens=2048), EncodedThinking({"type": "enabled", "budget_tokens": 2048})),
    ],
)
def test_a_model_that_nothing_is_known_of(reasoning, made):
    """It thinks as much as it needs, unless a budget is asked for."""
    assert settings(reasoning) == (made, [])


@pytest.mark.parametrize(("budget", "effort"), [(1024, "low"), (8192, "medium"), (24576, "high")])
def test_a_budget_is_an_effort_where_the_model_takes_none(budget, effort):
    """Newer models refuse one."""
    made = settings(Reasoning(mode="on", budget_tokens=budget), ModelProfile(thinking="adaptive"))

    assert made == (EncodedThinking({"type": "adaptive"}, effort), [])


@pytest.mark.parametrize(
    ("reasoning", "tokens_max", "budget"),
    [
        (Reasoning(mode="adaptive"), 32000, 8192),
        (Reasoning(mode="on", effort="high"), 32000, 24576),
        (Reasoning(mode="on", budget_tokens=100), 32000, 1024),
        (Reasoning(mode="on", budget_tokens=10000), 16000, 10000),
        (Reasoning(mode="on", budget_tokens=50000), 32000, 16000),
    ],
)
def test_an_older_model_gets_a_budget(reasoning, tokens_max, budget):
    """It is below the bound of the answer, and at least 1024."""
    assert settings(reasoning, BUDGET, tokens_max=tokens_max) == (EncodedThinking({"type": "enabled", "budget_tokens": budget}), [])


def test_a_budget_is_within_the_models_bounds():
    """Its profile has them."""
    profile = ModelProfile(thinking="budget", budget_tokens_min=2000, budget_tokens_max=4000)

    assert settings(Reasoning(mode="on", budget_tokens=1024), profile)[0].thinking == {"type": "enabled", "budget_tokens": 2000}
    assert settings(Reasoning(mode="on", budget_tokens=9000), profile)[0].thinking == {"type": "enabled", "budget_tokens": 4000}


@pytest.mark.parametrize(
    ("reasoning", "profile", "tokens_max", "made"),
    [
        (Reasoning(mode="on", budget_tokens=2000), BUDGET, 2000, EncodedThinking()),
        (Reasoning(mode="adaptive"), ModelProfile(thinks=False), 32000, EncodedThinking()),
        (Reasoning(mode="off"), ModelProfile(thinking_optional=False), 32000, EncodedThinking(effort="low")),
    ],
)
def test_what_the_model_cannot_do_is_reported(reasoning, profile, tokens_max, made):
    """Too little room, no thoughts at all, or always some."""
    assert settings(reasoning, profile, tokens_max=tokens_max) == (made, ["reasoning"])


def test_a_model_that_does_not_think_need_not_be_stopped():
    """Nothing is lost then."""
    assert settings(Reasoning(mode="off"), ModelProfile(thinks=False)) == (EncodedThinking(), [])


@pytest.mark.parametrize(
    ("parts", "thinks"),
    [
        ((SIGNED, Text("a"), CALL), True),
        ((Thinking("hm"), SIGNED, CALL), True),
        ((Text("a"), SIGNED, CALL), False),
        ((Thinking("hm"), CALL), False),
        ((Text("a"),), True),
    ],
)
def test_a_turn_goes_on_as_it_began(parts, thinks):
    """With a budget Anthropic refuses calls of the last turn that come without a signed thought first. Newer models take them."""
    turns = (Turn("user", (Text("x"),)), Turn("assistant", parts), RESULT)

    assert settings(Reasoning(mode="on"), BUDGET, turns)[0].thinks is thinks
    assert settings(Reasoning(mode="on"), turns=turns)[0].thinks


def test_disabled_is_not_thinking():
    """It bounds no other setting."""
    assert not EncodedThinking({"type": "disabled"}).thinks
    assert not EncodedThinking().thinks
