"""Prepares a conversation for a target: what its dialect and model cannot take as the client wrote it is said in another way, or left out with a loss."""

import msgspec

from headgate.core.conversation import Conversation
from headgate.core.dialect_traits import DialectTraits
from headgate.core.loss import Loss
from headgate.core.model_profile import ModelProfile
from headgate.translation.call_names import CallNames


class PreparedConversation(msgspec.Struct, frozen=True):
    """A conversation as the target's encoder takes it, and what is needed to bring the answer back.

    `stop` are the stop sequences that Headgate itself must cut the answer at, because the target takes none or fewer.
    """

    conversation: Conversation
    calls: CallNames
    losses: tuple[Loss, ...]
    stop: tuple[str, ...] = ()


def prepare(conversation: Conversation, traits: DialectTraits, profile: ModelProfile) -> PreparedConversation:
    """The prepared conversation. Raises Untranslatable where leaving something out would change what is asked, BadRequest where the model refuses it.

    The same conversation always gives the same result, and more turns leave the turns before them as they were prepared.
    """
    del profile
    kept = conversation.stop if len(conversation.stop) <= traits.stops_max else ()
    cut = () if kept else conversation.stop
    return PreparedConversation(msgspec.structs.replace(conversation, stop=kept), CallNames(), (), cut)
