"""Decodes a Responses request: https://platform.openai.com/docs/api-reference/responses/create, and what Codex CLI adds to it.

What has no place in a conversation stays by name: `metadata`, `include`, `truncation` and the like.
"""

from collections.abc import Mapping
from types import MappingProxyType

import msgspec

from headgate.core.conversation import SYSTEM, Conversation, OutputFormat, Reasoning, Sampling, Text, Turn
from headgate.core.errors import BadRequest, Untranslatable
from headgate.dialects.asked import Asked
from headgate.dialects.faces import Operation
from headgate.dialects.lenient import COUNT_MAX, decoded, text
from headgate.dialects.openai_responses.decode_content import is_absent
from headgate.dialects.openai_responses.decode_items import read_input
from headgate.dialects.openai_responses.decode_tools import first_of_each, read_choice, read_tools
from headgate.dialects.unread import Unread, note

_NULL = msgspec.Raw(b"null")
_RAW_MEMBERS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ANY = msgspec.json.Decoder()
_EFFORTS = frozenset({"minimal", "low", "medium", "high", "xhigh", "max"})
_PLACED = frozenset({
    "model", "input", "instructions", "tools", "tool_choice", "parallel_tool_calls", "max_output_tokens", "temperature", "top_p", "top_logprobs",
    "frequency_penalty", "presence_penalty", "reasoning", "text", "prompt_cache_key", "service_tier", "user", "safety_identifier", "store", "stream",
    "previous_response_id", "background",
})  # fmt: skip
_SUMMARIES = ("summary", "generate_summary")
# What says what a translated answer is anyway: it has no results of OpenAI's tools, and its reasoning always comes back encrypted.
_USUAL: Mapping[str, tuple[object, ...]] = MappingProxyType({"include": ([], ["reasoning.encrypted_content"]), "truncation": ("disabled",)})
_NEEDS_OPENAI = {
    "conversation": "`conversation` names a conversation that OpenAI keeps; send the whole `input` instead.",
    "prompt": "`prompt` names a template that OpenAI keeps; send its text instead.",
}


def decode(asked: Asked, operation: Operation) -> Conversation:
    """The conversation of a request. Raises BadRequest, and Untranslatable for what only OpenAI's servers can answer."""
    fields = asked.fields
    _refuse(fields)
    beyond = _beyond(fields)
    given = read_input(fields.get("input", _NULL), beyond)
    wanted = _members(fields, "text")
    instructions = _text(fields, "instructions")
    return Conversation(
        model=asked.model,
        turns=((Turn(SYSTEM, (Text(instructions),)),) if instructions else ()) + given.turns,
        tools=first_of_each((*read_tools(fields.get("tools", _NULL), beyond), *given.tools)),
        choice=read_choice(fields.get("tool_choice", _NULL)),
        parallel_calls=_flag(fields, "parallel_tool_calls"),
        output_tokens_max=_count(fields, "max_output_tokens") or 0,
        sampling=_sampling(fields),
        reasoning=_reasoning(fields),
        format=_format(wanted.get("format", _NULL)),
        verbosity=text(decoded(_ANY, wanted.get("verbosity", _NULL))),
        cache_key=_text(fields, "prompt_cache_key"),
        user=_text(fields, "safety_identifier") or _text(fields, "user"),
        tier=_text(fields, "service_tier"),
        stream=asked.stream,
        log_probabilities=_count(fields, "top_logprobs"),
        previous_response_id=_text(fields, "previous_response_id"),
        stored=_flag(fields, "store") is not False,
        counting=not operation.generates,
        beyond=beyond,
    )


def _refuse(fields: dict[str, msgspec.Raw]) -> None:
    for name, why in _NEEDS_OPENAI.items():
        if not is_absent(fields.get(name, _NULL)):
            raise Untranslatable(f"{why} This model is served by a provider that does not have it.")
    if _flag(fields, "background"):
        raise Untranslatable("`background` is not possible with this model: its provider answers at once. Leave it out.")


