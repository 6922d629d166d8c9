"""Reads one unstreamed answer that comes in pieces: its events once it is complete, and the length of its text, in bounded memory."""

from collections.abc import Callable, Sequence

from headgate.core.event import Event
from headgate.dialects.pick import Picker
from headgate.dialects.wanted import Wanted


class WholeBody:
    """Reads an answer that is one JSON object. `read` makes events from the picked members."""

    at_boundary = False  # nothing may be inserted into JSON
    breaks_off = True

    def __init__(self, wanted: Wanted, read: Callable[[bytes], Sequence[Event]]) -> None:
        self._picker = Picker(wanted)
        self._read = read

    @property
    def complete(self) -> bool:
        """Whether all of it was read."""
        return self._picker.whole

    @property
    def text_length(self) -> int:
        """Characters of generated text so far."""
        return self._picker.text_length

    def feed(self, chunk: bytes) -> Sequence[Event]:
        """The events, with the piece that completes the answer."""
        return [event for picked in self._picker.feed(chunk) for event in self._read(picked)]
