"""Compiles what the file states of models into changes of their profiles. Checks what spans several keys of one entry."""

from collections.abc import Sequence
from typing import Final

import msgspec

from headgate.config.model_profile_entry import PROFILED_DIALECTS, WrittenModelProfile
from headgate.config.problems import Path, Problems, nearest
from headgate.core.model_names import is_pattern
from headgate.core.model_profile import ProfileChange

_PLACE: Final = frozenset({"pattern", "dialect"})
_DEFAULTS = WrittenModelProfile()


def compile_model_profiles(entries: Sequence[WrittenModelProfile], problems: Problems) -> tuple[ProfileChange, ...]:
    """The changes, in the file's order."""
    places: dict[tuple[str, str], int] = {}
    changes: list[ProfileChange] = []
    for index, entry in enumerate(entries):
        path: Path = ("model_profiles", index)
        change = ProfileChange(pattern=entry.pattern, dialect=entry.dialect, fields=_stated(entry))
        _check(entry, change, path, problems)
        key = (entry.pattern, entry.dialect)
        if key in places:
            problems.add(path, f"states what a model accepts that model_profiles[{places[key]}] states already: write both into one entry")
        places.setdefault(key, index)
        changes.append(change)
    return tuple(changes)


def _stated(entry: WrittenModelProfile) -> dict[str, bool | int | str | tuple[str, ...]]:
    names = (field.name for field in msgspec.structs.fields(WrittenModelProfile) if field.name not in _PLACE)
    return {name: getattr(entry, name) for name in names if getattr(entry, name) != getattr(_DEFAULTS, name)}


def _check(entry: WrittenModelProfile, change: ProfileChange, path: Path, problems: Problems) -> None:
    if not entry.pattern:
        problems.add((*path, "pattern"), 'an entry needs a pattern: the name of a model, or "*" for every one')
    elif not is_pattern(entry.pattern):
        problems.add(
            (*path, "pattern"), f"{entry.pattern!r} is no model name and no pattern of one: letters, digits and . _ : / @ - * only, at most 128"
        )
    if entry.dialect and entry.dialect not in PROFILED_DIALECTS:
        problems.add((*path, "dialect"), f"unknown dialect {entry.dialect!r}{nearest(entry.dialect, PROFILED_DIALECTS)}")
    if not change.fields:
        problems.add(path, "states nothing of the model: set what it accepts, such as output_tokens_max")
    if entry.budget_tokens_min and entry.budget_tokens_max and entry.budget_tokens_min > entry.budget_tokens_max:
        problems.add((*path, "budget_tokens_min"), f"is more than budget_tokens_max, {entry.budget_tokens_max}")
