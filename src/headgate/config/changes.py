"""What differs between two configurations, section by section, for the audit table. Entries of an array are compared by name. Reads no file."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from headgate.config.schema import Settings


class Changes(NamedTuple):
    """The values that differ, in each of the two; both empty if nothing does."""

    before: dict[str, Any]
    after: dict[str, Any]


def changes(old: Settings, new: Settings) -> Changes:
    """What differs. Keys of providers are references here, as they are in the file."""
    return _changes(msgspec.to_builtins(old), msgspec.to_builtins(new))


def _changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> Changes:
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for name in dict.fromkeys((*old, *new)):
        was, now = _keyed(old.get(name)), _keyed(new.get(name))
        if was == now:
            continue
        if isinstance(was, Mapping) and isinstance(now, Mapping):
            was, now = _changes(was, now)
        if name in old:
            before[name] = was
        if name in new:
            after[name] = now
    return Changes(before, after)


def _keyed(value: object) -> object:
    """An array of tables as a table: by the name of each entry, or by its place."""
    if not isinstance(value, list | tuple) or not all(isinstance(item, dict) for item in value):
        return value
    return {str(item.get("name") or place): item for place, item in enumerate(value)}
