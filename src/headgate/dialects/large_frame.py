"""Reads one frame of an event stream that is too large to be kept: bytes come in as pieces, the event's name and the wanted members of its data come out."""

from headgate.dialects.pick import Picker
from headgate.dialects.wanted import Wanted

_EVENT_BYTES_MAX = 256
_DATA, _EVENT = b"data:", b"event:"


class LargeFrame:
    """Reads one frame, without the empty line that ends it. Data of several lines is joined as `sse.parse_frame` joins it."""

    __slots__ = ("_event", "_line", "_line_begins", "_picker", "_texts")

    def __init__(self, wanted: Wanted) -> None:
        self._picker = Picker(wanted)
        self._line_begins = b""  # the beginning of a line's field name, while it may be one of the two
        self._line: bytes | None = None  # the field whose value is being read; empty for a field that is ignored
        self._event = b""
        self._texts: list[bytes] = []

    def feed(self, data: bytes) -> None:
        """Read on."""
        at = 0
        while at < len(data):
            at = self._begin_line(data, at) if self._line is None else self._read_line(data, at)

    @property
    def whole(self) -> tuple[bytes, bytes]:
        """The event's name and what was picked of its data, which is empty where the data is no JSON object."""
        picked = self._texts[0] if len(self._texts) == 1 and self._picker.whole else b""
        return self._event.removeprefix(b" "), picked

    def _begin_line(self, data: bytes, at: int) -> int:
        byte = data[at : at + 1]
        if byte in {b"\r", b"\n"}:
            self._line_begins = b""
            return at + 1
        begins = self._line_begins + byte
        if begins in {_DATA, _EVENT}:
            self._line, self._line_begins = begins, b""
            self._event = b"" if begins == _EVENT else self._event
        elif _DATA.startswith(begins) or _EVENT.startswith(begins):
            self._line_begins = begins
        else:
            self._line, self._line_begins = b"", b""
        return at + 1

    def _read_line(self, data: bytes, at: int) -> int:
        ends = [end for end in (data.find(b"\n", at), data.find(b"\r", at)) if end >= 0]
        stop = min(ends, default=len(data))
        if self._line == _DATA:
            self._texts += self._picker.feed(data[at:stop])
        elif self._line == _EVENT:
            self._event = (self._event + data[at:stop])[:_EVENT_BYTES_MAX]
        if ends:
            if self._line == _DATA:
                self._texts += self._picker.feed(b"\n")
            self._line = None
        return stop
