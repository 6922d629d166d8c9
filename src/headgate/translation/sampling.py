"""How the next token is chosen, within what the target and its model take."""

import msgspec

from headgate.core.conversation import Reasoning, Sampling
from headgate.core.dialect_traits import DialectTraits
from headgate.core.model_profile import ModelProfile
from headgate.translation.loss_list import LossList
from headgate.translation.reasoning import ADAPTIVE, ON

_NOTHING = Sampling()
_THINKING = "a model that thinks takes no other value"


def prepared_sampling(sampling: Sampling, reasoning: Reasoning, traits: DialectTraits, profile: ModelProfile, losses: LossList) -> Sampling:
    """The settings that are left."""
    if sampling == _NOTHING:
        return sampling
    changes: dict[str, float | None] = {}
    temperature = sampling.temperature
    if temperature is not None and temperature > traits.temperature_max:
        changes["temperature"] = temperature = traits.temperature_max
        losses.add("temperature", f"the most that the provider takes is {traits.temperature_max:g}")
    if not profile.samples:
        _drop(sampling, ("temperature", "top_p", "top_k"), "the model does not take it", changes, losses)
    elif traits.family == "anthropic" and reasoning.mode in {ON, ADAPTIVE}:
        # https://platform.claude.com/docs/en/build-with-claude/extended-thinking#feature-compatibility, seen 2026-11-30
        if temperature != 1:
            _drop(sampling, ("temperature",), _THINKING, changes, losses)
        _drop(sampling, ("top_k",), _THINKING, changes, losses)
        if sampling.top_p is not None and sampling.top_p < 0.95:
            _drop(sampling, ("top_p",), _THINKING, changes, losses)
    return msgspec.structs.replace(sampling, **changes) if changes else sampling


def _drop(sampling: Sampling, names: tuple[str, ...], why: str, changes: dict[str, float | None], losses: LossList) -> None:
    for name in names:
        if getattr(sampling, name) is not None:
            changes[name] = None
            losses.add(name, why)
