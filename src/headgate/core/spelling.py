"""Finds the known word that a mistyped one probably means. Bounded, because both come from outside: long words, or many, would block the event loop."""

import bisect
import difflib
from collections.abc import Sequence

CHARS_MAX = 64  # the time of a comparison grows with the cube of the length
_BESIDE = 50


def beside(word: str, ordered: Sequence[str]) -> Sequence[str]:
    """At most a hundred of the ordered words: those next to where the word would be sorted."""
    if len(ordered) <= 2 * _BESIDE:
        return ordered
    place = bisect.bisect_left(ordered, word)
    return ordered[max(0, place - _BESIDE) : place + _BESIDE]


def nearest(word: str, ordered: Sequence[str], cutoff: float = 0.6) -> str:
    """The most similar one of the ordered words; empty where none is similar, or where the word is too long to look."""
    if len(word) > CHARS_MAX:
        return ""
    words = [each for each in beside(word, ordered) if len(each) <= CHARS_MAX]
    return next(iter(difflib.get_close_matches(word, words, n=1, cutoff=cutoff)), "")


def did_you_mean(meant: str) -> str:
    """The question at the end of a message, for the word that `nearest` found; empty where it found none."""
    return f" Did you mean {meant!r}?" if meant else ""
