"""The grammar of model and endpoint names, and the patterns that stand for sets of them.

Names are compared byte for byte: nothing is folded, trimmed or normalised, so that what was checked is what is served.
"""

import re
from collections.abc import Iterable

_CHARS_MAX = 128
_NAME = re.compile(r"[A-Za-z0-9._:/@-]{1,128}")
_PATTERN = re.compile(r"[A-Za-z0-9._:/@*-]{1,128}")
_EMPTY_SEGMENTS = frozenset({"", ".", ".."})


def is_name(text: str) -> bool:
    """Whether the text may name a model. A slash may part a name (`openai/gpt-5`), but never so that a path could be climbed."""
    return _NAME.fullmatch(text) is not None and _EMPTY_SEGMENTS.isdisjoint(text.split("/"))


def may_be_asked(text: str) -> bool:
    """Whether a client may write the text where a name belongs: a name, perhaps with brackets, for Claude Code appends `[1m]` to it."""
    return is_name(text.replace("[", "").replace("]", "")) and len(text) <= _CHARS_MAX


def is_pattern(text: str) -> bool:
    """Whether the text may stand for a set of names: a name in which `*` stands for any run of characters."""
    return _PATTERN.fullmatch(text) is not None


def matches(pattern: str, name: str) -> bool:
    """Whether the pattern stands for the name. Takes time proportional to their lengths, whatever the pattern."""
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
    """Whether one of the patterns stands for the name."""
    return any(matches(pattern, name) for pattern in patterns)
