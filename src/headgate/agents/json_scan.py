"""Reads JSON, with or without comments, as nodes with the positions of everything in the text. It changes nothing."""

import json
import re
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from headgate.agents.text_form import Broken, line_of

BOM: Final = "\ufeff"
_DEPTH_MAX: Final = 100
_SPACE: Final = re.compile(r"[ \t\r\n]*")
_STRING: Final = re.compile(r'"(?:[^"\\\x00-\x1f]|\\.)*"')
_SCALAR: Final = re.compile(r"-?[0-9][0-9.eE+-]*|true|false|null")


class Member(NamedTuple):
    """A key of an object, where it begins, its value, and where the comma after it is (-1 for none)."""

    key: str
    start: int
    value: "Node"
    comma: int


class Node(NamedTuple):
    """A value and its positions; `members` is `None` for what is no object."""

    start: int
    end: int
    value: Any
    members: tuple[Member, ...] | None


class Scanner:
    """Reads one text. Comments and commas before a closing bracket are accepted only where asked for."""

    def __init__(self, text: str, *, comments: bool) -> None:
        self._text, self._comments = text, comments
        self._readers: dict[str, Callable[[int, int], Node]] = {"{": self._object, "[": self._array, '"': self._string}

    def whole(self) -> Node | None:
        """The text's one value; `None` if the text is blank."""
        at = self.skipped(1 if self._text.startswith(BOM) else 0)
        if at == len(self._text):
            return None
        node = self._value(at, 0)
        if self.skipped(node.end) != len(self._text):
            raise self._broken(self.skipped(node.end), "more text after the value")
        return node

    def skipped(self, at: int) -> int:
        """The position after white space and comments."""
        while True:
            found = _SPACE.match(self._text, at)
            at = found.end() if found else at
            end = self._comment_end(at) if self._comments else at
            if end == at:
                return at
            at = end

    def _comment_end(self, at: int) -> int:
        if self._text.startswith("//", at):
            end = self._text.find("\n", at)
            end = len(self._text) if end < 0 else end
            return end - 1 if self._text[end - 1] == "\r" else end
        if self._text.startswith("/*", at):
            end = self._text.find("*/", at + 2)
            if end < 0:
                raise self._broken(at, "a comment that does not end")
            return end + 2
        return at

    def _value(self, at: int, depth: int) -> Node:
        if depth > _DEPTH_MAX:
            raise self._broken(at, "it is nested too deep")
        reader = self._readers.get(self._text[at : at + 1], self._scalar)
        return reader(at, depth)

    def _scalar(self, at: int, _depth: int) -> Node:
        found = _SCALAR.match(self._text, at)
        if found is None:
            raise self._broken(at, "a value is missing" if at >= len(self._text) else f"unexpected {self._text[at]!r}")
        return self._read(at, found.end())

    def _string(self, at: int, _depth: int) -> Node:
        found = _STRING.match(self._text, at)
        if found is None:
            raise self._broken(at, "a string that does not end")
        return self._read(at, found.end())

    def _read(self, start: int, end: int) -> Node:
        try:
            return Node(start, end, json.loads(self._text[start:end]), None)
        except ValueError as error:
            raise self._broken(start, "a value that is not JSON") from error

    def _array(self, at: int, depth: int) -> Node:
        values: list[Any] = []
        position = self.skipped(at + 1)
        while self._text[position : position + 1] != "]":
            node = self._value(position, depth + 1)
            values.append(node.value)
            position, _ = self._after(node.end, "]")
        return Node(at, position + 1, values, None)

    def _object(self, at: int, depth: int) -> Node:
        members: list[Member] = []
        position = self.skipped(at + 1)
        while self._text[position : position + 1] != "}":
            if self._text[position : position + 1] != '"':
                raise self._broken(position, "a key in quotes is missing")
            key = self._string(position, depth)
            colon = self.skipped(key.end)
            if self._text[colon : colon + 1] != ":":
                raise self._broken(colon, "a colon is missing")
            value = self._value(self.skipped(colon + 1), depth + 1)
            start = position
            position, comma = self._after(value.end, "}")
            members.append(Member(key.value, start, value, comma))
        return Node(at, position + 1, {each.key: each.value.value for each in members}, tuple(members))

    def _after(self, end: int, closing: str) -> tuple[int, int]:
        """The position of what follows a value, and of the comma between them (-1 for none)."""
        comma = self.skipped(end)
        if self._text[comma : comma + 1] == closing:
            return comma, -1
        if self._text[comma : comma + 1] != ",":
            raise self._broken(comma, f"a comma or {closing} is missing")
        position = self.skipped(comma + 1)
        if self._text[position : position + 1] == closing and not self._comments:
            raise self._broken(comma, f"a comma before {closing}")
        return position, comma

    def _broken(self, at: int, reason: str) -> Broken:
        return Broken(line_of(self._text, at), reason)
