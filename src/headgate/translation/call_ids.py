"""Gives every call of the history an id that the target's dialect takes, each its own: legal ones stay, the others are hashes of what they were."""

import re
from functools import cache

from headgate.core.dialect_traits import DialectTraits
from headgate.translation.fingerprint import call_id


class CallIds:
    """The ids of one history, issued in its order: more turns change none. A second call with an id that was there, or with none, gets one of its own."""

    def __init__(self, traits: DialectTraits) -> None:
        self._legal = _compiled(traits.call_id_pattern).fullmatch
        self._length_max = traits.call_id_length_max
        self._seen: dict[str, int] = {}

    def issue(self, original: str, name: str) -> str:
        """The id at the target of the next call with this id."""
        key = original or f"\0{name}"
        before = self._seen.get(key, 0)
        self._seen[key] = before + 1
        if not original or before:
            return call_id(f"{key}\0{before}")
        return original if len(original) <= self._length_max and self._legal(original) is not None else call_id(original)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)
