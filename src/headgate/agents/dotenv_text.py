"""Sets, restores and removes variables of a `.env` text in place: one line each, the last of several counts."""

import re
from typing import Any, Final

from headgate.agents.text_form import Broken, CannotSet, Path, line_of, newline_of

_BOM: Final = "\ufeff"
_LINE: Final = re.compile(
    r"^(?P<head>\ufeff?[ \t]*(?:export[ \t]+)?(?P<name>[\w.-]+)[ \t]*[=:][ \t]*)(?P<value>[^\r\n]*)(?P<end>\r?\n|\Z)", re.MULTILINE
)
_QUOTED: Final = re.compile(r"([\"'`])((?:\\.|(?!\1)[^\\\r\n])*)\1[ \t]*(?:#.*)?")
_PLAIN: Final = re.compile(r"[\w./:@%+=,<>-]*")


class DotenvText:
    """`.env` as a form of file (https://github.com/motdotla/dotenv). A value over several lines is refused: it may hold what looks like a line."""

    def tree(self, text: str) -> dict[str, Any]:
        """The text as a mapping of names to values."""
        return {found["name"]: _value(text, found) for found in _LINE.finditer(text)}

    def raw(self, text: str, path: Path) -> str | None:
        """A value as it is written."""
        found = _last(text, path)
        return None if found is None else found["value"]

    def put(self, text: str, path: Path, value: object) -> str:
        """The text with a variable set."""
        written = str(value) if _PLAIN.fullmatch(str(value)) else f"'{value}'"
        if "\n" in written or "'" in written[1:-1]:
            raise CannotSet(path)
        if _last(text, path) is not None:
            return self.put_raw(text, path, written)
        newline = newline_of(text)
        separator = newline if text.removeprefix(_BOM) and not text.endswith("\n") else ""
        return f"{text}{separator}{path[-1]}={written}{newline}"

    def put_raw(self, text: str, path: Path, raw: str) -> str:
        """The text with a value replaced."""
        found = _last(text, path)
        return text if found is None else text[: found.start("value")] + raw + text[found.end("value") :]

    def remove(self, text: str, path: Path) -> str:
        """The text without a variable's line."""
        found = _last(text, path)
        return text if found is None else text[: found.start()] + (_BOM if found[0].startswith(_BOM) else "") + text[found.end() :]


def _last(text: str, path: Path) -> re.Match[str] | None:
    return next((found for found in reversed(list(_LINE.finditer(text))) if (found["name"],) == path), None)


def _value(text: str, found: re.Match[str]) -> str:
    written = found["value"].strip()
    if written[:1] not in {'"', "'", "`"}:
        return written.split(" #", 1)[0].rstrip()
    quoted = _QUOTED.fullmatch(written)
    if quoted is None:
        raise Broken(line_of(text, found.start("value")), "a value in quotes that does not end on its line")
    return quoted[2]
