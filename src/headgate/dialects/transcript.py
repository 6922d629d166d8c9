"""What was said in a request and in its answer, as one list of parts that is the same for every wire format. For people to read, never to decide by.

Each dialect's `transcript` module makes it from a logged body. Bodies come from outside: whatever is in them is text here, of a bounded size, and
nothing in them raises.
"""

from collections.abc import Callable, Iterable, Iterator

import msgspec

from headgate.core.escaping import escaped
from headgate.dialects.lenient import items, mapping, text

SYSTEM, USER, ASSISTANT = "system", "user", "assistant"
TEXT, THINKING, CALL, RESULT, MEDIA, FAILURE, OTHER = "text", "thinking", "call", "result", "media", "failure", "other"

PARTS_MAX = 20_000
CHARS_MAX = 200_000
_NAME_MAX = 200
_DEPTH_MAX = 12


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was said: by whom, of what kind, its text. A call has its arguments as `text` and as `given`; `call_id` joins it with its result.

    `cut` is how many characters of the text were left out. `failed` is what a result says of itself.
    """

    role: str
    kind: str
    text: str = ""
    name: str = ""
    call_id: str = ""
    given: object = None
    failed: bool = False
    cut: int = 0


class Transcript(msgspec.Struct, frozen=True, kw_only=True):
    """A request: its parts in their order, the names of the tools that it offers, and the answer that it goes on from where it names one."""

    parts: tuple[Part, ...] = ()
    tools: tuple[str, ...] = ()
    continues: str = ""


class TranscriptReader(msgspec.Struct, frozen=True):
    """How one dialect's bodies are read."""

    request: Callable[[object], Transcript]
    answer: Callable[[object], tuple[Part, ...]]


def said(role: str, kind: str, words: str, *, name: str = "", call_id: str = "", failed: bool = False) -> Part:
    """A part with this text, cut where it is too long. Characters that do not print are written out, except line ends and tabs."""
    kept = printable(words[:CHARS_MAX])
    return Part(role=role, kind=kind, text=kept, name=_name(name), call_id=_name(call_id), failed=failed, cut=max(0, len(words) - CHARS_MAX))


def printable(words: str) -> str:
    """The text with characters that do not print written out, except line ends and tabs."""
    return "\t".join(escaped(piece) for piece in words.replace("\r\n", "\n").split("\t"))


def called(name: str, call_id: str, given: object) -> Part:
    """A call of a tool. Arguments that are JSON in a text are read; what is no JSON stays a text."""
    value = _value(given) if isinstance(given, str) else given
    words = value if isinstance(value, str) else "" if value is None else json_text(value)
    part = said(ASSISTANT, CALL, words, name=name, call_id=call_id)
    return msgspec.structs.replace(part, given=value if isinstance(value, (dict, list)) else None)


def media(role: str, name: str) -> Part:
    """A picture, a sound or a file, of which only the kind is kept."""
    return said(role, MEDIA, "", name=name)


def other(role: str, value: object) -> Part:
    """A part of a kind that is not known: its type, and all of it as JSON."""
    return said(role, OTHER, value if isinstance(value, str) else json_text(value), name=text(mapping(value).get("type")))


def failure(error: object) -> tuple[Part, ...]:
    """An error in an answer's body; nothing where there is none."""
    fields = mapping(error)
    words = text(fields.get("message")) or (error if isinstance(error, str) else json_text(error) if error else "")
    return (said(ASSISTANT, FAILURE, words, name=text(fields.get("type")) or text(fields.get("code")), failed=True),) if words else ()


def bounded(parts: Iterable[Part]) -> tuple[Part, ...]:
    """The parts, as far as a reader shows them."""
    found: list[Part] = []
    for part in parts:
        if len(found) == PARTS_MAX:
            break
        found.append(part)
    return tuple(found)


def texts(content: object) -> str:
    """Every text in a tool's result: a text, or blocks of them."""
    if isinstance(content, str):
        return content
    return "\n".join(_texts(content, _DEPTH_MAX))


def names_of(tools: object) -> tuple[str, ...]:
    """The names of the tools that a request offers: at the top of each, or inside of its function; else its type."""
    found = []
    for tool in map(mapping, items(tools)):
        inner = mapping(tool.get("function")) or mapping(tool.get("custom"))
        found.append(_name(text(tool.get("name")) or text(inner.get("name")) or text(tool.get("type"))))
    return tuple(dict.fromkeys(name for name in found if name))


def json_text(value: object) -> str:
    """The value as JSON of several lines; nothing for what is none."""
    try:
        return msgspec.json.format(msgspec.json.encode(value), indent=2).decode(errors="replace")
    except (msgspec.MsgspecError, TypeError, ValueError, RecursionError):
        return ""


def _texts(content: object, depth: int) -> Iterator[str]:
    if isinstance(content, str):
        yield content
    elif depth:
        for item in items(content) if isinstance(content, list) else [content]:
            fields = mapping(item)
            known = next((fields[name] for name in ("text", "output", "content", "refusal", "transcript") if fields.get(name)), None)
            if isinstance(item, str):
                yield item
            elif known is not None:
                yield from _texts(known, depth - 1)
            elif fields.get("type"):
                yield f"[{fields['type']}]"
            elif fields:
                yield json_text(item)


def _value(written: str) -> object:
    try:
        return msgspec.json.decode(written)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return written


def _name(name: str) -> str:
    return escaped(name[:_NAME_MAX]).replace("\n", " ")
