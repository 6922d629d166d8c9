"""How many tokens an answer may have, within what the target and its model take."""

from typing import Final

from headgate.core.conversation import Conversation
from headgate.core.dialect_traits import DialectTraits
from headgate.core.model_profile import ModelProfile
from headgate.translation.loss_list import LossList

_UNKNOWN: Final = 32_000  # where a bound must be sent and the model's is not known: room for an agent's answer, and all current models take it


def output_tokens(conversation: Conversation, traits: DialectTraits, profile: ModelProfile, losses: LossList) -> int:
    """The bound to send; 0 for none."""
    asked, most = conversation.output_tokens_max, profile.output_tokens_max
    if not asked:
        return (most or _UNKNOWN) if traits.output_tokens_required and not conversation.counting else 0
    if most and asked > most:
        losses.add("max_tokens", f"the model's answers have at most {most} tokens")
        return most
    if asked < traits.output_tokens_min:
        losses.add("max_tokens", f"the provider takes no bound below {traits.output_tokens_min} tokens")
        return traits.output_tokens_min
    return asked
