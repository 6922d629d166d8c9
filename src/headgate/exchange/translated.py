"""One request said in the dialect of a target that does not speak its client's, and the answer said back. Made for one attempt; the native way has none.

It composes: the client's codec decodes, `translation` prepares, the provider's codec encodes; the answer goes the same way back. It writes to no client.
"""

import logging
import re
from collections.abc import Sequence
from typing import Final

import msgspec

from headgate.core.endpoint import Target
from headgate.core.errors import GatewayError, NotFound, TooLarge, Untranslatable, UpstreamFailed
from headgate.core.event import Event, Failed, Finished, PartGrew, PartOpened
from headgate.core.headers import Headers
from headgate.core.loss import Loss
from headgate.core.opaque_state import OpaqueState, enveloped, enveloped_as_base64
from headgate.dialects.asked import Asked
from headgate.dialects.codec import AnswerContext, AnswerDecoder, AnswerEncoder, ClientCodec, Encoded, ProviderCodec
from headgate.dialects.provider_refusal import refusal_of_provider
from headgate.dialects.registry import CLIENT_CODECS, PROVIDER_CODECS
from headgate.dialects.scan import has_more_objects
from headgate.exchange.inbound import Inbound
from headgate.exchange.recall import NOTHING_KEPT, Recall
from headgate.metering.meter import estimate
from headgate.translation.answer import AnswerStages
from headgate.translation.call_names import CallNames
from headgate.translation.held_end import HeldEnd
from headgate.translation.loss_list import kept_losses
from headgate.translation.model_profiles import ModelProfiles
from headgate.translation.prepare import prepare

_log = logging.getLogger("headgate.exchange")

# A client's headers are of its own dialect, so of them only what says nothing about it goes along.
_PASSED: Final = frozenset({b"content-type", b"user-agent"})
_WARNINGS_BYTES_MAX: Final = 2048
_CONTROLS: Final = re.compile(rb"[\x00-\x1f\x7f]")  # none of them may be in a header
_JSON: Final = b"application/json"
_EVENTS: Final = b"text/event-stream"
_ALL_AS_THEY_ARE: Final = CallNames()
_ESTIMATED: Final = Loss("count_tokens", "the provider counts no tokens, so the count is an estimate from the characters")


def neutral(headers: Headers) -> Headers:
    """The headers of a client that a provider of another dialect gets."""
    return [header for header in headers if header[0] in _PASSED]


def warnings(losses: Sequence[Loss]) -> bytes:
    """The losses as the value of a header."""
    said = "; ".join(dict.fromkeys(f"{loss.what}: {loss.why}" for loss in losses))
    return _CONTROLS.sub(b" ", said.encode("ascii", "replace"))[:_WARNINGS_BYTES_MAX].strip()


def translate(
    inbound: Inbound, asked: Asked, target: Target, profiles: ModelProfiles, objects_max: int, recall: Recall = NOTHING_KEPT
) -> "TranslatedAnswer":
    """Say the request to the target. Raises Untranslatable or BadRequest where it cannot be said, NotFound where agents then do it
    themselves, TooLarge where it would hold up all others.

    A bug met here is an error like any other, so that what is reserved for the exchange is given back and it has its record.
    """
    try:
        return _translated(inbound, asked, target, profiles, objects_max, recall)
    except GatewayError:
        raise
    except Exception as error:
        _log.exception("A request could not be translated (request %s)", inbound.request_id)
        raise GatewayError(f"Headgate failed. Its log has the reason under the request's id, {inbound.request_id}.") from error


