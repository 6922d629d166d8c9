"""Requests of Anthropic Messages decoded into a conversation: https://docs.claude.com/en/api/messages, and what Claude Code sends."""

import hashlib
from collections.abc import Mapping
from typing import TypeVar

import msgspec

from headgate.core.conversation import (
    ASSISTANT,
    SYSTEM,
    USER,
    Conversation,
    OutputFormat,
    Part,
    Reasoning,
    Sampling,
    Text,
    Turn,
)
from headgate.core.errors import BadRequest
from headgate.dialects.anthropic.blocks import UsualBlock, blocks_of, is_given
from headgate.dialects.anthropic.decode_content import ContentDecoder, note_ttl
from headgate.dialects.anthropic.decode_tools import choice, offered
from headgate.dialects.anthropic.request import session_id
from headgate.dialects.asked import Asked
from headgate.dialects.faces import Operation
from headgate.dialects.lenient import decoded, mapping, text
from headgate.dialects.unread import Unread, pruned

T = TypeVar("T")

_ATTRIBUTION = "x-anthropic-billing-header:"  # Claude Code's first system block; Anthropic takes it out by its place, other providers would read it
_ROLES = {"user": USER, "assistant": ASSISTANT, "system": SYSTEM}
_MODES = {"adaptive": "adaptive", "between_tools": "adaptive", "enabled": "on", "disabled": "off"}
_SHOWN = {"summarized": True, "updates": True, "omitted": False}
_USER_LENGTH = 32

# The fields that are read below; every other one goes to `beyond`.
_READ = frozenset({
    "model", "messages", "system", "tools", "tool_choice", "max_tokens", "temperature", "top_p", "top_k", "stop_sequences", "stream", "thinking",
    "output_config", "output_format", "metadata", "service_tier", "speed", "context_management", "cache_control",
})  # fmt: skip
# Members of `output_config` that are read.
_OUTPUT_READ = frozenset({"effort", "format"})


class _Message(msgspec.Struct, forbid_unknown_fields=True):
    """A message as almost all are: a text, or blocks of known types."""

    role: str
    content: str | list[UsualBlock] | None = None


class _AnyMessage(msgspec.Struct):
    role: str
    content: msgspec.Raw = msgspec.Raw()


class _Thinking(msgspec.Struct):
    type: str
    budget_tokens: int | None = None
    display: str | None = None


class _Format(msgspec.Struct):
    type: str
    schema: msgspec.Raw = msgspec.Raw()


class _Output(msgspec.Struct):
    effort: str | None = None
    format: _Format | None = None


_MESSAGES = msgspec.json.Decoder(list[_Message])
_ANY_MESSAGES = msgspec.json.Decoder(list[_AnyMessage])
_RAWS = msgspec.json.Decoder(list[msgspec.Raw])
_THINKING = msgspec.json.Decoder(_Thinking | None)
_OUTPUT = msgspec.json.Decoder(_Output | None)
_FORMAT = msgspec.json.Decoder(_Format | None)
_STRINGS = msgspec.json.Decoder(list[str] | None)
_NUMBER = msgspec.json.Decoder(float | None)
_WHOLE = msgspec.json.Decoder(int | None)
_TEXT = msgspec.json.Decoder(str | None)
_ANY = msgspec.json.Decoder()


def decode(asked: Asked, operation: Operation) -> Conversation:
    """The conversation of a request. Raises BadRequest where it is not what Anthropic's specification allows."""
    fields = asked.fields
    beyond = _beyond(fields)
    tools = offered(fields.get("tools"), beyond)
    content = ContentDecoder(tools.deferred, beyond)
    chosen, parallel = choice(fields.get("tool_choice"))
    output = _field(fields, "output_config", _OUTPUT) or _Output()
    return Conversation(
        model=asked.model,
        turns=(*_system(fields.get("system"), content), *_turns(fields, content, beyond)),
        tools=tools.listed,
        choice=chosen,
        parallel_calls=parallel,
        output_tokens_max=max(0, _field(fields, "max_tokens", _WHOLE) or 0),
        sampling=Sampling(
            temperature=_field(fields, "temperature", _NUMBER),
            top_p=_field(fields, "top_p", _NUMBER),
            top_k=_field(fields, "top_k", _WHOLE),
        ),
        stop=tuple(_field(fields, "stop_sequences", _STRINGS) or ()),
        reasoning=_reasoning(fields, output.effort or ""),
        format=_format(output.format or _field(fields, "output_format", _FORMAT)),
        cache_key=session_id(asked),
        cached=bytes(fields.get("cache_control", b"null")) != b"null",
        user=_user(fields.get("metadata"), session_id(asked)),
        tier=_tier(fields),
        stream=asked.stream,
        counting=operation.name == "count_tokens",
        beyond=beyond,
    )


