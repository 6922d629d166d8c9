"""How much a Claude model is to think: https://docs.claude.com/en/docs/build-with-claude/adaptive-thinking and …/extended-thinking.

Newer models think as much as they need, guided by an effort; older ones get a budget of tokens, which is part of `max_tokens`.
"""

from collections.abc import Sequence

import msgspec

from headgate.core.conversation import ASSISTANT, Reasoning, Thinking, ToolCall, Turn
from headgate.core.loss import Loss
from headgate.core.model_profile import ModelProfile
from headgate.dialects.anthropic.cache_marks import JsonObject
from headgate.dialects.anthropic.state_slots import FAMILY

BUDGET_MIN = 1024  # the least that Anthropic takes
# Budgets for efforts, and efforts for budgets.
_BUDGETS = {"minimal": 1024, "low": 1024, "medium": 8192, "high": 24576, "xhigh": 32768, "max": 65536}
_EFFORTS = {"minimal": "low"}
_LEAST_HIGH, _LEAST_MEDIUM = 16384, 4096


class EncodedThinking(msgspec.Struct, frozen=True):
    """The field `thinking` (`None`: left out), and the effort for `output_config`."""

    thinking: JsonObject | None = None
    effort: str = ""

    @property
    def thinks(self) -> bool:
        """Whether the model thinks, which bounds other settings."""
        return self.thinking is not None and self.thinking["type"] != "disabled"


def thinking(reasoning: Reasoning, turns: Sequence[Turn], profile: ModelProfile, tokens_max: int, losses: list[Loss]) -> EncodedThinking:
    """How the settings of a request are written for a model that may write so many tokens."""
    asked = reasoning.mode in {"on", "adaptive"} or (not reasoning.mode and bool(reasoning.effort or reasoning.budget_tokens))
    if not profile.thinks:
        if asked:
            losses.append(Loss("reasoning", "This model does not think."))
        return EncodedThinking()
    if reasoning.mode == "off":
        if profile.thinking_optional:
            return EncodedThinking({"type": "disabled"})
        losses.append(Loss("reasoning", "This model always thinks."))
        return EncodedThinking(effort="low" if profile.thinking != "budget" else "")
    if not asked:
        return EncodedThinking()
    if profile.thinking == "budget" or (not profile.thinking and reasoning.budget_tokens):
        return EncodedThinking(_budgeted(reasoning, turns, profile, tokens_max, losses))
    return EncodedThinking({"type": "adaptive", **_display(reasoning)}, _effort(reasoning))


def _effort(reasoning: Reasoning) -> str:
    if reasoning.effort or not reasoning.budget_tokens:
        return _EFFORTS.get(reasoning.effort, reasoning.effort)
    budget = reasoning.budget_tokens
    return "high" if budget >= _LEAST_HIGH else "medium" if budget >= _LEAST_MEDIUM else "low"


def _budgeted(reasoning: Reasoning, turns: Sequence[Turn], profile: ModelProfile, tokens_max: int, losses: list[Loss]) -> JsonObject | None:
    if _continues_unsigned(turns):
        losses.append(Loss("reasoning", "The turn began without thoughts that Anthropic has signed, so it goes on without thinking."))
        return None
    budget = reasoning.budget_tokens or _BUDGETS.get(reasoning.effort, _BUDGETS["medium"])
    budget = max(budget, profile.budget_tokens_min, BUDGET_MIN)
    if profile.budget_tokens_max:
        budget = min(budget, profile.budget_tokens_max)
    if budget >= tokens_max:
        budget = tokens_max // 2  # some is left for the answer
    if budget < BUDGET_MIN:
        losses.append(Loss("reasoning", f"Thinking needs at least {BUDGET_MIN} tokens of the {tokens_max} of the answer."))
        return None
    return {"type": "enabled", "budget_tokens": budget, **_display(reasoning)}


def _display(reasoning: Reasoning) -> JsonObject:
    return {} if reasoning.shown is None else {"display": "summarized" if reasoning.shown else "omitted"}


def _continues_unsigned(turns: Sequence[Turn]) -> bool:
    """Whether the last turn of the assistant called tools without a signed thought before. With a budget Anthropic refuses to think on from there."""
    last = next((turn for turn in reversed(turns) if turn.role == ASSISTANT), None)
    if last is None or not any(isinstance(part, ToolCall) for part in last.parts):
        return False
    first = next((part for part in last.parts if not isinstance(part, Thinking) or (part.state is not None and part.state.family == FAMILY)), None)
    return not isinstance(first, Thinking)
