"""Decodes the messages of a Chat Completions request into turns. Consecutive tool messages are one turn of the user's.

The older `function_call` and `function` messages have no ids: a call gets one by its place, and its result is that of the last such call.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import msgspec

from headgate.core.conversation import (
    ASSISTANT,
    CUSTOM,
    SYSTEM,
    USER,
    Foreign,
    Media,
    Part,
    RefusalText,
    Text,
    Thinking,
    ToolCall,
    ToolResult,
    Turn,
)
from headgate.core.errors import BadRequest
from headgate.dialects.lenient import items, mapping, text
from headgate.dialects.openai_chat.media import MARKS, decode_media, is_marked
from headgate.dialects.openai_chat.request_shape import ChatCall, ChatFunction, ChatMessage, present
from headgate.dialects.unread import Unread, note

DIALECT: Final = "openai_chat"
_ANY: Final = msgspec.json.Decoder()
_TEXT: Final = msgspec.json.Decoder(str)
_ROLES: Final = {"system": SYSTEM, "developer": SYSTEM, "user": USER, "assistant": ASSISTANT}
_RESULTS: Final = frozenset({"tool", "function"})
_USUAL_TTLS: Final = frozenset({None, "5m", "30m"})
_USUAL_MEMBERS: Final = 2


def decode_messages(messages: Sequence[ChatMessage], unread: Unread) -> tuple[Turn, ...]:
    """The turns. Raises BadRequest for a role that there is none of."""
    turns: list[Turn] = []
    results: list[Part] = []
    legacy = ""
    for place, message in enumerate(messages):
        if message.role in _RESULTS:
            results.append(_result(message, legacy, unread))
            continue
        if results:
            turns.append(Turn(USER, tuple(results)))
            results = []
        role = _ROLES.get(message.role)
        if role is None:
            raise BadRequest(
                f"`messages[{place}].role` must be system, developer, user, assistant or tool, not {message.role!r}.", code="invalid_request"
            )
        legacy = f"call_{place}" if message.function_call is not None else legacy
        turns.append(Turn(role, tuple(_parts(message, legacy, unread))))
    return (*turns, Turn(USER, tuple(results))) if results else tuple(turns)


def _parts(message: ChatMessage, legacy: str, unread: Unread) -> Iterator[Part]:
    if message.name:
        yield Foreign(DIALECT, "name", msgspec.Raw(msgspec.json.encode(message.name)))
    if message.role == ASSISTANT and (thought := _thought(message)):
        yield Thinking(thought)
    yield from _content(message.content, unread)
    if present(message.annotations) is not None:
        unread.setdefault("messages.annotations", message.annotations)
    if message.refusal:
        yield RefusalText(message.refusal)
    if (audio := present(message.audio)) is not None:
        yield Foreign(DIALECT, "audio", audio)
    for call in message.tool_calls or ():
        yield _call(call)
    if message.function_call is not None:
        yield ToolCall(legacy, message.function_call.name, arguments_of(message.function_call))


def _result(message: ChatMessage, legacy: str, unread: Unread) -> ToolResult:
    given = [*_content(message.content, unread)]
    shown = tuple(part for part in given if isinstance(part, Text | Media))
    note(unread, "messages", ((part.kind, part.raw) for part in given if isinstance(part, Foreign)))
    call_id = message.tool_call_id or (legacy if message.role == "function" else "")
    return ToolResult(call_id, shown, name=message.name or "")


def _content(content: str | list[msgspec.Raw] | None, unread: Unread) -> Iterator[Part]:
    if isinstance(content, str):
        if content:
            yield Text(content)
        return
    for raw in content or ():
        yield _part(raw, unread)


def _part(raw: msgspec.Raw, unread: Unread) -> Part:
    fields: Mapping[str, object] = mapping(_ANY.decode(raw))
    kind = text(fields.get("type"))
    part = _read_part(kind, fields)
    if part is None:
        return Foreign(DIALECT, kind or "part", raw)
    if len(fields) > _USUAL_MEMBERS:
        _note_more(kind or "text", fields, unread)
    return part


def _read_part(kind: str, fields: Mapping[str, object]) -> Part | None:
    if isinstance(fields.get("text"), str) and kind in {"", "text", "input_text", "output_text"}:
        return Text(text(fields.get("text")), cached=is_marked(fields))
    return RefusalText(text(fields.get("refusal"))) if kind == "refusal" else decode_media(kind, fields)


def _note_more(kind: str, fields: Mapping[str, object], unread: Unread) -> None:
    """Note members beside the type and what a part is, and how long a mark wants its prefix kept (https://openrouter.ai/docs/features/prompt-caching)."""
    for name in fields.keys() - {"type", kind, "text", *MARKS}:
        unread.setdefault(f"{kind}.{name}", msgspec.Raw(msgspec.json.encode(fields[name])))
    for name in MARKS:
        if (ttl := mapping(fields.get(name)).get("ttl")) not in _USUAL_TTLS:
            unread.setdefault(f"{name}.ttl", msgspec.Raw(msgspec.json.encode(ttl)))


def _call(call: ChatCall) -> ToolCall:
    if call.custom is not None:
        return ToolCall(call.id or "", call.custom.name, call.custom.input, kind=CUSTOM)
    if call.function is None:
        raise BadRequest(f"A call in `tool_calls` has neither `function` nor `custom` (type {call.type!r}).", code="invalid_request")
    return ToolCall(call.id or "", call.function.name, arguments_of(call.function))


def arguments_of(function: ChatFunction) -> str:
    """The arguments as JSON text, also where they are written as an object."""
    raw = bytes(function.arguments)
    if raw == b"null":
        return ""
    return _TEXT.decode(raw) if raw.startswith(b'"') else raw.decode()


def _thought(message: ChatMessage) -> str:
    """What the assistant thought, by the names that servers give it; the details repeat the plain text."""
    plain = text(message.reasoning_content) or text(message.reasoning)
    return plain or "".join(thought_of(detail) for detail in items(message.reasoning_details))


def thought_of(detail: object) -> str:
    """The text in one of OpenRouter's `reasoning_details`."""
    fields = mapping(detail)
    return text(fields.get("text")) or text(fields.get("summary"))
