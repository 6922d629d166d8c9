"""How commands print: numbers, times and tables for people, colours on a terminal, and text that cannot fail in any terminal's encoding."""

import codecs
import io
import json
import os
import shutil
import sys
from collections.abc import Collection, Mapping, Sequence
from typing import TextIO

from headgate.core.time_text import utc_text


def accept_any_text() -> None:
    """Print a replacement for characters that the terminal's encoding lacks, and nothing if a stream is closed."""
    for name, errors in (("stdout", "replace"), ("stderr", "backslashreplace")):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # ruff: ignore[open-file-with-context-handler] open until the process ends
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=errors)


def json_text(value: object) -> str:
    """JSON for standard output. Characters outside ASCII are escaped if the encoding cannot represent them all."""
    return json.dumps(value, ensure_ascii=not codecs.lookup(sys.stdout.encoding or "ascii").name.startswith("utf"))


def wants_colour(out: TextIO, environ: Mapping[str, str]) -> bool:
    """Whether colours go to this stream (https://no-color.org)."""
    return out.isatty() and not environ.get("NO_COLOR") and environ.get("TERM") != "dumb"


class Paint:
    """Colours words; `Paint(False)` leaves them unchanged."""

    def __init__(self, colour: bool) -> None:
        self._colour = colour

    def good(self, text: str) -> str:
        """Success."""
        return self._in("32", text)

    def warn(self, text: str) -> str:
        """A warning."""
        return self._in("33", text)

    def bad(self, text: str) -> str:
        """A failure."""
        return self._in("31", text)

    def dim(self, text: str) -> str:
        """Less important."""
        return self._in("2", text)

    def strong(self, text: str) -> str:
        """Most important."""
        return self._in("1", text)

    def link(self, text: str) -> str:
        """An address."""
        return self._in("36", text)

    def _in(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self._colour and text else text


def tokens(count: int) -> str:
    """`212`, `1.2k`, `28.4k`, `3.1M`."""
    for size, letter in ((1_000_000_000, "G"), (1_000_000, "M"), (1_000, "k")):
        if count >= size:
            return f"{count / size:.1f}{letter}"
    return str(count)


def usd(amount: float) -> str:
    """`$12.40`, `$0.031`, `$0.00042`: at least two significant digits."""
    if amount >= 1 or not amount:
        return f"${amount:,.2f}"
    digits = 3
    while amount * 10**digits < 10 and digits < 6:
        digits += 1
    return f"${amount:.{digits}f}"


def seconds(milliseconds: int) -> str:
    """`0.8s`, `41s`, `3m05s`."""
    if milliseconds < 10_000:
        return f"{milliseconds / 1000:.1f}s"
    whole = round(milliseconds / 1000)
    return f"{whole}s" if whole < 120 else f"{whole // 60}m{whole % 60:02d}s"


def printable(text: str, length: int) -> str:
    """One line of at most this length, without control characters."""
    line = "".join(character if character.isprintable() else " " for character in text)
    return line if len(line) <= length else f"{line[: length - 1]}…"


def iso(milliseconds: int) -> str | None:
    """A time as ISO 8601 in UTC; `None` for 0, which means never."""
    return utc_text(milliseconds) if milliseconds else None


_CELL_CHARS_MIN = 8


def print_table(
    head: Sequence[str], rows: Sequence[Sequence[str]], right: frozenset[int] = frozenset(), whole: frozenset[int] = frozenset({0})
) -> None:
    """Print a table that fits the terminal: there the longest texts are cut. Numbers and the columns in `whole` are not, and nothing is for a program."""
    line_chars = shutil.get_terminal_size().columns if sys.stdout.isatty() else 0
    for line in table(*fitted(head, rows, right | whole, line_chars), right):
        print(line)


def fitted(
    head: Sequence[str], rows: Sequence[Sequence[str]], whole: Collection[int], line_chars: int
) -> tuple[Sequence[str], Sequence[Sequence[str]]]:
    """The head and the rows. If a line would be longer than `line_chars`, the longest texts are cut, but never to less than a few characters, and no column
    in `whole` is. 0 means no limit.
    """
    if not line_chars:
        return head, rows
    longest = _longest([max(len(row[place]) for row in (head, *rows)) for place in range(len(head))], whole, line_chars)
    head, *rows = [[cell if place in whole else printable(cell, longest) for place, cell in enumerate(row)] for row in (head, *rows)]
    return head, rows


def _longest(widths: Sequence[int], whole: Collection[int], line_chars: int) -> int:
    """The longest text with which lines fit."""
    room = line_chars - 2 * (len(widths) - 1) - sum(width for place, width in enumerate(widths) if place in whole)
    texts = sorted(width for place, width in enumerate(widths) if place not in whole)
    for place, width in enumerate(texts):
        share = room // (len(texts) - place)
        if width > share:
            return max(share, _CELL_CHARS_MIN)
        room -= width
    return max(texts, default=_CELL_CHARS_MIN)


def table(head: Sequence[str], rows: Sequence[Sequence[str]], right: frozenset[int] = frozenset()) -> list[str]:
    """Lines with aligned columns; those in `right` are numbers, aligned right."""
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    return [
        "  ".join(
            cell.rjust(width) if column in right else cell.ljust(width) for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in (head, *rows)
    ]


def size(count: int) -> str:
    """`212 B`, `1.2 KiB`, `28.4 MiB`."""
    value = float(count)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if value < 1024:
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1024
    return f"{value:.1f} TiB"
