"""What the wire formats are named where people read of them."""

from collections.abc import Iterable, Mapping
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


_ORDER = ("anthropic", "openai_responses", "openai_chat", "gemini")


def spoken_text(dialects: Iterable[str]) -> str:
    """The formats in which requests pass as they are, and that all others are translated; empty where no provider speaks any."""
    spoken = set(dialects)
    names = [dialect_name(dialect) for dialect in _ORDER if dialect in spoken]
    if not names:
        return ""
    rest = "translates between them" if len(names) == len(_ORDER) else "translates all others"
    return f"{', '.join(names)}; Headgate {rest}, so every agent may use every model"


def dialect_name(word: str) -> str:
    """The name of a dialect; the word itself where it has none."""
    return NAMES.get(word, word)
