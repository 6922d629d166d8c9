"""The shape of HTTP headers everywhere in Headgate. It does not say which headers cross the gateway."""

from collections.abc import Sequence
from typing import final

Headers = list[tuple[bytes, bytes]]  # names in lower case, in the order of the message


@final
class KnownHeaders:
    """Headers that one message after another has, except for the values at some places, in their order. `lines` is the memory of who writes them: what comes
    before each of these values, and what comes after the last.
    """

    __slots__ = ("lines", "places")

    def __init__(self, places: Sequence[int]) -> None:
        self.places = list(places)
        self.lines: list[bytes] = []
