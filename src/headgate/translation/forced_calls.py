"""A call that must be made and thinking: some models refuse both together."""

import msgspec

from headgate.core.conversation import Reasoning, ToolChoice
from headgate.core.model_profile import ModelProfile
from headgate.translation.loss_list import LossList
from headgate.translation.reasoning import ADAPTIVE, OFF, ON


def reconciled(choice: ToolChoice, reasoning: Reasoning, profile: ModelProfile, losses: LossList) -> tuple[ToolChoice, Reasoning]:
    """Both as the model takes them. The call counts more than the thoughts before it, except where the model cannot do without these."""
    forced = choice.mode in {"named", "required"} or choice.must_call
    if not forced or profile.thinks_before_forced_calls or not profile.thinks:
        return choice, reasoning
    if not profile.thinking_optional:
        losses.add("tool_choice", "the model always thinks and cannot be made to call a tool; it may call one")
        return ToolChoice(), reasoning
    if reasoning.mode not in {ON, ADAPTIVE}:
        return choice, reasoning
    losses.add("reasoning", "the model does not think where it must call a tool")
    return choice, msgspec.structs.replace(reasoning, mode=OFF, effort="", budget_tokens=None)
