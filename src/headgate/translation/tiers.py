"""The service tier, by what the target's model has: the words of one provider mean as much as those of another."""

from collections.abc import Mapping
from types import MappingProxyType

from headgate.core.conversation import Conversation
from headgate.core.dialect_traits import DialectTraits
from headgate.core.model_profile import ModelProfile
from headgate.translation.loss_list import LossList

_USUAL = frozenset({"auto", "default", "standard", "standard_only"})  # each provider's own way without a tier
_ALIKE: Mapping[str, str] = MappingProxyType({"priority": "fast", "fast": "priority"})


def prepared_tier(conversation: Conversation, traits: DialectTraits, profile: ModelProfile, losses: LossList) -> str:
    """The tier in the target's words; empty for its usual one. A model that is not known takes the words of OpenAI's dialects."""
    asked = conversation.tier
    if not asked or asked in profile.tiers:
        return asked
    if asked in _USUAL:
        return ""
    alike = _ALIKE.get(asked, "")
    if alike in profile.tiers:
        return alike
    if not profile.tiers and traits.family == "openai" and asked in {"flex", "priority"}:
        return asked
    losses.add("tier", f"the model {conversation.model} has no tier {asked}")
    return ""
