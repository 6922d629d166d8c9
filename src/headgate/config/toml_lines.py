"""Finds the line of every key in a TOML document, which the standard parser does not report.

It works on text that `tomllib` has already accepted, so it checks nothing and only follows the structure: headers, keys, strings, arrays, inline tables.
"""

import re
from bisect import bisect_right

from headgate.config.problems import Path

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_STRING = re.compile(r'"""(?:\\.|[^\\])*?"{3,5}|' + r"'''.*?'{3,5}" + r'|"(?:\\.|[^"\\\n])*"|' + r"'[^'\n]*'", re.DOTALL)
_KEY_PART = re.compile(r'\s*("(?:\\.|[^"\\\n])*"|' + r"'[^'\n]*'|[A-Za-z0-9_-]+)[ \t]*")
_SCALAR = re.compile(r"[^,\]}\n#]+")


def key_lines(text: str) -> dict[Path, int]:
    """The line, counted from 1, of each table, key and array element, by its path."""
    return _Scan(text).run()


class _Scan:
    """One pass over a document; `_at` is the position in its text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._starts = [0, *(match.end() for match in re.finditer(r"\n", text))]
        self._lines: dict[Path, int] = {}
        self._counts: dict[Path, int] = {}  # elements seen of each array of tables

    def run(self) -> dict[Path, int]:
        table: Path = ()
        while self._skip_blank():
            if self._text[self._at] == "[":
                table = self._header()
            else:
                self._pair(table)
        return self._lines

    def _skip_blank(self) -> bool:
        match = _BLANK.match(self._text, self._at)
        self._at = match.end() if match else self._at
        return self._at < len(self._text)

    def _mark(self, path: Path) -> None:
        self._lines.setdefault(path, bisect_right(self._starts, self._at))

    def _key(self) -> Path:
        parts: list[str] = []
        while match := _KEY_PART.match(self._text, self._at):
            part = match[1]
            parts.append(part[1:-1] if part[0] in "\"'" else part)
            self._at = match.end()
            if self._text[self._at : self._at + 1] != ".":
                break
            self._at += 1
        return tuple(parts)

    def _header(self) -> Path:
        array = self._text.startswith("[[", self._at)
        start = self._at
        self._at += 2 if array else 1
        key = self._key()
        self._at += 2 if array else 1
        path = self._within_arrays(key[:-1] if array else key)
        if array:
            path = (*path, *key[-1:])
            index = self._counts.get(path, 0)
            self._counts[path] = index + 1
            path = (*path, index)
        end, self._at = self._at, start
        self._mark(path)
        self._at = end
        return path

    def _within_arrays(self, key: Path) -> Path:
        """The path of a header's key: a table below an array of tables belongs to the array's last element."""
        path: Path = ()
        for part in key:
            path = (*path, part)
            if path in self._counts:
                path = (*path, self._counts[path] - 1)
        return path

    def _pair(self, table: Path) -> None:
        start = self._at
        path = (*table, *self._key())
        if self._at == start:  # not TOML after all; advance, or the loop would not end
            self._at += 1
            return
        end, self._at = self._at, start
        self._mark(path)
        self._at = end + 1  # the equals sign
        self._skip_blank()
        self._value(path)

    def _value(self, path: Path) -> None:
        first = self._text[self._at : self._at + 1]
        if first == "[":
            self._array(path)
        elif first == "{":
            self._inline_table(path)
        else:
            match = (_STRING if first in {'"', "'"} else _SCALAR).match(self._text, self._at)
            self._at = match.end() if match else self._at + 1

    def _array(self, path: Path) -> None:
        self._at += 1
        index = 0
        while self._skip_blank() and self._text[self._at] != "]":
            if self._text[self._at] == ",":
                self._at += 1
                continue
            self._mark((*path, index))
            self._value((*path, index))
            index += 1
        self._at += 1

    def _inline_table(self, path: Path) -> None:
        self._at += 1
        while self._skip_blank() and self._text[self._at] != "}":
            if self._text[self._at] == ",":
                self._at += 1
            else:
                self._pair(path)
        self._at += 1
