"""What a tool call changes in a file, as lines that were added and removed: of the edit tools of the known agents, and of patches. Pure, and bounded."""

import difflib
from collections.abc import Iterator, Mapping

import msgspec

from headgate.dialects.transcript import Part, printable

LINES_MAX = 300
_CHARS_MAX = 100_000
_COMPARED_MAX = 1_500  # lines; of longer texts the old one is shown removed, the new one added
_LINE_MAX = 400
_PATCH, _PATCH_END = "*** Begin Patch", "*** End Patch"
_PAIRS = (("old_string", "new_string"), ("old_str", "new_str"))  # Claude Code and Gemini CLI; Anthropic's text editor tool
_WHOLE = ("content", "file_text", "new_source")
_PATHS = ("file_path", "path", "notebook_path", "filename")


class DiffLine(msgspec.Struct, frozen=True):
    """One line: `kind` is `added`, `removed`, `same` or `hunk`."""

    kind: str
    text: str


class FileChange(msgspec.Struct, frozen=True, kw_only=True):
    """What a call changes. `cut` says that lines were left out."""

    path: str = ""
    lines: tuple[DiffLine, ...] = ()
    cut: bool = False


def change_of(call: Part) -> FileChange | None:
    """The change that a call asks for; `None` where it asks for none that is known."""
    given = call.given
    patch = _patch(given if given is not None else call.text)
    if patch:
        return _bounded("", _patch_lines(patch))
    if not isinstance(given, Mapping):
        return None
    path = next((value for name in _PATHS if isinstance(value := given.get(name), str)), "")
    edits = given.get("edits")
    if isinstance(edits, list):
        return _bounded(path, (line for edit in edits if isinstance(edit, Mapping) for line in _edit(edit)))
    if any(isinstance(given.get(name), str) for pair in _PAIRS for name in pair):
        return _bounded(path, _edit(given))
    whole = next((value for name in _WHOLE if isinstance(value := given.get(name), str)), None)
    return _bounded(path, (DiffLine("added", line) for line in whole[:_CHARS_MAX].split("\n"))) if whole is not None and path else None


def _edit(edit: Mapping[str, object]) -> Iterator[DiffLine]:
    old, new = next(
        ((edit.get(first), edit.get(second)) for first, second in _PAIRS if first in edit or second in edit),
        (None, None),
    )
    before = old[:_CHARS_MAX].split("\n") if isinstance(old, str) and old else []
    after = new[:_CHARS_MAX].split("\n") if isinstance(new, str) and new else []
    if len(before) > _COMPARED_MAX or len(after) > _COMPARED_MAX:
        yield from (DiffLine("removed", line) for line in before)
        yield from (DiffLine("added", line) for line in after)
        return
    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            yield from (DiffLine("same", line) for line in before[i1:i2])
        else:
            yield from (DiffLine("removed", line) for line in before[i1:i2])
            yield from (DiffLine("added", line) for line in after[j1:j2])


def _patch(given: object, depth: int = 3) -> str:
    """The patch in a call's arguments: they are one, or one of their texts is, or one in a list of words."""
    if isinstance(given, str):
        start = given.find(_PATCH)
        return given[start : start + _CHARS_MAX] if start >= 0 else ""
    if not depth:
        return ""
    values = given.values() if isinstance(given, Mapping) else given if isinstance(given, list) else ()
    return next((found for value in values if (found := _patch(value, depth - 1))), "")


def _patch_lines(patch: str) -> Iterator[DiffLine]:
    """Of a patch in Codex's form: `*** Update File: x`, `@@`, lines that begin with a plus, a minus or a space."""
    kinds = {"+": "added", "-": "removed", "*": "hunk", "@": "hunk"}
    for line in patch.split("\n")[1:]:
        if line.startswith(_PATCH_END):
            return
        kind = kinds.get(line[:1], "same")
        yield DiffLine(kind, line if kind == "hunk" else line[1:])


def _bounded(path: str, lines: Iterator[DiffLine]) -> FileChange:
    kept: list[DiffLine] = []
    path = printable(path[:_LINE_MAX])
    for line in lines:
        if len(kept) == LINES_MAX:
            return FileChange(path=path, lines=tuple(kept), cut=True)
        kept.append(DiffLine(line.kind, printable(line.text[:_LINE_MAX]) + ("…" if len(line.text) > _LINE_MAX else "")))
    return FileChange(path=path, lines=tuple(kept))