def _beyond(fields: dict[str, msgspec.Raw]) -> Unread:
    """What has no place; of `reasoning` what is more than effort and summary."""
    beyond = {name: raw for name, raw in fields.items() if name not in _PLACED and not is_absent(raw)}
    for name, usual in _USUAL.items():
        if name in beyond and decoded(_ANY, beyond[name]) in usual:
            del beyond[name]
    reasoning = _members(fields, "reasoning")
    effort = text(decoded(_ANY, reasoning.get("effort", _NULL)))
    known = {name for name in _SUMMARIES if text(decoded(_ANY, reasoning.get(name, _NULL))) in {"", "none", "auto"}}
    known |= {"effort"} if effort in {"", "none", *_EFFORTS} else set()
    note(beyond, "reasoning", ((name, raw) for name, raw in reasoning.items() if name not in known and not is_absent(raw)))
    note(beyond, "text", ((name, raw) for name, raw in _members(fields, "text").items() if name not in {"format", "verbosity"}))
    return beyond


def _sampling(fields: dict[str, msgspec.Raw]) -> Sampling:
    return Sampling(
        temperature=_number(fields, "temperature"),
        top_p=_number(fields, "top_p"),
        frequency_penalty=_number(fields, "frequency_penalty"),
        presence_penalty=_number(fields, "presence_penalty"),
    )


def _reasoning(fields: dict[str, msgspec.Raw]) -> Reasoning:
    """How much to think. An effort that is not known leaves it to the model to think as much as it needs."""
    members = {name: text(decoded(_ANY, raw)) for name, raw in _members(fields, "reasoning").items()}
    effort = members.get("effort", "")
    shown = True if (members.get("summary") or members.get("generate_summary") or "none") != "none" else None
    if effort == "none":
        return Reasoning(mode="off", shown=shown)
    if effort in _EFFORTS:
        return Reasoning(mode="on", effort=effort, shown=shown)
    return Reasoning(mode="adaptive" if effort else "", shown=shown)


def _format(raw: msgspec.Raw) -> OutputFormat:
    if is_absent(raw):
        return OutputFormat()
    members = decoded(_RAW_MEMBERS, raw) if bytes(raw).startswith(b"{") else None
    kind = text(decoded(_ANY, members.get("type", _NULL))) if members is not None else ""
    if members is None or kind not in {"text", "json_object", "json_schema"}:
        raise BadRequest("`text.format.type` must be one of text, json_schema and json_object.")
    schema = members.get("schema", _NULL)
    if kind == "json_schema" and not bytes(schema).startswith(b"{"):
        raise BadRequest("`text.format.schema` must be a JSON Schema.")
    strict = decoded(_ANY, members.get("strict", _NULL))
    return OutputFormat(
        kind=kind,
        name=text(decoded(_ANY, members.get("name", _NULL))),
        description=text(decoded(_ANY, members.get("description", _NULL))),
        schema=None if is_absent(schema) else schema,
        strict=strict if isinstance(strict, bool) else None,
    )


def _members(fields: dict[str, msgspec.Raw], name: str) -> dict[str, msgspec.Raw]:
    """The members of an object; none where it is missing."""
    raw = fields.get(name, _NULL)
    if is_absent(raw):
        return {}
    members = decoded(_RAW_MEMBERS, raw) if bytes(raw).startswith(b"{") else None
    if members is None:
        raise BadRequest(f"`{name}` must be an object.")
    return members


def _text(fields: dict[str, msgspec.Raw], name: str) -> str:
    value = decoded(_ANY, fields.get(name, _NULL))
    if value is not None and not isinstance(value, str):
        raise BadRequest(f"`{name}` must be a text.")
    return value or ""


def _flag(fields: dict[str, msgspec.Raw], name: str) -> bool | None:
    value = decoded(_ANY, fields.get(name, _NULL))
    if value is not None and not isinstance(value, bool):
        raise BadRequest(f"`{name}` must be true or false.")
    return value


def _number(fields: dict[str, msgspec.Raw], name: str) -> float | None:
    value = decoded(_ANY, fields.get(name, _NULL))
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > COUNT_MAX:
        raise BadRequest(f"`{name}` must be a number.")
    return float(value)


def _count(fields: dict[str, msgspec.Raw], name: str) -> int | None:
    value = _number(fields, name)
    if value is None:
        return None
    if value < 0 or not value.is_integer():
        raise BadRequest(f"`{name}` must be a whole number.")
    return int(value)
