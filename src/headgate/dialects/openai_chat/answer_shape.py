"""The members of a Chat Completions chunk, answer or error that are acted on, and what they say of the answer: its names, its counts, its failure.

They have no types, because servers differ.
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from headgate.core.event import Event, Failed, Finished, Started, UsageSeen
from headgate.dialects.lenient import decoded, text
from headgate.dialects.openai_usage import openai_usage
from headgate.dialects.provider_errors import failed
from headgate.dialects.wanted import Wanted


class ChatChoice(msgspec.Struct):
    """One of the answers, in part."""

    finish_reason: Any = None
    usage: msgspec.Raw = msgspec.Raw()


class SpokenChoice(ChatChoice):
    """One of the answers, with what it says: in a chunk its `delta`, in a whole answer its `message`."""

    index: Any = None
    delta: Any = None
    message: Any = None


class _Groq(msgspec.Struct):
    usage: msgspec.Raw = msgspec.Raw()


class ChatBody(msgspec.Struct):
    """The members of a chunk, an answer or an error."""

    id: Any = None
    model: Any = None
    choices: msgspec.Raw = msgspec.Raw()
    usage: msgspec.Raw = msgspec.Raw()
    service_tier: Any = None
    x_groq: msgspec.Raw = msgspec.Raw()
    error: Any = None
    error_code: Any = None
    message: Any = None


_NOTHING = msgspec.Raw()
_BODY = msgspec.json.Decoder(ChatBody)
_CHOICES = msgspec.json.Decoder(list[ChatChoice | str | int | float | bool | list[Any] | None])  # only an odd element itself is lost
_GROQ = msgspec.json.Decoder(_Groq)
WANTED = Wanted(
    "id", "model", "usage", "service_tier", "error", "error_code", "message", choices=Wanted("finish_reason", "usage"), x_groq=Wanted("usage")
)


def read_body(data: bytes, wanted: Wanted = WANTED) -> ChatBody | None:
    """The body of a chunk, an answer or an error; `None` where it is none. Where a value in it is not allowed in JSON, what is `wanted` is read."""
    return decoded(_BODY, data, wanted)


def started_in(body: ChatBody) -> list[Event]:
    """The beginning of an answer, in a body that names its id or its model."""
    response_id, model = text(body.id), text(body.model)
    return [Started(response_id, model)] if response_id or model else []


def choices_in(body: ChatBody) -> Sequence[ChatChoice]:
    """The answers in a body; odd elements are left out."""
    return [choice for choice in decoded(_CHOICES, body.choices) or () if isinstance(choice, ChatChoice)]


def finished_in(choices: Sequence[ChatChoice]) -> list[Event]:
    """The end of each answer that ends here."""
    reasons = [choice.finish_reason for choice in choices]
    return [Finished(reason) for reason in reasons if isinstance(reason, str) and reason]


def counted_in(body: ChatBody, choices: Sequence[ChatChoice], tier: object) -> list[Event]:
    """The usage, which is in the chunk or, as Moonshot's servers write it, in a choice, or, as Groq's do, in `x_groq`."""
    model = text(body.model)
    usage = openai_usage(body.usage, tier, model) if body.usage != _NOTHING else None  # most chunks have none
    for choice in choices:
        if usage is None and choice.usage != _NOTHING:
            usage = openai_usage(choice.usage, tier, model)
    if usage is None and body.x_groq != _NOTHING and (groq := decoded(_GROQ, body.x_groq)) is not None:
        usage = openai_usage(groq.usage, tier, model)
    return [UsageSeen(usage)] if usage is not None else []


def failed_in(body: ChatBody) -> list[Failed]:
    """The failure that a body reports."""
    found = failed(body.error, body.error_code, body.message)
    return [found] if found is not None else []
