"""Colours on a terminal, and nothing elsewhere: NO_COLOR, a dumb terminal and a pipe all get plain text."""

from collections.abc import Mapping
from typing import TextIO


def wants_colour(out: TextIO, environ: Mapping[str, str]) -> bool:
    """Whether colours go to this stream (https://no-color.org)."""
    return out.isatty() and not environ.get("NO_COLOR") and environ.get("TERM") != "dumb"


class Paint:
    """Words in colours; `Paint(False)` leaves them as they are."""

    def __init__(self, colour: bool) -> None:
        self._colour = colour

    def good(self, text: str) -> str:
        """What went well."""
        return self._in("32", text)

    def warn(self, text: str) -> str:
        """What asks for attention."""
        return self._in("33", text)

    def bad(self, text: str) -> str:
        """What failed."""
        return self._in("31", text)

    def dim(self, text: str) -> str:
        """What is beside the point."""
        return self._in("2", text)

    def strong(self, text: str) -> str:
        """What matters most."""
        return self._in("1", text)

    def link(self, text: str) -> str:
        """An address."""
        return self._in("36", text)

    def _in(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self._colour and text else text
