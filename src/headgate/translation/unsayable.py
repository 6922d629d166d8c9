"""What cannot be left out of a request because the answer would be another one, and what can: each with a loss."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from headgate.core.conversation import Conversation
from headgate.core.dialect_traits import DialectTraits
from headgate.core.errors import Untranslatable
from headgate.translation.loss_list import LossList

_REFUSED: Mapping[str, str] = MappingProxyType({
    "conversation": "it goes on from a conversation that its provider has",
    "prompt": "it uses a prompt that its provider has",
    "background": "it is to be answered in the background, which only its provider does",
    "cachedContent": "it uses content that its provider has in a cache",
    "cached_content": "it uses content that its provider has in a cache",
    "audio": "it asks for an answer that is spoken",
})
"""Fields that change what is asked, and the reason in words."""

_NO: Final = frozenset({b"false", b"null", b'""', b"{}", b"[]"})
# They say nothing to a model and change nothing of its answer: names, labels and what a client tells its own provider about the request.
_SILENT: Final = frozenset({
    "metadata", "client_metadata", "store", "stream_options", "labels", "tags", "safeguards", "betas", "user", "safety_identifier",
})  # fmt: skip


def check_sayable(conversation: Conversation, traits: DialectTraits) -> None:
    """Raise Untranslatable where the target cannot be asked for the same answer."""
    if conversation.previous_response_id:
        raise Untranslatable(
            f"The response {conversation.previous_response_id}, from which the request goes on, is not known here. Send the whole conversation."
        )
    if conversation.answers > 1 and not traits.many_answers:
        raise Untranslatable(f"The request asks for {conversation.answers} answers; the provider that would answer gives one. Ask once for each.")
    for name, why in _REFUSED.items():
        if name in conversation.beyond and bytes(conversation.beyond[name]) not in _NO:
            raise Untranslatable(f"The request has the field {name}: {why}, and another provider would answer.")


def report_beyond(conversation: Conversation, losses: LossList) -> None:
    """A loss for every field of the client's dialect that is left out and says something to a model."""
    for name, value in conversation.beyond.items():
        if name not in _SILENT and bytes(value) not in _NO:
            losses.add(name, "only the client's own dialect has it")