def _field(fields: Mapping[str, msgspec.Raw], name: str, decoder: msgspec.json.Decoder[T]) -> T | None:
    """A field's value; `None` where it is missing."""
    raw = fields.get(name)
    try:
        return None if raw is None else decoder.decode(raw)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise BadRequest(f"`{name}` is not what the API takes: {error}.", code="invalid_request") from None


def _system(raw: msgspec.Raw | None, content: ContentDecoder) -> tuple[Turn, ...]:
    """The instructions without Claude Code's line of attribution."""
    found: list[Part] = []
    for part in content.parts(raw, "system"):
        if isinstance(part, Text) and part.text.startswith(_ATTRIBUTION):
            rest = part.text.partition("\n")[2]
            if rest:
                found.append(Text(rest, part.cached))
            continue
        found.append(part)
    return (Turn(SYSTEM, tuple(found)),) if found else ()


def _turns(fields: Mapping[str, msgspec.Raw], content: ContentDecoder, unread: Unread) -> list[Turn]:
    if "messages" not in fields:
        raise BadRequest("`messages` is missing.", code="invalid_request")
    try:
        messages = _MESSAGES.decode(fields["messages"])
    except (msgspec.MsgspecError, RecursionError):
        return _each_turn(fields, content, unread)
    return [
        Turn(_role(message.role, index), content.parts_of(blocks_of(message.content), f"messages.{index}.content"))
        for index, message in enumerate(messages)
    ]


def _each_turn(fields: Mapping[str, msgspec.Raw], content: ContentDecoder, unread: Unread) -> list[Turn]:
    """The turns message by message, where one of them is not as almost all are."""
    messages = _field(fields, "messages", _ANY_MESSAGES) or []
    for raw in _RAWS.decode(fields["messages"]):
        pruned(raw, _AnyMessage, "messages", unread)
    return [Turn(_role(message.role, index), content.parts(message.content, f"messages.{index}.content")) for index, message in enumerate(messages)]


def _role(role: str, index: int) -> str:
    found = _ROLES.get(role)
    if found is None:
        raise BadRequest(f"`messages.{index}.role` must be user, assistant or system.", code="invalid_request")
    return found


def _reasoning(fields: Mapping[str, msgspec.Raw], effort: str) -> Reasoning:
    thinking = _field(fields, "thinking", _THINKING)
    if thinking is None:
        return Reasoning(effort=effort)
    mode = _MODES.get(thinking.type)
    if mode is None:
        raise BadRequest("`thinking.type` must be adaptive, enabled, disabled or between_tools.", code="invalid_request")
    shown = _SHOWN.get(thinking.display or "", None if mode == "off" else True)  # thoughts are shown unless the client says otherwise
    return Reasoning(mode=mode, effort=effort, budget_tokens=thinking.budget_tokens, shown=shown)


def _format(form: _Format | None) -> OutputFormat:
    if form is None or form.type != "json_schema":
        return OutputFormat()
    return OutputFormat(kind="json_schema", schema=form.schema if is_given(form.schema) else None)


def _user(metadata: msgspec.Raw | None, session: str) -> str:
    """A hash of the user that is the same in each of the user's sessions. Claude Code writes the ids of device, account and session into one text."""
    user_id = text(mapping(decoded(_ANY, metadata)).get("user_id")) if metadata is not None else ""
    if not user_id:
        return ""
    lasting = user_id.replace(session, "") if session else user_id
    return hashlib.sha256(lasting.encode(errors="replace")).hexdigest()[:_USER_LENGTH]


def _tier(fields: Mapping[str, msgspec.Raw]) -> str:
    if _field(fields, "speed", _TEXT) == "fast":
        return "priority"
    tier = _field(fields, "service_tier", _TEXT) or ""
    return "default" if tier == "standard_only" else tier


def _beyond(fields: Mapping[str, msgspec.Raw]) -> Unread:
    left = {name: raw for name, raw in fields.items() if name not in _READ}
    if "cache_control" in fields:
        note_ttl(decoded(_ANY, fields["cache_control"]), left)
    output = mapping(decoded(_ANY, fields["output_config"])) if "output_config" in fields else {}
    if not _OUTPUT_READ.issuperset(output):
        left["output_config"] = fields["output_config"]
    if "context_management" in fields and not _keeps_all(fields["context_management"]):
        left["context_management"] = fields["context_management"]
    return left


def _keeps_all(raw: msgspec.Raw) -> bool:
    """Whether the edits of the context change nothing: Claude Code asks that all thoughts are kept."""
    edits = mapping(decoded(_ANY, raw)).get("edits", [])
    known = edits if isinstance(edits, list) else [edits]
    return all(text(mapping(edit).get("type")).startswith("clear_thinking") and mapping(edit).get("keep") == "all" for edit in known)
