"""The grammar of model and endpoint names, and of patterns that match several.

Names are compared byte for byte: no case folding, trimming or normalisation, so that the name that was checked is the name that is served.
"""

import re
from collections.abc import Callable, Iterable

NamesOf = Callable[[str], tuple[str, ...]]
"""The names that an endpoint answers to, its own first: what is declared for one of them holds for the endpoint."""

_CHARS_MAX = 128
_NAME = re.compile(r"[A-Za-z0-9._:/@-]{1,128}")
_PATTERN = re.compile(r"[A-Za-z0-9._:/@*-]{1,128}")
_EMPTY_SEGMENTS = frozenset({"", ".", ".."})


def is_name(text: str) -> bool:
    """Whether the text may name a model. A name may contain slashes (`openai/gpt-5`), but no segment that would climb a path."""
    return _NAME.fullmatch(text) is not None and _EMPTY_SEGMENTS.isdisjoint(text.split("/"))


def may_be_asked(text: str) -> bool:
    """Whether a client may ask for a model with this text: a name, optionally with brackets, because Claude Code appends `[1m]`."""
    return is_name(text.replace("[", "").replace("]", "")) and len(text) <= _CHARS_MAX


def is_pattern(text: str) -> bool:
    """Whether the text is a pattern: a name in which `*` matches any run of characters."""
    return _PATTERN.fullmatch(text) is not None


def is_open(pattern: str) -> bool:
    """Whether a pattern may match several names."""
    return "*" in pattern


def matches(pattern: str, name: str) -> bool:
    """Whether the pattern matches the name, in time proportional to their lengths."""
    head, *rest = pattern.split("*")
    if not rest:
        return pattern == name
    *inner, tail = rest
    if len(name) < len(head) + len(tail) or not (name.startswith(head) and name.endswith(tail)):
        return False
    at, end = len(head), len(name) - len(tail)
    for piece in inner:
        found = name.find(piece, at, end)
        if found < 0:
            return False
        at = found + len(piece)
    return True


def matches_any(patterns: Iterable[str], name: str) -> bool:
    """Whether one of the patterns matches the name."""
    return any(matches(pattern, name) for pattern in patterns)


def only_itself(name: str) -> tuple[str, ...]:
    """The names of an endpoint that has no other."""
    return (name,)


def matches_one_of(pattern: str, names: Iterable[str]) -> bool:
    """Whether the pattern matches one of an endpoint's names."""
    return any(matches(pattern, name) for name in names)
