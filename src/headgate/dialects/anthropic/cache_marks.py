"""Marks of prefixes to cache: https://docs.claude.com/en/docs/build-with-claude/prompt-caching. A request has at most four, one of them perhaps its own."""

from typing import Final

from headgate.core.loss import Loss

MARKS_MAX: Final = 4
EPHEMERAL: Final = {"type": "ephemeral"}

JsonObject = dict[str, object]


class CacheMarks:
    """Collects the objects of a request that the client marks, in the order of the prompt: tools, instructions, messages."""

    def __init__(self) -> None:
        self._marked: list[JsonObject] = []

    def note(self, found: JsonObject, marked: object) -> JsonObject:
        """The object, which is marked if the second argument says so."""
        if marked:
            self._marked.append(found)
        return found

    def write(self, own: object) -> tuple[JsonObject, tuple[Loss, ...]]:
        """Write the marks, and give the fields that the request itself gets: its own mark where it is wanted or there is no other.

        Agents of other dialects set no marks, because their providers cache without any; here they would pay the full price each time. Of too many
        marks the last ones count, because they have the longest prefixes.
        """
        automatic = bool(own) or not self._marked
        room = MARKS_MAX - automatic
        for found in self._marked[-room:]:
            found["cache_control"] = EPHEMERAL
        left = len(self._marked) - room
        losses = (Loss("cache_control", f"Anthropic takes {MARKS_MAX} marks: {left} left out."),) if left > 0 else ()
        return ({"cache_control": EPHEMERAL} if automatic else {}), losses