def _translated(inbound: Inbound, asked: Asked, target: Target, profiles: ModelProfiles, objects_max: int, recall: Recall) -> "TranslatedAnswer":
    client, provider = CLIENT_CODECS.get(inbound.head.face.name), PROVIDER_CODECS.get(target.dialect)
    if not inbound.head.operation.translates:
        raise NotFound(
            f"{inbound.head.operation.name} is not served for this model: its provider {target.provider.name} speaks {target.provider.dialect}.",
            code="not_at_provider",
        )
    if client is None or provider is None:
        raise Untranslatable(
            f"{inbound.head.operation.name} cannot be asked of provider {target.provider.name}, which speaks {target.provider.dialect}. "
            "Choose an endpoint of your agent's own format.",
            code="dialect_mismatch",
        )
    asked = recall.continued(inbound, asked, client)
    if has_more_objects(asked.body, objects_max):
        raise TooLarge(
            f"The request has more than {objects_max} JSON objects, too many to translate it for provider {target.provider.name}. "
            "Shorten the conversation, or choose an endpoint of your agent's own format.",
            code="too_many_objects",
        )
    conversation = client.decode(asked, inbound.head.operation)
    wanted = msgspec.structs.replace(
        recall.replayed(inbound, conversation, client),
        model=target.model,
        previous_response_id="",  # it is in front of the input
        stream=asked.stream,
        output_tokens_max=conversation.output_tokens_max or asked.output_max,
        cache_key=conversation.cache_key or inbound.attribution.session_id,
    )
    context = AnswerContext(
        request_id=inbound.request_id,
        model_asked=asked.model,
        created_at_s=inbound.received_at_ns // 1_000_000_000,
        # An answer needs none of the turns: to hold them costs as much memory as the request, and each request then works in memory that is cold.
        asked=msgspec.structs.replace(conversation, turns=()),
        query=inbound.head.query,
    )
    back = _WayBack(inbound, client, provider, asked, context)
    if conversation.counting and not provider.counts:
        tokens = estimate(inbound.head.face.request_text_length(asked), 0).input_tokens or 0
        return TranslatedAnswer(back, None, (_ESTIMATED,), client.count(tokens), stream=False)
    profile = profiles.of(target.dialect, target.model)
    prepared = prepare(wanted, provider.traits, profile)
    encoded = provider.encode(prepared.conversation, profile)
    back.calls, back.stop = prepared.calls, prepared.stop
    return TranslatedAnswer(back, encoded, kept_losses((*prepared.losses, *encoded.losses)), stream=asked.stream)


class _WayBack:
    """What every answer to one request is brought back with."""

    __slots__ = ("asked", "calls", "client", "context", "inbound", "provider", "stop")

    def __init__(self, inbound: Inbound, client: ClientCodec, provider: ProviderCodec, asked: Asked, context: AnswerContext) -> None:
        self.inbound = inbound
        self.client = client
        self.provider = provider
        self.asked = asked  # with the conversation that it goes on from
        self.context = context
        self.calls = _ALL_AS_THEY_ARE
        self.stop: tuple[str, ...] = ()

    def stages(self) -> AnswerStages:
        """The steps between a decoder and an encoder."""
        return AnswerStages(self.calls, self._seal, self.stop)

    def _seal(self, state: OpaqueState) -> OpaqueState:
        """The state as the client keeps it: in an envelope, unless it is of the client's own kind."""
        speaks = PROVIDER_CODECS.get(self.inbound.head.face.speaks)
        family = speaks.traits.family if speaks is not None else ""
        if state.family == family:
            return state
        put = enveloped_as_base64 if self.client.seals_as_base64 else enveloped
        return OpaqueState(family=family, kind=state.kind, data=put(state))

    @property
    def leaves(self) -> bool:
        """Whether a later request may need something of the answer."""
        return not self.client.brings_states or (self.client.keeping is not None and self.context.asked.stored)

    def stream_type(self) -> bytes:
        """The content type of a stream for this client."""
        return self.client.stream_type(self.context)

    def whole(self, body: bytes) -> Sequence[Event]:
        """The events of an unstreamed answer."""
        stages = self.stages()
        return stages.feed(self.provider.decode_answer(body))

    def of_stream(self, data: bytes) -> Sequence[Event]:
        """The events of a stream that was kept."""
        decoder, stages = self.provider.decoder(), self.stages()
        return stages.feed([*decoder.feed(data), *decoder.end()])


class _Heard:
    """How far an answer is, and its events, where something of it is kept when it has ended."""

    __slots__ = ("_keeps", "begun", "events", "finished")

    def __init__(self, *, keeps: bool) -> None:
        self._keeps = keeps
        self.begun = False  # the client has a part of the answer, or its beginning
        self.finished = False
        self.events: list[Event] = []

    def take(self, event: Event) -> None:
        """The next event, as the client gets it."""
        if self._keeps:
            self.events.append(event)
        if type(event) is PartGrew:  # almost all
            return
        if type(event) is PartOpened:
            self.begun = True
        elif type(event) is Finished:
            self.finished = True


