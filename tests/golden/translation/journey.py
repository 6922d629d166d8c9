"""The pure way of one request to a provider of another dialect and of its answer back, in the order in which an exchange takes the steps."""

import msgspec

from headgate.core.conversation import CUSTOM, LOCAL_SHELL, Conversation, Reasoning, Tool
from headgate.core.errors import GatewayError
from headgate.core.event import Event, Failed
from headgate.core.loss import Loss
from headgate.core.model_profile import ModelProfile
from headgate.core.opaque_state import OpaqueState, enveloped, enveloped_as_base64
from headgate.dialects.asked import Asked
from headgate.dialects.codec import AnswerContext
from headgate.dialects.faces import Operation
from headgate.dialects.registry import CLIENT_CODECS, CLIENTS, PROVIDER_CODECS
from headgate.translation.answer import AnswerStages
from headgate.translation.call_names import CallNames
from headgate.translation.held_end import HeldEnd
from headgate.translation.prepare import PreparedConversation, prepare
from headgate.web.routes import GATEWAY_ROUTES

OPERATIONS = {(route.dialect, route.operation.name): route.operation for route in GATEWAY_ROUTES if route.operation is not None}


class Target(msgspec.Struct, frozen=True):
    """A model that requests are translated for."""

    dialect: str
    profile: ModelProfile
    model: str = "m"


class Sent(msgspec.Struct, frozen=True):
    """What a provider is asked."""

    operation: str
    query: str
    body: bytes
    losses: tuple[Loss, ...]
    prepared: PreparedConversation


def asked(dialect: str, operation: str, body: bytes) -> tuple[Asked, Operation]:
    """A request as the client's face reads it."""
    row = OPERATIONS.get((dialect, operation)) or Operation(operation, f"{dialect}/v1/{operation}", "never", generates=False)
    return CLIENTS[dialect].read(body, row, "m"), row


def decoded(dialect: str, operation: str, body: bytes) -> Conversation:
    """The conversation of a request."""
    return CLIENT_CODECS[dialect].decode(*asked(dialect, operation, body))


def sent(conversation: Conversation, target: Target) -> Sent:
    """A conversation as the target's provider is asked. Raises GatewayError where it cannot be said."""
    codec = PROVIDER_CODECS[target.dialect]
    prepared = prepare(msgspec.structs.replace(conversation, model=target.model), codec.traits, target.profile)
    encoded = codec.encode(prepared.conversation, target.profile)
    return Sent(encoded.operation.name, encoded.query, encoded.body, (*prepared.losses, *encoded.losses), prepared)


def translated(dialect: str, operation: str, body: bytes, target: Target) -> Sent | GatewayError:
    """A request as the target's provider is asked, or why it is not."""
    try:
        return sent(decoded(dialect, operation, body), target)
    except GatewayError as refusal:
        return refusal


def sealed(client: str, state: OpaqueState) -> OpaqueState:
    """A state as the client keeps it: in an envelope, unless it is of the client's own family."""
    family = PROVIDER_CODECS[CLIENTS[client].speaks].traits.family
    if state.family == family:
        return state
    put = enveloped_as_base64 if CLIENT_CODECS[client].seals_as_base64 else enveloped
    return OpaqueState(family=family, kind=state.kind, data=put(state))


def stages(client: str, calls: CallNames, stop: tuple[str, ...] = ()) -> AnswerStages:
    """The steps between a decoder and an encoder."""
    return AnswerStages(calls, lambda state: sealed(client, state), stop)


def context(conversation: Conversation, query: str = "alt=sse") -> AnswerContext:
    """What an answer says beside its events."""
    return AnswerContext(request_id="req_01", model_asked="alias", created_at_s=1_700_000_000, asked=conversation, query=query)


def stream_events(provider: str, data: bytes, size: int = 10**9) -> list[Event]:
    """The events of a stream that arrives in pieces of a size."""
    decoder = PROVIDER_CODECS[provider].decoder()
    events = [event for at in range(0, len(data), size) for event in decoder.feed(data[at : at + size])]
    return [*events, *decoder.end()]


def streamed(client: str, events: list[Event]) -> tuple[bytes, Failed | None]:
    """A client's stream of events that went through the stages, and the failure that broke it off."""
    encoder = CLIENT_CODECS[client].encoder(context(ASKED[client]))
    written = b""
    for event in HeldEnd().feed(events):
        if isinstance(event, Failed):
            return written, event
        written += encoder.encode(event)
    return written + encoder.finish(), None


_OBJECT = msgspec.Raw(b'{"type": "object", "properties": {}}')
_TOOLS = (Tool("get_weather", schema=_OBJECT), Tool("today", schema=_OBJECT))
_PATCH, _SHELL = Tool("apply_patch", CUSTOM), Tool("local_shell", LOCAL_SHELL)
_SPAWN = Tool("spawn", schema=_OBJECT, namespace="agents")
_PLAIN = tuple(Tool(name, schema=_OBJECT) for name in ("apply_patch", "local_shell", "agents__spawn"))
ASKED = {
    "anthropic": Conversation(stream=True, reasoning=Reasoning(shown=True), tools=(*_TOOLS, *_PLAIN)),
    "gemini": Conversation(stream=True, reasoning=Reasoning(shown=True), tools=(*_TOOLS, *_PLAIN)),
    "openai_chat": Conversation(stream=True, reasoning=Reasoning(shown=True), tools=(*_TOOLS, _PATCH, *_PLAIN[1:])),
    "cursor": Conversation(stream=True, reasoning=Reasoning(shown=True), tools=(*_TOOLS, _PATCH, *_PLAIN[1:])),
    "openai_responses": Conversation(stream=True, reasoning=Reasoning(shown=True), tools=(*_TOOLS, _PATCH, _SPAWN, _SHELL)),
}
"""What every answer of the cases answers, by the client: the same tools, of the kinds that its dialect has."""


def answer_stages(client: str, target: Target) -> AnswerStages:
    """The steps between a decoder of the target's and an encoder of the client's for what the client asked."""
    prepared = sent(ASKED[client], target).prepared
    return stages(client, prepared.calls, prepared.stop)
