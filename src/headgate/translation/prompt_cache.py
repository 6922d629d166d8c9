"""Whether the whole prompt is marked for the provider's cache: a client of a dialect that caches by itself marks nothing, and would pay the full price."""

from collections.abc import Sequence
from typing import Final

from headgate.core.conversation import Conversation, Media, Text, Tool, ToolCall, ToolResult, Turn
from headgate.core.dialect_traits import DialectTraits

_MARKED: Final = frozenset({Text, Media, ToolCall, ToolResult})


def marks_whole(conversation: Conversation, turns: Sequence[Turn], tools: Sequence[Tool], traits: DialectTraits) -> bool:
    """Whether the target marks the whole prompt. What the client marked itself is not marked again."""
    if conversation.cached or not traits.cache_marks:
        return conversation.cached
    if any(tool.cached for tool in tools):
        return False
    return not any(type(part) in _MARKED and part.cached for turn in turns for part in turn.parts)  # type: ignore[union-attr]
