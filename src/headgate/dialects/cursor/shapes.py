"""Which dialect each element of one of Cursor's requests is written in.

Cursor posts to `/chat/completions` what suits the model's name: chat bodies, Responses bodies (`input`, flat tools), Anthropic's blocks and tools, or a mixture.
So every message, part, tool and choice is looked at alone. Known from https://forum.cursor.com (threads 153019, 158939, 159298).
"""

import re
from collections.abc import Mapping
from typing import Final

import msgspec

from headgate.dialects.lenient import decoded, items, mapping, text

CHAT: Final = "openai_chat"
RESPONSES: Final = "openai_responses"
ANTHROPIC: Final = "anthropic"

_ANY: Final = msgspec.json.Decoder()
_NULL: Final = msgspec.Raw(b"null")
_ANTHROPIC_PARTS: Final = frozenset({
    "tool_use", "tool_result", "thinking", "redacted_thinking", "image", "document", "search_result", "server_tool_use", "web_search_tool_result",
})  # fmt: skip
_RESPONSES_PARTS: Final = frozenset({"input_text", "output_text", "input_image", "input_file"})
_CHAT_PARTS: Final = frozenset({"image_url", "input_audio", "file", "video_url"})
_CHAT_MEMBERS: Final = ("tool_calls", "tool_call_id", "function_call")
_DATED: Final = re.compile(r".*_\d{8}")  # Anthropic's own tools: `web_search_20250305`
# In every message that is not one of Chat Completions. An empty content is none there either: OpenAI refuses it.
_SIGNS: Final = re.compile(
    rb'"(?:'
    + b"|".join(name.encode() for name in sorted(_ANTHROPIC_PARTS | _RESPONSES_PARTS))
    + rb'|\w+_call|\w+_call_output|reasoning|item_reference)"|"content"[ \t\r\n]*:[ \t\r\n]*\[[ \t\r\n]*\]'
)
_RESPONSES_FIELDS: Final = frozenset({"text", "include", "instructions", "max_output_tokens", "previous_response_id"})
_ANTHROPIC_FIELDS: Final = frozenset({"system", "stop_sequences", "output_config"})


def of_part(part: object) -> str:
    """The dialect of a part of a content; empty for one that all have, as a text."""
    kind = text(mapping(part).get("type"))
    if kind in _ANTHROPIC_PARTS:
        return ANTHROPIC
    if kind in _RESPONSES_PARTS:
        return RESPONSES
    return CHAT if kind in _CHAT_PARTS else ""


def of_entry(entry: object, usual: str) -> str:
    """The dialect of a message or an item, whatever its parts are; `usual` is that of its list."""
    fields = mapping(entry)
    if text(fields.get("type")) not in {"", "message"}:
        return RESPONSES
    if text(fields.get("role")) in {"tool", "function"} or any(fields.get(name) for name in _CHAT_MEMBERS):
        return CHAT
    return usual


def of_tool(tool: object) -> str:
    """The dialect of a tool's definition."""
    fields = mapping(tool)
    kind = text(fields.get("type"))
    if mapping(fields.get("function")) or mapping(fields.get("custom")):
        return CHAT
    if "input_schema" in fields or _DATED.fullmatch(kind):
        return ANTHROPIC
    return RESPONSES if "name" in fields or kind not in {"", "function", "custom"} else CHAT


def of_choice(choice: object) -> str:
    """The dialect of a choice of tools."""
    fields = mapping(choice)
    kind = text(fields.get("type"))
    if kind in {"tool", "any", "auto", "none"}:
        return ANTHROPIC
    flat = kind and not (mapping(fields.get("function")) or mapping(fields.get("custom")) or mapping(fields.get("allowed_tools")))
    return RESPONSES if flat else CHAT


def is_mixed(fields: Mapping[str, msgspec.Raw]) -> bool:
    """Whether a body is anything but one of Chat Completions, so that no provider takes it as it is."""
    if bytes(fields.get("input", _NULL)) != b"null" or "messages" not in fields:
        return True
    if any(bytes(fields.get(name, _NULL)) != b"null" for name in _RESPONSES_FIELDS | _ANTHROPIC_FIELDS):
        return True
    if any(of_tool(tool) != CHAT for tool in items(decoded(_ANY, fields.get("tools", _NULL)))):
        return True
    return of_choice(decoded(_ANY, fields.get("tool_choice", _NULL))) != CHAT or _has_other_messages(fields["messages"])


def _has_other_messages(messages: msgspec.Raw) -> bool:
    if _SIGNS.search(bytes(messages)) is None:
        return False
    return any(_is_other(mapping(message)) for message in items(decoded(_ANY, messages)))


def _is_other(message: Mapping[str, object]) -> bool:
    content = message.get("content")
    return content == [] or of_entry(message, CHAT) != CHAT or any(of_part(part) in {ANTHROPIC, RESPONSES} for part in items(content))
