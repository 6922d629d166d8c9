"""Which known word was meant by a mistyped one. Bounded, because both come from outside: comparing long words, or many, would hold the event loop up."""

import bisect
import difflib
from collections.abc import Sequence

CHARS_MAX = 64  # the time of a comparison grows with the cube of the length
_BESIDE = 50


def beside(word: str, ordered: Sequence[str]) -> Sequence[str]:
    """At most a hundred of the ordered words: those around the place where the word would be."""
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
