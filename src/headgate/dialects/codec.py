"""What a dialect can do beyond its faces, so that its requests and answers can be said in another: decode, and encode.

A client's codec decodes requests and encodes answers; a provider's encodes requests and decodes answers. Neither knows the dialect at the other end.
Between them are `core.conversation` and `core.event`. On the native way no codec is used. A codec does no I/O, reads no clock and draws no random
number: what an answer needs of these is in `AnswerContext`, so that the same input always gives the same bytes.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec

from headgate.core.conversation import Conversation
from headgate.core.dialect_traits import DialectTraits
from headgate.core.event import Event
from headgate.core.kept_response import KeptResponse
from headgate.core.loss import Loss
from headgate.core.model_profile import ModelProfile
from headgate.dialects.asked import Asked
from headgate.dialects.faces import Operation


class Encoded(msgspec.Struct, frozen=True):
    """A request as a provider of this dialect takes it: the operation and the query that make its path, the body, and what could not be said in it."""

    operation: Operation
    body: bytes
    losses: tuple[Loss, ...] = ()
    query: str = ""


class AnswerContext(msgspec.Struct, frozen=True, kw_only=True):
    """What an answer says beside the events: the request's id, the model as the client asked for it, the time, and what was asked."""

    request_id: str
    model_asked: str
    created_at_s: int
    asked: Conversation  # without its turns; as the client asked it, before it was prepared for a target
    query: str = ""  # the client's: whether a Gemini stream is one of events or a JSON array


class AnswerDecoder(Protocol):
    """Decodes one answer stream, split anywhere, by the laws of `core.event`. Never raises on any bytes.

    `counted` is what the reader of the native way finds in the latest chunk, where the decoder knows it; `None`: the reader has to be asked. A decoder
    that knows of an end knew everything before it.
    """

    counted: Sequence[Event] | None

    def feed(self, chunk: bytes) -> Sequence[Event]:
        """The events completed by this chunk."""

    def end(self) -> Sequence[Event]:
        """What follows when the stream has ended: `Failed` where its closing event is missing, with the parts that are open closed before."""


class AnswerEncoder(Protocol):
    """Writes one answer stream. Gets its parts one after the other, every text of a state already in its envelope where it is foreign."""

    def encode(self, event: Event) -> bytes:
        """The bytes of an event: whole frames, or nothing. After `Finished` come counts at most, then `finish`. A failure is not encoded here."""

    def finish(self) -> bytes:
        """The frames that close a finished answer."""


class ResponseKeeping(msgspec.Struct, frozen=True, kw_only=True):
    """How clients name an earlier answer, in a dialect that lets them."""

    previous: Callable[[Asked], str]
    """The id of the answer that a request goes on from, or empty."""

    wanted: Callable[[Asked], bool]
    """Whether the answer to a request is to be kept."""

    id_of: Callable[[str], str]
    """The id that Headgate's answer to a request has, by that of the request."""

    input_of: Callable[[Asked], bytes]
    """What is kept of a request."""

    continued: Callable[[Asked, KeptResponse], Asked]
    """The request with the kept conversation in front of its own."""

    read: Callable[[KeptResponse, str, str], bytes]
    """What a client that names the kept answer is answered, for a part of it (or none) and a query. Raises BadRequest."""

    deleted: Callable[[str], bytes]
    """What a client is answered when the answer of this id is gone."""

    path: Callable[[str, str], str]
    """The path below a provider's base URL at which it has an answer that it keeps, for its id and a part of it (or none)."""


def _event_stream(_context: AnswerContext) -> bytes:
    return b"text/event-stream; charset=utf-8"


class ClientCodec(msgspec.Struct, frozen=True, kw_only=True):
    """How requests of a client are decoded, and answers encoded for it."""

    decode: Callable[[Asked, Operation], Conversation]
    """The conversation of a request that was read before. Raises BadRequest where it is not what the dialect's specification allows, in words that say
    where; unknown fields are kept in `beyond`, unknown parts as `Foreign`.
    """

    encoder: Callable[[AnswerContext], AnswerEncoder]
    """An encoder for one answer stream."""

    whole: Callable[[AnswerContext, Sequence[Event]], bytes]
    """The body of an unstreamed answer, from all its events: those of one that finished."""

    count: Callable[[int], bytes]
    """The body that answers how many tokens a request has."""

    keeping: ResponseKeeping | None = None
    """How its clients name an earlier answer; `None` where they cannot."""

    brings_states: bool = True
    """Whether an answer has a place for opaque states, which its clients bring back. Where it has none, Headgate keeps them by the ids of calls."""

    seals_as_base64: bool = False
    """Whether the place for opaque states takes base64 alone."""

    breaks_off: bool = False
    """Whether a stream that breaks after a part has begun ends with its connection, because clients give up at an error there."""

    stream_type: Callable[[AnswerContext], bytes] = _event_stream
    """The content type of an answer stream; no event of Headgate's own can be put into any but `text/event-stream`."""

    without_envelopes: Callable[[Asked], Asked]
    """The request without the states of other providers that are in it, for a provider of the client's own dialect: a session that changed its model has
    them. Only called where there are any.
    """


class ProviderCodec(msgspec.Struct, frozen=True, kw_only=True):
    """How a conversation is asked of a provider, and its answers decoded."""

    traits: DialectTraits

    encode: Callable[[Conversation, ModelProfile], Encoded]
    """The request for a prepared conversation. Raises Untranslatable where leaving something out would change what is asked."""

    decoder: Callable[[], AnswerDecoder]
    """A decoder for one answer stream."""

    decode_answer: Callable[[bytes], Sequence[Event]]
    """All events of a whole, unstreamed answer body; `Failed` where it is none. Never raises."""

    counts: bool = True
    """Whether its API counts the tokens of a request without answering it. Where it does not, Headgate estimates them."""

    count_of: Callable[[bytes], int | None]
    """The tokens in the body of an answer to a request for counting; `None` where it has none."""
