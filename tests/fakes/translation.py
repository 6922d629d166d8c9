"""Traits of dialects as the providers' codecs have them in the main, and small conversations, for tests of what is between the codecs."""

from headgate.core.conversation import Conversation, Part, Text, ToolCall, ToolResult, Turn
from headgate.core.dialect_traits import DialectTraits

ANTHROPIC = DialectTraits(
    dialect="anthropic",
    family="anthropic",
    system_in_place=False,
    alternates=True,
    results_first=True,
    custom_tools=False,
    namespaces=False,
    openai_tools=False,
    result_media=True,
    name_pattern=r"[a-zA-Z0-9_-]{1,128}",
    name_length_max=128,
    call_id_pattern=r"[a-zA-Z0-9_-]+",
    call_id_length_max=64,
    stops_max=16,
    thinking_states=True,
    argument_objects=True,
    result_errors=True,
    allowed_tools=False,
    many_answers=False,
    log_probabilities=False,
    json_object=False,
    cache_marks=True,
    temperature_max=1.0,
    output_tokens_required=True,
    output_tokens_min=0,
)
GEMINI = DialectTraits(
    dialect="gemini",
    family="gemini",
    system_in_place=False,
    alternates=True,
    results_first=True,
    custom_tools=False,
    namespaces=False,
    openai_tools=False,
    result_media=True,
    name_pattern=r"[a-zA-Z_][a-zA-Z0-9_.:-]*",
    name_length_max=128,
    call_id_pattern=r"\S+",
    call_id_length_max=128,
    stops_max=5,
    thinking_states=True,
    argument_objects=True,
    result_errors=True,
    allowed_tools=True,
    many_answers=False,
    log_probabilities=False,
    json_object=True,
    cache_marks=False,
    temperature_max=2.0,
    output_tokens_required=False,
    output_tokens_min=0,
)
CHAT = DialectTraits(
    dialect="openai_chat",
    family="openai",
    system_in_place=False,
    alternates=False,
    results_first=True,
    custom_tools=False,
    namespaces=False,
    openai_tools=False,
    result_media=False,
    name_pattern=r"[A-Za-z0-9_-]+",
    name_length_max=64,
    call_id_pattern=r"\S+",
    call_id_length_max=40,
    stops_max=4,
    web_search=False,
    thinking_states=False,
    argument_objects=False,
    result_errors=False,
    allowed_tools=True,
    many_answers=False,
    log_probabilities=False,
    json_object=True,
    cache_marks=False,
    temperature_max=2.0,
    output_tokens_required=False,
    output_tokens_min=0,
)
RESPONSES = DialectTraits(
    dialect="openai_responses",
    family="openai",
    system_in_place=True,
    alternates=False,
    results_first=False,
    custom_tools=True,
    namespaces=True,
    openai_tools=True,
    result_media=True,
    name_pattern=r"[A-Za-z0-9_-]+",
    name_length_max=64,
    call_id_pattern=r"\S+",
    call_id_length_max=64,
    stops_max=0,
    thinking_states=True,
    argument_objects=False,
    result_errors=False,
    allowed_tools=True,
    many_answers=False,
    log_probabilities=True,
    json_object=True,
    cache_marks=False,
    temperature_max=2.0,
    output_tokens_required=False,
    output_tokens_min=16,
)
ALL_TRAITS = (ANTHROPIC, GEMINI, CHAT, RESPONSES)


def system(text: str) -> Turn:
    """A system turn of one text."""
    return Turn("system", (Text(text),))


def user(*parts: Part | str) -> Turn:
    """A user's turn."""
    return Turn("user", tuple(Text(part) if isinstance(part, str) else part for part in parts))


def assistant(*parts: Part | str) -> Turn:
    """A turn of the assistant's."""
    return Turn("assistant", tuple(Text(part) if isinstance(part, str) else part for part in parts))


def called(call_id: str, name: str = "read", arguments: str = "{}", kind: str = "function") -> ToolCall:
    """A call of a tool."""
    return ToolCall(call_id, name, arguments, kind)


def answered(call_id: str, text: str = "done", name: str = "", *, failed: bool = False) -> ToolResult:
    """A result of one text."""
    return ToolResult(call_id, (Text(text),), name, failed)


def talk(*turns: Turn, model: str = "m") -> Conversation:
    """A conversation of these turns."""
    return Conversation(model=model, turns=turns)
