"""How much a model is to think."""

import pytest

from headgate.core.conversation import Conversation, Reasoning
from headgate.core.loss import Loss
from headgate.core.model_profile import ModelProfile
from headgate.translation.loss_list import LossList
from headgate.translation.reasoning import clamped, effort_of, prepared_reasoning
from tests.fakes.translation import ANTHROPIC, CHAT, GEMINI, RESPONSES

FIVE = ModelProfile(thinking="adaptive", efforts=("low", "medium", "high", "xhigh", "max"), output_tokens_max=128_000)
HAIKU = ModelProfile(thinking="budget", budget_tokens_min=1024, output_tokens_max=64_000)
GPT = ModelProfile(thinking="effort", efforts=("none", "low", "medium", "high", "xhigh"))
GEMINI_3 = ModelProfile(thinking="level", efforts=("low", "high"), thinking_optional=False)
GEMINI_25 = ModelProfile(thinking="budget", budget_tokens_max=24_576, output_tokens_max=65_536)


def _prepared(asked, traits, profile, output=0):
    losses = LossList()
    found = prepared_reasoning(Conversation(model="m", reasoning=asked, output_tokens_max=output), traits, profile, losses)
    return found, losses.all()


@pytest.mark.parametrize(
    ("asked", "traits", "profile", "prepared"),
    [
        (Reasoning(), ANTHROPIC, FIVE, Reasoning()),
        (Reasoning(shown=True), GEMINI, GEMINI_3, Reasoning(shown=True)),
        (Reasoning(effort="high"), ANTHROPIC, FIVE, Reasoning(mode="adaptive", effort="high")),
        (Reasoning(mode="on", effort="minimal"), ANTHROPIC, FIVE, Reasoning(mode="adaptive", effort="low")),
        (Reasoning(mode="on", budget_tokens=10_000), ANTHROPIC, FIVE, Reasoning(mode="adaptive", effort="medium")),
        (Reasoning(mode="on", effort="none"), ANTHROPIC, FIVE, Reasoning(mode="off")),
        (Reasoning(mode="on", effort="medium"), ANTHROPIC, HAIKU, Reasoning(mode="on", budget_tokens=8192)),
        (Reasoning(mode="on", effort="minimal"), ANTHROPIC, HAIKU, Reasoning(mode="on", budget_tokens=1024)),
        (Reasoning(mode="on", effort="max"), ANTHROPIC, HAIKU, Reasoning(mode="on", budget_tokens=62_976)),
        (Reasoning(mode="adaptive", shown=True), ANTHROPIC, HAIKU, Reasoning(mode="on", budget_tokens=8192, shown=True)),
        (Reasoning(mode="adaptive", effort="max"), RESPONSES, GPT, Reasoning(mode="on", effort="xhigh")),
        (Reasoning(mode="adaptive"), RESPONSES, GPT, Reasoning()),
        (Reasoning(mode="off"), CHAT, GPT, Reasoning(mode="off")),
        (Reasoning(mode="on", budget_tokens=-1), CHAT, GPT, Reasoning()),
        (Reasoning(mode="on", effort="medium"), GEMINI, GEMINI_3, Reasoning(mode="on", effort="low")),
        (Reasoning(mode="on", effort="max"), GEMINI, GEMINI_25, Reasoning(mode="on", budget_tokens=24_576)),
        (Reasoning(mode="adaptive"), GEMINI, GEMINI_25, Reasoning(mode="adaptive")),
        (Reasoning(mode="on", effort="high"), GEMINI, ModelProfile(), Reasoning(mode="on", effort="high")),
        (Reasoning(mode="on", effort="high"), ANTHROPIC, ModelProfile(), Reasoning(mode="on", budget_tokens=24_576)),
    ],
)
def test_reasoning_is_asked_for_in_the_targets_words(asked, traits, profile, prepared):
    """And what is asked for in its words is not changed again."""
    assert _prepared(asked, traits, profile) == (prepared, ())
    assert _prepared(prepared, traits, profile) == (prepared, ())


def test_a_budget_leaves_room_for_the_answer():
    """Where there is none, the model does not think."""
    assert _prepared(Reasoning(mode="on", effort="high"), ANTHROPIC, HAIKU, 4096)[0] == Reasoning(mode="on", budget_tokens=3072)
    assert _prepared(Reasoning(mode="on", effort="high"), ANTHROPIC, HAIKU, 2000) == (
        Reasoning(mode="off"),
        (Loss("reasoning", "an answer of at most 2000 tokens has no room for it"),),
    )


def test_a_model_that_always_thinks_is_asked_for_the_least():
    """That is a loss."""
    found, losses = _prepared(Reasoning(mode="off"), GEMINI, GEMINI_3)

    assert found == Reasoning(mode="on", effort="low")
    assert losses == (Loss("reasoning", "the model m always thinks; it is asked for the least"),)


def test_a_model_of_which_nothing_is_known_is_not_asked_to_stop_thinking():
    """Many servers behind OpenAI's formats refuse an effort that they do not know."""
    why = "it is not known how the model m is asked not to think"

    assert _prepared(Reasoning(mode="off", shown=False), CHAT, ModelProfile()) == (Reasoning(shown=False), (Loss("reasoning", why),))


def test_a_model_without_reasoning_is_not_asked():
    """Not to think is what it does."""
    plain = ModelProfile(thinks=False)

    assert _prepared(Reasoning(mode="on", effort="low"), CHAT, plain) == (Reasoning(), (Loss("reasoning", "the model m has no setting of it"),))
    assert _prepared(Reasoning(mode="off"), CHAT, plain) == (Reasoning(), ())
    assert _prepared(Reasoning(shown=True), CHAT, plain) == (Reasoning(), ())


@pytest.mark.parametrize(("budget", "effort"), [(1, "minimal"), (1024, "low"), (8191, "low"), (24_576, "high"), (200_000, "max")])
def test_a_budget_is_the_effort_below_it(budget, effort):
    """By one table."""
    assert effort_of(budget) == effort


def test_the_nearest_effort_is_taken():
    """Of two as near the smaller one; what no table knows is the provider's to refuse."""
    assert clamped("max", ("low", "medium", "high")) == "high"
    assert clamped("medium", ("low", "high")) == "low"
    assert clamped("minimal", ("none", "low")) == "low"
    assert clamped("ultra", ("low",)) == "ultra"
    assert clamped("high", ()) == "high"
