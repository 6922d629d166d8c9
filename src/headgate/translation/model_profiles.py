"""Finds what is known of a model: what the configuration states of it, over what Headgate knows. Headgate's own facts come from a data file.

Pure: the caller passes the file's text.
"""

import datetime as dt
import tomllib
from collections.abc import Sequence
from typing import Any

import msgspec

from headgate.core.model_names import matches
from headgate.core.model_profile import ModelProfile, ProfileChange

_UNKNOWN = ModelProfile()
_FOUND_MAX = 1000
_OWN = frozenset({"pattern", "dialect", "source"})  # of which an entry has its own forms


class _Entry(msgspec.Struct, frozen=True):
    """Where one entry of the data file holds, and who said so."""

    patterns: tuple[str, ...]
    dialects: tuple[str, ...]
    source: str
    seen: dt.date


class ModelProfiles:
    """Profiles by dialect and model. Of several that match the most specific pattern wins: an exact name, then the one with the most characters,
    then the one with the fewest `*`.

    All `changes` that match apply to it, the most specific last.
    """

    def __init__(self, profiles: Sequence[ModelProfile] = (), changes: Sequence[ProfileChange] = ()) -> None:
        self._profiles = sorted(profiles, key=lambda profile: _specificity(profile.pattern, profile.dialect), reverse=True)
        self._changes = sorted(changes, key=lambda change: _specificity(change.pattern, change.dialect))
        self._found: dict[tuple[str, str], ModelProfile] = {}  # those that were asked for: looking one up compares a hundred patterns

    def of(self, dialect: str, model: str) -> ModelProfile:
        """The profile of a model as a provider of this dialect serves it. One that is not known is as lenient as can be."""
        key = (dialect, model)
        found = self._found.get(key)
        if found is None:
            if len(self._found) >= _FOUND_MAX:
                self._found.clear()
            found = self._found[key] = self._look_up(dialect, model)
        return found

    def _look_up(self, dialect: str, model: str) -> ModelProfile:
        found = next((each for each in self._profiles if each.dialect in {"", dialect} and matches(each.pattern, model)), _UNKNOWN)
        for change in self._changes:
            if change.dialect in {"", dialect} and matches(change.pattern, model):
                found = msgspec.structs.replace(found, **change.fields)
        return found


def parse(text: str) -> tuple[ModelProfile, ...]:
    """The profiles in a data file's text. Raises `ValueError` if the file is wrong, which happens only in a broken installation."""
    try:
        return tuple(profile for table in tomllib.loads(text)["profiles"] for profile in _profiles(table))
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, KeyError) as error:
        raise ValueError(f"the model profiles cannot be read: {error}") from error


def _profiles(table: dict[str, Any]) -> list[ModelProfile]:
    entry = msgspec.convert(table, _Entry)
    facts = {name: value for name, value in table.items() if name not in _Entry.__struct_fields__}
    unknown = facts.keys() - (set(ModelProfile.__struct_fields__) - _OWN)
    if unknown:
        raise ValueError(f"the model profiles have no {', '.join(sorted(unknown))}")
    source = f"{entry.source}, seen {entry.seen}"
    return [
        msgspec.convert({**facts, "pattern": pattern, "dialect": dialect, "source": source}, ModelProfile)
        for pattern in entry.patterns
        for dialect in entry.dialects or ("",)
    ]


def _specificity(pattern: str, dialect: str) -> tuple[bool, int, int, bool]:
    return "*" not in pattern, len(pattern.replace("*", "")), -pattern.count("*"), bool(dialect)
