"""Patterns that clients send to filter lists of names: `LIKE` with `%` and `_`, and `SHOW … LIKE` with `*` and `|`. Case does not matter.

No regular expression is built from a client's text: one that backtracks can run for hours on a single name. Here the time is linear in the length of
the name, for every pattern, because the bits of one number mark all positions in the pattern that the name may have reached.
"""

from collections.abc import Iterable

import msgspec

from headgate.core.errors import BadRequest

PATTERN_CHARS_MAX = 255  # as long as a name may be

_ANY_RUN, _ANY_ONE = "run", "one"


class Pattern(msgspec.Struct, frozen=True):
    """One compiled pattern. Bit i of a number stands for "the first i characters of the pattern are matched".

    `of` gives for a character the positions from which it advances, `any_one` the positions from which every character advances, and `stay` the
        positions where every character may also stay: the runs of any characters.
    """

    of: dict[str, int]
    any_one: int
    stay: int
    end: int

    def matches(self, name: str) -> bool:
        """Whether the pattern matches the whole name."""
        reached = 1
        for character in name.lower():
            reached = (reached & (self.of.get(character, 0) | self.any_one)) << 1 | reached & self.stay
            if not reached:
                return False
        return bool(reached & self.end)


class Patterns(msgspec.Struct, frozen=True):
    """Several patterns; one of them must match."""

    choices: tuple[Pattern, ...]

    def matches(self, name: str) -> bool:
        """Whether one of the patterns matches the whole name."""
        return any(choice.matches(name) for choice in self.choices)


def like(text: str) -> Patterns:
    """SQL's `LIKE`: `%` is any run of characters, `_` any one, and a backslash escapes these three. An empty text matches every name."""
    _check(text)
    parts: list[tuple[str, str]] = []
    characters = iter(text or "%")
    for character in characters:
        if character == "\\":
            escaped = next(characters, "")
            if escaped not in {"%", "_", "\\"}:
                raise BadRequest(r"In a pattern a backslash stands before %, _ or another backslash.", code="INVALID_PARAMETER_VALUE")
            parts.append(("", escaped))
        else:
            parts.append(({"%": _ANY_RUN, "_": _ANY_ONE}.get(character, ""), character))
    return Patterns((_compile(parts),))


def show(text: str) -> Patterns:
    """`SHOW … LIKE`: `*` is any run of characters, `|` separates alternatives. An empty text matches every name."""
    _check(text)
    choices = (choice.strip() for choice in (text or "*").split("|"))
    return Patterns(tuple(_compile([(_ANY_RUN if character == "*" else "", character) for character in choice]) for choice in choices))


def _check(text: str) -> None:
    if len(text) > PATTERN_CHARS_MAX:
        raise BadRequest(f"A pattern has at most {PATTERN_CHARS_MAX} characters; this one has {len(text)}.", code="INVALID_PARAMETER_VALUE")


def _compile(parts: Iterable[tuple[str, str]]) -> Pattern:
    of: dict[str, int] = {}
    any_one, stay, position = 0, 0, 1
    for kind, text in parts:
        if kind == _ANY_RUN:
            stay |= position
            continue
        for character in text.lower() if not kind else "?":
            if kind == _ANY_ONE:
                any_one |= position
            else:
                of[character] = of.get(character, 0) | position
            position <<= 1
    return Pattern(of, any_one, stay, position)
