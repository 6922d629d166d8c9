"""Writes the head of an HTTP/1.1 message, strictly checked. A value that could end its line early is refused, never repaired."""

import re
from collections.abc import Set as AbstractSet
from typing import Final

from headgate.core.headers import Headers, KnownHeaders

TOKEN: Final = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110 section 5.6.2
_CONTROLS: Final = bytes(0 if (code < 32 and code != 9) or code == 127 else code for code in range(256))  # zero for each of them, but the tab
_NAMES_MAX: Final = 1024


class BadHead(ValueError):
    """A head that must not be written. The message says which part, and repeats no value."""


class HeadWriter:
    """Joins a first line and header lines. Remembers each header name that it found sound, within a bound.

    `own` are the headers that frame a message: only the owner of this writer sets them.
    """

    __slots__ = ("_names", "_own")

    def __init__(self, own: AbstractSet[bytes] = frozenset()) -> None:
        self._own = own
        self._names: dict[bytes, bytes] = {}

    def write(self, first: bytes, headers: Headers, last: bytes = b"") -> bytes:
        """The first line, the headers, then `last` as it is. Each line begins with its CRLF, and none ends with one. Raises BadHead."""
        names = self._names
        parts: list[bytes] = []
        for name, value in headers:
            parts.append(names.get(name) or self._admit(name))  # ruff: ignore[repeated-append] -- a third of the time of extend with a tuple
            parts.append(value)
        lines = b"".join(parts)
        # Every header brings two control bytes, its CRLF. One more, and a value would end its line or hide something from one of its readers.
        if lines.translate(_CONTROLS).count(b"\0") != len(parts):
            raise BadHead("the value of a header holds a control character")
        return first + lines + last

    def write_known(self, first: bytes, known: KnownHeaders, headers: Headers, last: bytes = b"") -> bytes:
        """The same for headers that are known: only what changes of them is looked at. Raises BadHead."""
        places, lines = known.places, known.lines
        if not lines:
            lines = known.lines = self._lines_of(places, headers)
        if not places:
            return first + lines[0] + last
        parts = [first]
        for index in range(len(places)):
            value = headers[places[index]][1]
            if value.translate(_CONTROLS) != value or b"\0" in value:
                raise BadHead("the value of a header holds a control character")
            parts.append(lines[index])  # ruff: ignore[repeated-append] -- a third of the time of extend with a tuple
            parts.append(value)
        return b"".join(parts) + lines[-1] + last

    def _lines_of(self, places: list[int], headers: Headers) -> list[bytes]:
        lines, at = [], 0
        for place in places:
            name = headers[place][0]
            lines.append(self.write(b"", headers[at:place], self._names.get(name) or self._admit(name)))
            at = place + 1
        return [*lines, self.write(b"", headers[at:])]

    def _admit(self, name: bytes) -> bytes:
        if not TOKEN.fullmatch(name):
            raise BadHead("the name of a header is not a token")
        if name.lower() in self._own:
            raise BadHead(f"the header {name.decode('ascii')} is set by the client itself")
        if len(self._names) >= _NAMES_MAX:
            self._names.clear()
        line = self._names[name] = b"\r\n%b: " % name
        return line
