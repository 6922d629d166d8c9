"""Puts settings into a text and takes them out again. A merge says what it changed; an undo keeps what the user has changed since.

It never changes a value that is not among its settings: each result is read again and compared with what was meant.
"""

import json
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Any, Final, NamedTuple

from headgate.agents.dotenv_text import DotenvText
from headgate.agents.json_text import JsonText
from headgate.agents.setting import AgentFile, Form, Setting
from headgate.agents.text_form import MISSING, CannotSet, Path, TextForm, value_at
from headgate.agents.toml_text import TomlText

FORMS: Final[dict[Form, TextForm]] = {
    Form.JSON: JsonText(comments=False),
    Form.JSONC: JsonText(comments=True),
    Form.TOML: TomlText(),
    Form.DOTENV: DotenvText(),
}
_HIDDEN: Final = "…"


class SettingChange(NamedTuple):
    """One value that a merge changed. `old` is `None` where there was none; what is secret is hidden in both."""

    name: str
    old: str | None
    new: str

    def __str__(self) -> str:
        return f"add      {self.name} = {self.new}" if self.old is None else f"replace  {self.name}: {self.old} → {self.new}"


class Merged(NamedTuple):
    """A text with the settings in it, and what was changed for that."""

    text: str
    changes: tuple[SettingChange, ...]


def merged(form: Form, text: str, settings: Sequence[Setting]) -> Merged:
    """The text with the settings in it. Raises Broken if it cannot be read, CannotSet if a setting has no place in it."""
    writer = FORMS[form]
    wanted = writer.tree(text)
    changes: list[SettingChange] = []
    for setting in settings:
        old = value_at(wanted, setting.path)
        if old == setting.value and type(old) is type(setting.value):
            continue
        changes.append(SettingChange(setting.name, None if old is MISSING else _shown(old, setting), _shown(setting.value, setting)))
        text = writer.put(text, setting.path, setting.value)
        _set(wanted, setting.path, setting.value)
        if writer.tree(text) != wanted:
            raise CannotSet(setting.path)
    return Merged(text, tuple(changes))


def written(file: AgentFile) -> str:
    """The file as it is where there was none before."""
    return merged(file.form, "", file.settings).text


def undone(form: Form, before: str | None, after: str, now: str, paths: Sequence[Path]) -> str | None:
    """The text without what a merge of `before` into `after` put there; `None` for no file. Values that the user has changed since stay as they are.

    `before` is `None` where there was no file.
    """
    if now == after:
        return before
    writer = FORMS[form]
    wanted, old, ours = writer.tree(now), writer.tree(before or ""), writer.tree(after)
    mine = [path for path in paths if value_at(wanted, path) == value_at(ours, path)]
    for path in mine:
        _set(wanted, path, value_at(old, path))
        _prune(wanted, old, path)
    text = _lines_taken_back(before or "", after, now)
    if text is None or not _reads_as(writer, text, wanted):
        text = _taken_back(writer, before or "", now, mine)
    if before is None and not text.strip("\ufeff{} \t\r\n"):
        return None
    return text


def _taken_back(writer: TextForm, before: str, now: str, paths: Sequence[Path]) -> str:
    """The same by single values."""
    old = writer.tree(before)
    for path in paths:
        raw = writer.raw(before, path)
        now = writer.remove(now, path) if raw is None else writer.put_raw(now, path, raw)
        for length in range(len(path) - 1, 0, -1):
            holder = path[:length]
            if value_at(writer.tree(now), holder) == {} and value_at(old, holder) is MISSING:
                now = writer.remove(now, holder)
    return now


def _lines_taken_back(before: str, after: str, now: str) -> str | None:
    """`now` with the lines of `after` turned back into those of `before`; `None` if the user has changed lines that touch them."""
    ours, theirs, result = after.splitlines(keepends=True), now.splitlines(keepends=True), now.splitlines(keepends=True)
    old = before.splitlines(keepends=True)
    same = {
        a: b
        for a, b, size in SequenceMatcher(None, ours, theirs, autojunk=False).get_matching_blocks()
        for a, b in zip(range(a, a + size), range(b, b + size), strict=True)
    }
    for kind, start, end, from_, to in reversed(SequenceMatcher(None, ours, old, autojunk=False).get_opcodes()):
        if kind == "equal":
            continue
        span = [same.get(each, -1) for each in range(max(start - 1, 0), min(end + 1, len(ours)))]
        if not span or -1 in span or span != list(range(span[0], span[0] + len(span))):
            return None
        at = same[start] if start in same else len(theirs)
        result[at : at + end - start] = old[from_:to]
    return "".join(result)


def _reads_as(writer: TextForm, text: str, wanted: object) -> bool:
    try:
        return writer.tree(text) == wanted
    except ValueError:
        return False


def _set(tree: dict[str, Any], path: Path, value: object) -> None:
    """Set a value of a tree, or remove it if it is MISSING."""
    for key in path[:-1]:
        below = tree.get(key)
        if not isinstance(below, dict):
            below = tree[key] = {}
        tree = below
    if value is MISSING:
        tree.pop(path[-1], None)
    else:
        tree[path[-1]] = value


def _prune(tree: dict[str, Any], old: dict[str, Any], path: Path) -> None:
    """Remove what holds a removed value and is empty, where it was not there before."""
    for length in range(len(path) - 1, 0, -1):
        holder = path[:length]
        if value_at(tree, holder) == {} and value_at(old, holder) is MISSING:
            _set(tree, holder, MISSING)


def _shown(value: object, setting: Setting) -> str:
    return _HIDDEN if setting.secret else json.dumps(value, ensure_ascii=False)
