"""Patterns that clients send to filter lists of names: `LIKE` with `%` and `_`, and `SHOW … LIKE` with `*` and `|`. Case does not matter.

No regular expression is built from a client's text: one that backtracks can run for hours on a single name. Here the time is the length of the name
times a constant, whatever the pattern, because all positions in the pattern that the name may have reached are kept as the bits of one number.
"""

from collections.abc import Iterable

import msgspec

from headgate.core.errors import BadRequest

PATTERN_CHARS_MAX = 255  # as long as a name may be

_ANY_RUN, _ANY_ONE = "run", "one"


class Pattern(msgspec.Struct, frozen=True):
    """One compiled pattern. Bit i of a number stands for "the first i characters of the pattern are matched".

    `of` gives for a character the positions it moves on from, `any_one` the positions that every character moves on from, and `stay` the positions that
    every character may leave as they are, which is what a run of any characters is.
    """

    of: dict[str, int]
    any_one: int
    stay: int
    end: int

    def matches(self, name: str) -> bool:
        """Whether the whole name fits."""
        reached = 1
        for character in name.lower():
            reached = (reached & (self.of.get(character, 0) | self.any_one)) << 1 | reached & self.stay
            if not reached:
                return False
        return bool(reached & self.end)


class Patterns(msgspec.Struct, frozen=True):
    """Several patterns, of which one must fit."""

    choices: tuple[Pattern, ...]

    def matches(self, name: str) -> bool:
        """Whether the whole name fits one of them."""
        return any(choice.matches(name) for choice in self.choices)


def like(text: str) -> Patterns:
    """SQL's `LIKE`: `%` is any run of characters, `_` any one, and a backslash takes the next of these three literally. An empty text fits all names."""
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
    """`SHOW … LIKE`: `*` is any run of characters, `|` parts alternatives. An empty text fits all names."""
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
