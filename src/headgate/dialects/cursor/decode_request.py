"""Decodes one of Cursor's requests into a conversation, of whatever dialects it is. Raises BadRequest where an element is none of its own dialect's."""

from collections.abc import Mapping
from typing import Final

import msgspec

from headgate.core.conversation import CUSTOM, Conversation, OutputFormat, Turn
from headgate.dialects.asked import Asked
from headgate.dialects.cursor.decode_tools import decode_choice, decode_tools
from headgate.dialects.cursor.decode_turns import decode_entries, merged, with_custom_calls
from headgate.dialects.cursor.one_dialect import decode_fields
from headgate.dialects.cursor.shapes import ANTHROPIC, CHAT, RESPONSES
from headgate.dialects.faces import Operation
from headgate.dialects.openai_chat import decode_request as chat

_NULL: Final = msgspec.Raw(b"null")
_ELEMENTS: Final = frozenset({"messages", "input", "tools", "tool_choice"})
# The settings that Chat Completions does not have. It has all others, or they go beyond.
_RESPONSES: Final = frozenset({
    "text",
    "instructions",
    "max_output_tokens",
    "previous_response_id",
    "conversation",
    "background",
    "prompt",
    "include",
    "truncation",
})
_ANTHROPIC: Final = frozenset({"system", "stop_sequences", "output_config"})
_REASONING: Final = "reasoning."  # what neither dialect reads of it goes beyond with the settings of Chat Completions
_SHARED: Final = frozenset({"reasoning"})  # its `summary` says whether thoughts are shown


def decode(asked: Asked, operation: Operation) -> Conversation:
    """The conversation of a request."""
    if not asked.mixed:
        found = chat.decode(asked, operation)
        return msgspec.structs.replace(found, turns=with_custom_calls(found.turns, _custom_names(found)))
    fields = asked.fields
    settings = _settings(asked)
    spoken = [
        decode_entries(fields.get(name, _NULL) if bytes(fields.get(name, _NULL)) != b"null" else msgspec.Raw(b"[]"), usual, name)
        for name, usual in (("input", RESPONSES), ("messages", CHAT))
    ]
    given, said = (each.turns for each in spoken)
    turns = merged(given, said) if given and said else (*given, *said)
    offered = decode_tools(fields.get("tools", _NULL))
    tools = (*offered.tools, *(tool for each in spoken for tool in each.tools))
    beyond = settings.beyond.copy()
    for each in (offered, *spoken):
        beyond |= each.beyond
    found = msgspec.structs.replace(settings, tools=tools, choice=decode_choice(fields.get("tool_choice", _NULL)), beyond=beyond)
    return msgspec.structs.replace(found, turns=(*settings.turns, *with_custom_calls(turns, _custom_names(found))))


def _settings(asked: Asked) -> Conversation:
    """Everything but turns and tools; its own turns are the instructions beside the messages."""
    fields = asked.fields
    own = {name: raw for name, raw in fields.items() if name not in _ELEMENTS | _RESPONSES | _ANTHROPIC}
    found = chat.decode(asked.with_fields(own), Operation("chat", ""))
    responses = decode_fields(RESPONSES, _given(fields, _RESPONSES | _SHARED))
    anthropic = decode_fields(ANTHROPIC, _given(fields, _ANTHROPIC))
    reasoning = found.reasoning
    if not reasoning.mode:
        reasoning = responses.reasoning if responses.reasoning.mode else anthropic.reasoning
    shown = reasoning.shown if responses.reasoning.shown is None else responses.reasoning.shown
    return msgspec.structs.replace(
        found,
        turns=_instructions(responses, anthropic),
        output_tokens_max=found.output_tokens_max or responses.output_tokens_max,
        stop=found.stop or anthropic.stop,
        reasoning=msgspec.structs.replace(reasoning, shown=shown),
        format=next((form for form in (found.format, responses.format, anthropic.format) if form.kind != "text"), OutputFormat()),
        verbosity=found.verbosity or responses.verbosity,
        previous_response_id=responses.previous_response_id,
        beyond={**{name: raw for name, raw in responses.beyond.items() if not name.startswith(_REASONING)}, **anthropic.beyond, **found.beyond},
    )


def _given(fields: Mapping[str, msgspec.Raw], names: frozenset[str]) -> dict[str, msgspec.Raw]:
    return {name: raw for name, raw in fields.items() if name in names}


def _instructions(*conversations: Conversation) -> tuple[Turn, ...]:
    return tuple(turn for conversation in conversations for turn in conversation.turns)


def _custom_names(conversation: Conversation) -> frozenset[str]:
    return frozenset(tool.name for tool in conversation.tools if tool.kind == CUSTOM)
