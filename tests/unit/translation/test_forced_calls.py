"""Calls that must be made, and thinking."""

from headgate.core.conversation import Reasoning, ToolChoice
from headgate.core.model_profile import ModelProfile
from headgate.translation.forced_calls import reconciled
from headgate.translation.loss_list import LossList

NAMED = ToolChoice("named", ("a",))
THINKS = Reasoning(mode="on", budget_tokens=1024, shown=True)


def _reconciled(choice, reasoning, **profile):
    losses = LossList()
    return (*reconciled(choice, reasoning, ModelProfile(**profile), losses), [loss.what for loss in losses.all()])


def test_most_models_do_both():
    """And a free choice is never in the way."""
    assert _reconciled(NAMED, THINKS) == (NAMED, THINKS, [])
    assert _reconciled(ToolChoice(), THINKS, thinks_before_forced_calls=False) == (ToolChoice(), THINKS, [])


def test_the_call_counts_more_than_the_thoughts():
    """The client needs the call."""
    assert _reconciled(NAMED, THINKS, thinks_before_forced_calls=False) == (NAMED, Reasoning(mode="off", shown=True), ["reasoning"])
    assert _reconciled(NAMED, Reasoning(), thinks_before_forced_calls=False) == (NAMED, Reasoning(), [])


def test_a_model_that_always_thinks_is_free_to_call():
    """It would refuse the request."""
    assert _reconciled(NAMED, THINKS, thinks_before_forced_calls=False, thinking_optional=False) == (ToolChoice(), THINKS, ["tool_choice"])
