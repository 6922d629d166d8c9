"""Sets, restores and removes values of a JSON text in place: order, comments, indentation and line ends stay as they are."""

import json
import re
from typing import Any, Final

from headgate.agents.json_scan import BOM, Member, Node, Scanner
from headgate.agents.text_form import Broken, CannotSet, Path, newline_of

_INDENT: Final = re.compile(r"\n([ \t]+)\S")
_MARGIN: Final = re.compile(r"[ \t]*")


class JsonText:
    """JSON as a form of file; with comments if they are allowed."""

    def __init__(self, *, comments: bool) -> None:
        self._comments = comments

    def tree(self, text: str) -> dict[str, Any]:
        """The text as nested mappings."""
        root = self._root(text)
        return {} if root is None else dict(root.value)

    def raw(self, text: str, path: Path) -> str | None:
        """A value as it is written."""
        found = self._found(text, path)
        return None if found is None else text[found.start : found.end]

    def put(self, text: str, path: Path, value: object) -> str:
        """The text with a value set."""
        root = self._root(text)
        if root is None:
            mark = BOM if text.startswith(BOM) else ""
            return self.put(f"{mark}{{}}{newline_of(text)}", path, value)
        found = self._found(text, path)
        if found is not None:
            return text[: found.start] + self._written(text, value, found.start) + text[found.end :]
        holder, rest = root, path
        while len(rest) > 1 and (member := _member(holder, rest[0])) is not None:
            holder, rest = member.value, rest[1:]
        if holder.members is None:
            raise CannotSet(path)
        for key in reversed(rest[1:]):
            value = {key: value}
        return self._added(text, holder, rest[0], value)

    def put_raw(self, text: str, path: Path, raw: str) -> str:
        """The text with a value replaced."""
        found = self._found(text, path)
        return text if found is None else text[: found.start] + raw + text[found.end :]

    def remove(self, text: str, path: Path) -> str:
        """The text without a value, its key and its comma."""
        holder = self._found(text, path[:-1])
        if holder is None or holder.members is None:
            return text
        position = next((index for index in reversed(range(len(holder.members))) if holder.members[index].key == path[-1]), None)
        return text if position is None else self._without(text, holder.members, position)

    def _root(self, text: str) -> Node | None:
        root = Scanner(text, comments=self._comments).whole()
        if root is not None and root.members is None:
            raise Broken(1, "an object is expected, in braces")
        return root

    def _found(self, text: str, path: Path) -> Node | None:
        node = self._root(text)
        for key in path:
            member = None if node is None else _member(node, key)
            node = None if member is None else member.value
        return node

    def _added(self, text: str, holder: Node, key: str, value: object) -> str:
        """The text with one more member at the end of an object, on a line of its own if the object's members have theirs."""
        members = holder.members or ()
        closing = holder.end - 1
        inside = text[holder.start + 1 : closing]
        last = closing - len(inside) + len(inside.rstrip())  # after the last value or comment
        if members and "\n" not in text[holder.start : members[0].start]:
            comma = "" if members[-1].comma >= 0 else ","
            end = members[-1].comma + 1 if members[-1].comma >= 0 else members[-1].value.end
            return f"{text[:end]}{comma} {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}{text[end:]}"
        newline, margin = newline_of(text), _margin(text, holder.start)
        indent = text[_line_start(text, members[0].start) : members[0].start] if members else margin + _unit(text)
        indent = indent if not indent.strip() else margin + _unit(text)
        line = f"{newline}{indent}{json.dumps(key)}: {_indented(value, _unit(text), indent, newline)}"
        if not members:
            return f"{text[:last]}{line}{newline}{margin}{text[closing:]}"
        if members[-1].comma >= 0:
            return f"{text[:last]}{line},{text[last:]}"
        end = members[-1].value.end
        return f"{text[:end]},{text[end:last]}{line}{text[last:]}"

    def _without(self, text: str, members: tuple[Member, ...], position: int) -> str:
        member = members[position]
        before = text[: member.start].rstrip()
        end = member.comma + 1 if member.comma >= 0 else member.value.end
        after_comment = "//" in before[_line_start(text, len(before)) :]  # what follows must not become a part of that comment
        start = member.start if after_comment and not text[end:].lstrip(" \t\r").startswith("\n") else len(before)
        if member.comma < 0 and position:
            comma = members[position - 1].comma
            return text[:comma] + text[comma + 1 : start] + text[end:]
        return text[:start] + text[end:]

    def _written(self, text: str, value: object, at: int) -> str:
        return _indented(value, _unit(text), _margin(text, at), newline_of(text))


def _member(node: Node, key: str) -> Member | None:
    """The member of an object; of several with one key the last, which is the one that counts."""
    return next((each for each in reversed(node.members or ()) if each.key == key), None)


def _indented(value: object, unit: str, margin: str, newline: str) -> str:
    return json.dumps(value, indent=unit, ensure_ascii=False).replace("\n", newline + margin)


def _line_start(text: str, at: int) -> int:
    return text.rfind("\n", 0, at) + 1


def _margin(text: str, at: int) -> str:
    """The white space that the line of a position begins with."""
    found = _MARGIN.match(text, _line_start(text, at))
    return found[0] if found else ""


def _unit(text: str) -> str:
    """One step of indentation: that of the first indented line."""
    found = _INDENT.search(text)
    return found[1] if found else "  "