class TranslatedAnswer:
    """A request that was said anew, and its answer for the client: an `AnswerFilter` for a stream, `whole` for a body.

    `request` is what is sent, `losses` what could not be said in it. Where the provider's API cannot do what is asked and Headgate can, nothing is sent, and
    `own_answer` is answered in its place. `failure` is what the provider reported in place of an answer.
    """

    __slots__ = ("_back", "_decoder", "_encoder", "_heard", "_held_end", "_stages", "_stream", "body", "failure", "losses", "own_answer", "request")

    def __init__(self, back: _WayBack, request: Encoded | None, losses: tuple[Loss, ...], own_answer: bytes = b"", *, stream: bool) -> None:
        self._back = back
        self.request = request
        self.losses = losses
        self.own_answer = own_answer
        self._stream = stream
        self._decoder: AnswerDecoder | None = None
        self._encoder: AnswerEncoder | None = None
        self._stages: AnswerStages | None = None
        self._held_end = HeldEnd()
        self._heard = _Heard(keeps=back.leaves)
        self.failure: GatewayError | None = None
        self.body = b""  # of an unstreamed answer, as the client gets it; as one body also where it gets a stream of it

    @property
    def at_boundary(self) -> bool:
        """Whether Headgate may put an event of its own here: frames are written whole, but a JSON array takes none."""
        return self._back.stream_type().startswith(_EVENTS)

    @property
    def breaks_off(self) -> bool:
        """Whether a broken answer ends with its connection."""
        return not self.at_boundary or (self._heard.begun and self._back.client.breaks_off)

    @property
    def asked(self) -> Asked:
        """What it answers, with the conversation that it goes on from."""
        return self._back.asked

    @property
    def seen(self) -> Sequence[Event]:
        """The events of an answer that is complete, if a later request may need something of it; else none."""
        return self._heard.events if self._heard.finished and self.failure is None else ()

    def whole_body(self) -> bytes:
        """What was seen, as an unstreamed answer."""
        return self._back.client.whole(self._back.context, self._heard.events)

    def headers(self, passed: Headers, *, streams: bool) -> Headers:
        """The provider's headers, with the content type of what the client gets."""
        kind = self._back.stream_type() if streams or self._stream else _JSON
        return [(b"content-type", kind), *(header for header in passed if header[0] != b"content-type")]

    @property
    def counted(self) -> Sequence[Event] | None:
        """What is counted in the latest piece of the stream, where it is known; else `None`."""
        return None if self._decoder is None else self._decoder.counted

    def feed(self, chunk: bytes) -> bytes:
        """What the client gets of a piece of the provider's stream."""
        if self._decoder is None:
            self._decoder = self._back.provider.decoder()
        return self._written(self._decoder.feed(chunk))

    def rest(self) -> bytes:
        """What the client gets when the provider's stream has ended: nothing, if it failed."""
        rest = b"" if self._decoder is None else self._written(self._decoder.end())
        if self._encoder is None or self.failure is not None:
            return rest
        return rest + self._encoder.finish()

    def whole(self, status: int, names: dict[bytes, bytes], body: bytes) -> bytes:
        """What the client gets of an unstreamed answer; nothing where `failure` is set."""
        written = self._whole(status, names, body)
        self.body = self.body or written
        return written

    def assemble(self, data: bytes) -> dict[str, object] | None:
        """A kept stream of the provider as the body that the client would have got unstreamed; of one that was cut, what came."""
        back = self._back
        events = [event for event in back.of_stream(data) if not isinstance(event, Failed)]
        if not any(isinstance(event, PartOpened) for event in events):
            return None
        if not any(isinstance(event, Finished) for event in events):
            events.append(Finished(""))
        body: dict[str, object] = msgspec.json.decode(back.client.whole(back.context, events))
        return body

    def _whole(self, status: int, names: dict[bytes, bytes], body: bytes) -> bytes:
        back = self._back
        if status >= 300:
            failed = next((event for event in back.provider.decode_answer(body) if isinstance(event, Failed)), None)
            self.failure = refusal_of_provider(status, names, failed)
            return b""
        if not back.inbound.head.operation.generates:
            return self._counted(body)
        events = back.whole(body)
        failed = next((event for event in events if isinstance(event, Failed)), None)
        if failed is not None:
            self.failure = refusal_of_provider(502, names, failed)
            return b""
        for event in events:
            self._heard.take(event)
        whole = back.client.whole(back.context, events)
        if not self._stream:
            return whole
        self.body = whole
        encoder = back.client.encoder(back.context)  # the provider has answered a stream with a body
        return b"".join(map(encoder.encode, events)) + encoder.finish()

    def _counted(self, body: bytes) -> bytes:
        count = self._back.provider.count_of(body)
        if count is None:
            self.failure = UpstreamFailed("The provider answered without a count of tokens.", code="bad_answer")
            return b""
        return self._back.client.count(count)

    def _written(self, events: Sequence[Event]) -> bytes:
        if not events or self.failure is not None:
            return b""
        if self._stages is None:
            self._stages = self._back.stages()
        return self._encoded(self._stages.feed(events))

    def _encoded(self, events: Sequence[Event]) -> bytes:
        if not events:
            return b""
        if self._encoder is None:
            self._encoder = self._back.client.encoder(self._back.context)
        encode, pieces = self._encoder.encode, []
        for event in self._held_end.feed(events):
            if type(event) is Failed:
                self.failure = refusal_of_provider(502, {}, event)
                break
            self._heard.take(event)
            pieces.append(encode(event))
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)
