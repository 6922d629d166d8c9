"""What the wire formats are named where people read of them."""

from collections.abc import Mapping
from types import MappingProxyType

NAMES: Mapping[str, str] = MappingProxyType({
    "anthropic": "Anthropic",
    "openai": "OpenAI",
    "openai_chat": "OpenAI Chat",
    "openai_responses": "OpenAI Responses",
    "gemini": "Gemini",
    "cursor": "Cursor",
})
"""By the dialect's word, and by the words that a provider's `dialect` may have."""


def dialect_name(word: str) -> str:
    """The name of a dialect; the word itself where it has none."""
    return NAMES.get(word, word)
