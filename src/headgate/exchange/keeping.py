"""Keeps of an answer what a later request may need: `recall` finds it again. All work is done on another thread, after the end.

A translated response is kept with its conversation. One that its provider keeps itself has only its place noted, so that it can be asked for there. What
was hidden with the calls of an answer is kept for clients that have no place for it.
"""

from typing import final

import msgspec

from headgate.core.kept_response import KeptResponse
from headgate.dialects.asked import Asked
from headgate.dialects.codec import ClientCodec, ResponseKeeping
from headgate.dialects.registry import CLIENT_CODECS
from headgate.exchange.answer import ProviderAnswer
from headgate.exchange.inbound import Inbound
from headgate.exchange.ports import CallStateStore, ResponseStore
from headgate.exchange.recall import KEEPINGS
from headgate.exchange.translated import TranslatedAnswer
from headgate.translation.replay import hidden_states


@final
class AnswerPlace:
    """Where an answer came from: the names of the endpoint and of the provider."""

    __slots__ = ("endpoint", "provider")

    def __init__(self, endpoint: str, provider: str) -> None:
        self.endpoint = endpoint
        self.provider = provider


@final
class AnswerKeeping:
    """Keeps what answers leave. One for a worker; without a store it keeps nothing."""

    __slots__ = ("responses", "states")

    def __init__(self, responses: ResponseStore | None = None, states: CallStateStore | None = None) -> None:
        self.responses = responses
        self.states = states

    def ended(self, inbound: Inbound, asked: Asked, answer: ProviderAnswer, place: AnswerPlace) -> None:
        """An answer is complete. Returns at once."""
        translated = answer.translated
        if translated is None and self.responses is None:
            return
        face, operation = inbound.head.face.name, inbound.head.operation
        if translated is not None:
            codec = CLIENT_CODECS.get(face)
            if codec is not None and translated.seen and operation.generates and operation.translates:
                self._keep(inbound, codec, translated, place)
            return
        keeping = KEEPINGS.get(face)
        if keeping is not None and operation.generates and operation.translates and answer.status == 200 and keeping.wanted(asked):
            self._note(inbound, answer.tally.meter.response_id, place)

    def _keep(self, inbound: Inbound, codec: ClientCodec, answer: TranslatedAnswer, place: AnswerPlace) -> None:
        keeping, responses, principal_id = codec.keeping, self.responses, inbound.head.token.principal.id
        if not codec.brings_states and self.states is not None:
            hidden = hidden_states(answer.seen).items()
            states = {key: b"" if each.empty else msgspec.json.encode(each) for key, each in hidden}
            if states:
                self.states.put(principal_id, states)
        if keeping is not None and responses is not None:
            bare = _placed(inbound, keeping.id_of(inbound.request_id), place)
            responses.keep(principal_id, bare.response_id, lambda: _filled(bare, keeping, answer))

    def _note(self, inbound: Inbound, response_id: str, place: AnswerPlace) -> None:
        if response_id and self.responses is not None:
            noted = _placed(inbound, response_id, place)
            self.responses.keep(noted.principal_id, response_id, lambda: noted)


def _placed(inbound: Inbound, response_id: str, place: AnswerPlace) -> KeptResponse:
    return KeptResponse(
        response_id=response_id,
        principal_id=inbound.head.token.principal.id,
        created_at_s=inbound.received_at_ns // 1_000_000_000,
        endpoint=place.endpoint,
        provider=place.provider,
    )


def _filled(bare: KeptResponse, keeping: ResponseKeeping, answer: TranslatedAnswer) -> KeptResponse:
    """With the conversation and its answer."""
    return msgspec.structs.replace(bare, input=keeping.input_of(answer.asked), body=answer.whole_body())
