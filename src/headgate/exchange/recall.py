"""Conversations that clients do not bring whole, made whole before they are translated: one that goes on from an earlier response, and one without states.

A client of Responses names the response that it goes on from: what came before is put in front of its input. One of Chat Completions has no place for
the states of thoughts: they are put back by the ids of its calls. `keeping` is what kept both. The same request gives the same conversation as long as
they are kept.
"""

from typing import Final, final

import msgspec

from headgate.core.conversation import Conversation
from headgate.core.errors import BadRequest
from headgate.dialects.asked import Asked
from headgate.dialects.codec import ClientCodec
from headgate.dialects.registry import CLIENT_CODECS
from headgate.exchange.inbound import Inbound
from headgate.exchange.ports import CallStateStore, ResponseStore
from headgate.translation.replay import HiddenStates, call_keys, replayed

KEEPINGS: Final = {name: codec.keeping for name, codec in CLIENT_CODECS.items() if codec.keeping is not None}
"""Of the dialects whose responses may be named again."""

_STATES: Final = msgspec.json.Decoder(HiddenStates)


@final
class Recall:
    """Finds what was kept. One for a worker; without a store nothing was."""

    __slots__ = ("responses", "states")

    def __init__(self, responses: ResponseStore | None = None, states: CallStateStore | None = None) -> None:
        self.responses = responses
        self.states = states

    def continued(self, inbound: Inbound, asked: Asked, codec: ClientCodec) -> Asked:
        """The request with what came before it, where it names that. Raises BadRequest where that is not kept here.

        What it names is read from a file if it is not in memory, while the event loop waits: one row by its key.
        """
        previous = codec.keeping.previous(asked) if codec.keeping is not None else ""
        if codec.keeping is None or not previous:
            return asked
        kept = None if self.responses is None else self.responses.find(inbound.head.token.principal.id, previous)
        if kept is None:
            raise BadRequest(f"Previous response with id {previous!r} not found.", code="previous_response_not_found")
        if kept.at_provider:
            raise BadRequest(
                f"Previous response with id {previous!r} not found: provider {kept.provider} keeps it, and another one answers to this model. "
                "Send the whole conversation.",
                code="previous_response_not_found",
            )
        return codec.keeping.continued(asked, kept)

    def check_own(self, inbound: Inbound, asked: Asked) -> None:
        """Raise BadRequest where a request that goes to a provider as it is goes on from a response that is known as another principal's.

        The provider would answer: to it, all of Headgate's requests are of one account.
        """
        keeping = None if self.responses is None else KEEPINGS.get(inbound.head.face.name)
        if keeping is None or self.responses is None:
            return
        previous = keeping.previous(asked)
        if previous and self.responses.is_anothers(inbound.head.token.principal.id, previous):
            raise BadRequest(f"Previous response with id {previous!r} not found.", code="previous_response_not_found")

    def replayed(self, inbound: Inbound, conversation: Conversation, codec: ClientCodec) -> Conversation:
        """The conversation with what was hidden with its calls, where the client has no place for that."""
        if self.states is None or codec.brings_states:
            return conversation
        keys = call_keys(conversation)
        found = self.states.get(inbound.head.token.principal.id, keys) if keys else {}
        hidden = {key: _STATES.decode(data) for key, data in found.items() if data}
        return replayed(conversation, hidden) if hidden else conversation


NOTHING_KEPT: Final = Recall()
