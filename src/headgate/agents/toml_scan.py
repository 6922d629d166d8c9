"""Finds the statements of a TOML text: its table headers, its keys and where their values are. What they mean is left to `tomllib`, which reads the text too."""

import re
import tomllib
from typing import Any, Final, NamedTuple

from headgate.agents.text_form import Broken, Path, line_of

BOM: Final = "\ufeff"
_SPACE: Final = re.compile(r"[ \t]*")
_BLANK: Final = re.compile(r"[ \t]*(?:#[^\n]*)?(?:\r?\n|$)")
_KEY: Final = re.compile(r'[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'')
_STRINGS: Final = (
    re.compile(r'"""(?:[^\\]|\\.)*?"{3,5}', re.DOTALL),
    re.compile(r"'''.*?'{3,5}", re.DOTALL),
    re.compile(r'"(?:[^"\\\n]|\\.)*"'),
    re.compile(r"'[^'\n]*'"),
)
_POSITION: Final = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")


class TomlLine(NamedTuple):
    """A header or a key with its value. `path` is whole, with the table's; positions are those of the line and, for a key, of the value."""

    path: Path
    is_header: bool
    start: int
    end: int  # after the line's end
    value_start: int = -1
    value_end: int = -1


def toml_tree(text: str) -> dict[str, Any]:
    """The text as nested mappings. Raises Broken."""
    try:
        return tomllib.loads(text.removeprefix(BOM))
    except tomllib.TOMLDecodeError as error:
        found = _POSITION.search(str(error))
        line = int(found[1]) if found and found[1] else line_of(text, len(text))
        raise Broken(line, _POSITION.sub("", str(error))) from error


def statements(text: str) -> list[TomlLine]:
    """The statements of a text that `tomllib` accepts. What is in an array of tables has a path that no setting has."""
    at = 1 if text.startswith(BOM) else 0
    found: list[TomlLine] = []
    table: Path = ()
    while at < len(text):
        blank = _BLANK.match(text, at)
        if blank is not None and blank.end() > at:
            at = blank.end()
            continue
        statement = _header(text, at) if text[_spaced(text, at)] == "[" else _pair(text, at, table)
        if statement.is_header:
            table = statement.path
        found.append(statement)
        at = statement.end
    return found


def _header(text: str, start: int) -> TomlLine:
    at = _spaced(text, start)
    is_array = text.startswith("[[", at)
    path, at = _key_path(text, at + 1 + is_array)
    end = _line_end(text, text.index("]", at) + 1 + is_array)
    return TomlLine((*path, "[]") if is_array else path, is_header=True, start=start, end=end)


def _pair(text: str, start: int, table: Path) -> TomlLine:
    path, at = _key_path(text, start)
    value_start = _spaced(text, text.index("=", at) + 1)
    value_end = _value_end(text, value_start)
    return TomlLine((*table, *path), is_header=False, start=start, end=_line_end(text, value_end), value_start=value_start, value_end=value_end)


def _key_path(text: str, at: int) -> tuple[Path, int]:
    parts: list[str] = []
    while True:
        found = _KEY.match(text, _spaced(text, at))
        if found is None:
            raise Broken(line_of(text, at), "a key that cannot be read")
        parts.append(_plain(found[0]))
        at = _spaced(text, found.end())
        if text[at : at + 1] != ".":
            return tuple(parts), at
        at += 1


def _plain(written: str) -> str:
    """A key without its quotes."""
    return next(iter(tomllib.loads(f"{written} = 0"))) if written[0] in "\"'" else written


def _value_end(text: str, at: int) -> int:
    """The end of a value: of its closing bracket or quotes, or of what is before a comment or the line's end."""
    depth = 0
    while at < len(text):
        character = text[at]
        if character in "\"'":
            at = _string_end(text, at)
        elif character == "#":
            if not depth:
                break
            at = text.find("\n", at)
            at = len(text) if at < 0 else at
            continue
        elif character == "\n" and not depth:
            break
        else:
            depth += (character in "[{") - (character in "]}")
            at += 1
    return len(text[:at].rstrip())


def _string_end(text: str, at: int) -> int:
    for pattern in _STRINGS:
        found = pattern.match(text, at)
        if found is not None:
            return found.end()
    raise Broken(line_of(text, at), "a string that does not end")


def _spaced(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end + 1
