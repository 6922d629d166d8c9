"""Sets, restores and removes values of a TOML text in place: a key goes into its table, a new table to the end, and nothing else moves."""

import json
import re
from typing import Any, Final

from headgate.agents.text_form import Broken, CannotSet, Path, newline_of, value_at
from headgate.agents.toml_scan import BOM, TomlLine, statements, toml_tree

_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")


class TomlText:
    """TOML as a form of file."""

    def tree(self, text: str) -> dict[str, Any]:
        """The text as nested mappings."""
        return toml_tree(text)

    def raw(self, text: str, path: Path) -> str | None:
        """A value as it is written; `None` too for one inside an inline table."""
        found = _pair(statements(text), path)
        return None if found is None else text[found.value_start : found.value_end]

    def put(self, text: str, path: Path, value: object) -> str:
        """The text with a value set. Raises CannotSet if what holds it is written in a way that has no place for it."""
        known = statements(text)
        found = _pair(known, path)
        written = _written(value)
        if found is not None:
            return text[: found.value_start] + written + text[found.value_end :]
        changed = self._added(text, known, path, f"{_key(path[-1])} = {written}")
        try:
            is_set = value_at(self.tree(changed), path) == value
        except Broken as error:
            raise CannotSet(path) from error
        if not is_set:
            raise CannotSet(path)
        return changed

    def put_raw(self, text: str, path: Path, raw: str) -> str:
        """The text with a value replaced."""
        found = _pair(statements(text), path)
        return text if found is None else text[: found.value_start] + raw + text[found.value_end :]

    def remove(self, text: str, path: Path) -> str:
        """The text without a key, or without a table's empty header and the blank line before it."""
        found = next((each for each in statements(text) if each.path == path), None)
        if found is None:
            return text
        newline = newline_of(text)
        if found.is_header:
            before = text[: found.start].rstrip()
            return before + (newline if before else "") + text[found.end :]
        after = text[found.end :]
        is_first = not text[: found.start].removeprefix(BOM)  # then a blank line parted the keys of a merge from the tables
        return text[: found.start] + (after.removeprefix(newline) if is_first else after)

    def _added(self, text: str, known: list[TomlLine], path: Path, line: str) -> str:
        newline, table = newline_of(text), path[:-1]
        if table and not any(each.is_header and each.path == table for each in known):
            header = ".".join(_key(part) for part in table)
            separator = newline * (1 if text.endswith("\n") else 2) if text.removeprefix(BOM) else ""
            return f"{text}{separator}[{header}]{newline}{line}{newline}"
        at = _end_of(known, table)
        if at is None:  # no key is outside all tables yet
            start = 1 if text.startswith(BOM) else 0
            return f"{text[:start]}{line}{newline}{newline if text[start:].strip() else ''}{text[start:]}"
        before = text[:at]
        return f"{before}{'' if before.endswith(chr(10)) else newline}{line}{newline if before.endswith(chr(10)) or text[at:] else ''}{text[at:]}"


def _end_of(known: list[TomlLine], table: Path) -> int | None:
    """The end of a table's last statement."""
    current: Path = ()
    end = None
    for each in known:
        current = each.path if each.is_header else current
        if current == table:
            end = each.end
    return end


def _pair(known: list[TomlLine], path: Path) -> TomlLine | None:
    return next((each for each in known if not each.is_header and each.path == path), None)


def _key(part: str) -> str:
    return part if _BARE.fullmatch(part) else json.dumps(part)


def _written(value: object) -> str:
    """A string, a number or a boolean; JSON's strings are TOML's, except for DEL, which no setting has."""
    return json.dumps(value, ensure_ascii=False)
