"""How much a model is to think, in the target's words: adaptive with an effort, a budget of tokens, a level. The one module that knows the table."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from headgate.core.conversation import Conversation, Reasoning
from headgate.core.dialect_traits import DialectTraits
from headgate.core.model_profile import ModelProfile
from headgate.translation.loss_list import LossList

OFF: Final = "off"
ADAPTIVE: Final = "adaptive"
ON: Final = "on"

BUDGETS: Mapping[str, int] = MappingProxyType({
    "none": 0,
    "minimal": 512,
    "low": 1024,
    "medium": 8192,
    "high": 24576,
    "xhigh": 32768,
    "max": 128000,
})
"""Tokens of a budget that mean about as much as an effort does, from the least to the most."""

_ORDER: Final = tuple(BUDGETS)
_USUAL: Mapping[str, str] = MappingProxyType({"anthropic": "budget", "gemini": "level", "openai": "effort"})
_ADAPTIVE_EFFORT: Final = "medium"  # for as much as it needs, where that cannot be said
_ANSWER_TOKENS_MIN: Final = 1024  # that a budget leaves for the answer


def effort_of(budget_tokens: int) -> str:
    """The effort whose budget is nearest below; the least above none for less than any."""
    return next((effort for effort in reversed(_ORDER[1:]) if BUDGETS[effort] <= budget_tokens), _ORDER[1])


def clamped(effort: str, efforts: Sequence[str]) -> str:
    """The effort among those that a model takes that is nearest, the smaller one of two. A word that is in no table is passed on."""
    thinking = [each for each in efforts if each in BUDGETS and each != "none"]
    if effort not in BUDGETS or not thinking or effort in thinking:
        return effort
    return min(thinking, key=lambda each: (abs(_ORDER.index(each) - _ORDER.index(effort)), _ORDER.index(each)))


def prepared_reasoning(conversation: Conversation, traits: DialectTraits, profile: ModelProfile, losses: LossList) -> Reasoning:
    """What is asked of the target's reasoning. Nothing that the client does not say is made up."""
    asked = conversation.reasoning
    if not asked.mode and not asked.effort and asked.budget_tokens is None:
        return Reasoning(shown=asked.shown) if profile.thinks else Reasoning()
    if not profile.thinks:
        if asked.mode != OFF:
            losses.add("reasoning", f"the model {conversation.model} has no setting of it")
        return Reasoning()
    off = asked.mode == OFF or asked.effort == "none" or asked.budget_tokens == 0
    style = profile.thinking or _USUAL.get(traits.family, "effort")
    if off and profile.thinking_optional:
        if style == "effort" and "none" not in profile.efforts:
            losses.add("reasoning", f"it is not known how the model {conversation.model} is asked not to think")
            return Reasoning(shown=asked.shown)
        return Reasoning(mode=OFF, shown=asked.shown)
    if off:
        losses.add("reasoning", f"the model {conversation.model} always thinks; it is asked for the least")
        asked = Reasoning(mode=ON, effort=_least(profile), shown=asked.shown)
    if style == "budget":
        return _by_budget(asked, conversation, traits, profile, losses)
    effort = clamped(_effort(asked), profile.efforts)
    if style == ADAPTIVE:
        return Reasoning(mode=ADAPTIVE, effort=effort, shown=asked.shown)
    return Reasoning(mode=ON if effort else "", effort=effort, shown=asked.shown)


def _effort(asked: Reasoning) -> str:
    """The effort that is asked for; empty for as much as it needs."""
    if asked.effort or asked.mode == ADAPTIVE:
        return asked.effort
    return effort_of(asked.budget_tokens) if asked.budget_tokens is not None and asked.budget_tokens > 0 else ""


def _least(profile: ModelProfile) -> str:
    return next((effort for effort in profile.efforts if effort != "none"), "low")


def _by_budget(asked: Reasoning, conversation: Conversation, traits: DialectTraits, profile: ModelProfile, losses: LossList) -> Reasoning:
    if asked.mode == ADAPTIVE and not asked.effort and traits.family == "gemini":
        return Reasoning(mode=ADAPTIVE, shown=asked.shown)  # its budget of -1
    if asked.budget_tokens is not None and asked.budget_tokens > 0:
        budget = asked.budget_tokens
    else:
        budget = BUDGETS.get(asked.effort or _ADAPTIVE_EFFORT, BUDGETS[_ADAPTIVE_EFFORT])
    budget = max(budget, profile.budget_tokens_min)
    if profile.budget_tokens_max:
        budget = min(budget, profile.budget_tokens_max)
    output = conversation.output_tokens_max or profile.output_tokens_max
    if output and budget > output - _ANSWER_TOKENS_MIN:
        budget = output - _ANSWER_TOKENS_MIN
        if budget < max(profile.budget_tokens_min, 1):
            losses.add("reasoning", f"an answer of at most {output} tokens has no room for it")
            return Reasoning(mode=OFF if profile.thinking_optional else "", shown=asked.shown)
    return Reasoning(mode=ON, budget_tokens=budget, shown=asked.shown)
