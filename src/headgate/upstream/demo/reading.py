"""Small readers that every wire format of the demo provider needs: text of mixed content, sizes, seeds. Lenient: what it does not understand it skips."""

import hashlib
from collections.abc import Iterable

import msgspec

from headgate.upstream.demo.question import Json


def as_list(value: object) -> list[Json]:
    """The objects of a list; an empty list for anything else."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def as_dict(value: object) -> Json:
    """The object, or an empty one."""
    return value if isinstance(value, dict) else {}


def as_text(value: object) -> str:
    """The text, or an empty one."""
    return value if isinstance(value, str) else ""


def as_count(value: object) -> int:
    """The positive whole number, or 0."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def text_of(content: object) -> str:
    """The text of a string, of a list of parts with `text`, or of nested `content`."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "\n".join(filter(None, (text_of(item) for item in content)))
    if isinstance(content, dict):
        return as_text(content.get("text")) or text_of(content.get("content"))
    return ""


def last_text(content: object) -> str:
    """The last piece of text: agents put their own reminders before what the user wrote."""
    if isinstance(content, list):
        texts = [text for text in (text_of(item) for item in content) if text.strip()]
        return texts[-1] if texts else ""
    return text_of(content)


def size(value: object) -> int:
    """The approximate number of characters of a JSON value on the wire."""
    return len(msgspec.json.encode(value)) if value else 0


def seed(parts: Iterable[object]) -> str:
    """A hexadecimal word that is the same for the same request."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(msgspec.json.encode(part))
    return digest.hexdigest()[:24]
