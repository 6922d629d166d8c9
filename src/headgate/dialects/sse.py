"""Event streams (`text/event-stream`), sans I/O: bytes split anywhere go in, frames come out. Never raises on any bytes.

Most chunks of an answer are text that Headgate does not act on. A chunk that starts and ends between two events and holds none of the caller's
markers is passed over without being parsed. Line ends may be CRLF, LF or CR, also mixed: https://html.spec.whatwg.org/multipage/server-sent-events.html.
"""

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Final

from headgate.dialects.large_frame import LargeFrame
from headgate.dialects.wanted import EVERYTHING, Wanted

FRAME_BYTES_MAX = 1 << 20  # a larger frame may hold images: only its wanted members are kept
_TERMINATOR_BYTES_MAX: Final = 4
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"  # may come before the first frame

# Atomic groups: the two halves of one CRLF must never be taken for two line ends.
_LINE_ENDS: Final = re.compile(rb"[\r\n]*")
_BLANK_LINE: Final = re.compile(rb"(?>\r\n|\n|\r)(?>\r\n|\n|\r)")
_CARRIAGE_RETURN: Final = 13  # as a number it is found many times faster
_STRANGE_MAX: Final = 8  # chunks in a row that begin otherwise than the one before: such a stream is searched whole

Frame = tuple[bytes, bytes]  # the event's name (empty if it has none) and its data


class SseSplitter:
    r"""Splits one stream into the frames that hold a marker.

    `markers` are byte strings: every frame that the caller wants contains one of them. Empty means that every frame is wanted. They may be
    replaced between two chunks. A frame that the stream ends within is not returned; feeding an empty line (`\n\n`) at the end returns it.
    A frame above `frame_bytes_max` is returned with JSON of what is `wanted` in it as its data, whatever markers it contains.
    `alone` says that the latest chunk was exactly one frame, as most are.
    """

    __slots__ = ("_begun", "_frame_bytes_max", "_half_line_end", "_large", "_marker_bytes_max", "_markers", "_pending", "_search", "_strange", "_wanted",
                 "alone")  # fmt: skip

    def __init__(self, markers: tuple[bytes, ...] = (), wanted: Wanted = EVERYTHING, frame_bytes_max: int = FRAME_BYTES_MAX) -> None:
        self.markers = markers
        self._wanted = wanted
        self._frame_bytes_max = frame_bytes_max
        self._pending = bytearray()
        self.alone = False
        self._large: LargeFrame | None = None  # the frame that is being read, where it is too large
        self._half_line_end = False  # the last byte was a CR, which may be the first half of a CRLF

    @property
    def markers(self) -> tuple[bytes, ...]:
        """What marks the wanted frames."""
        return self._markers

    @markers.setter
    def markers(self, markers: tuple[bytes, ...]) -> None:
        """Compile the markers. Those that begin with a quotation mark are found by one expression, in a quarter of the time."""
        self._markers = markers
        self._marker_bytes_max = max(map(len, markers), default=0)
        self._begun = b""  # how the latest chunk without a marker begins, up to the text in it
        self._strange = 0
        self._search = _compiled(markers)

    @property
    def at_boundary(self) -> bool:
        """Whether the bytes so far end between two events."""
        return not (self._pending or self._large or self._half_line_end)

    def feed(self, chunk: bytes) -> Sequence[Frame]:
        """The wanted frames that this chunk completes."""
        self.alone = False
        if self._markers and not self._pending and self._large is None and (chunk[-2:] == b"\n\n" or chunk[-4:] == b"\r\n\r\n"):
            begun = self._begun
            size = len(begun)
            # The deltas of a text begin alike: one that begins as another without a marker is searched from there on.
            if size and chunk[:size] == begun:
                self._strange = 0
                held = self._holds_marker(chunk, size - self._marker_bytes_max + 1)
            else:
                held = self._holds_marker_first(chunk)
            if not held:
                self._half_line_end = False
                return ()
        return self._split(chunk)

    def _holds_marker_first(self, chunk: bytes) -> bool:
        """Whether a chunk that begins otherwise than the one before holds a marker; if not, its beginning is remembered."""
        if self._holds_marker(chunk, 0):
            return True
        if self._strange < _STRANGE_MAX:
            self._strange += 1
            begun = chunk[: chunk.rfind(b':"') + 2]
            self._begun = begun if len(begun) >= self._marker_bytes_max else b""
        return False

    def _holds_marker(self, data: bytes, at: int) -> bool:
        """Whether a marker begins at this place or after it."""
        quoted, others = self._search
        if quoted is not None and quoted(data, at) is not None:
            return True
        if at and others:
            data = data[at:]
        for marker in others:  # ruff: ignore[reimplemented-builtin] - any() would build a generator for every chunk
            if marker in data:  # in a third of the time of `find`
                return True
        return False

    def _split(self, chunk: bytes) -> Sequence[Frame]:
        if not chunk:
            return ()
        if not self.at_boundary:
            return self._split_slowly(chunk)
        usual = _usual_frame(chunk) if len(chunk) <= FRAME_BYTES_MAX else None
        if usual is not None:
            self.alone = True
            return () if self._markers and not self._holds_marker(chunk, 0) else (usual,)
        if not _is_one_plain_frame(chunk):
            return self._split_slowly(chunk)
        self.alone = True
        frames: list[Frame] = []
        self._take(chunk, frames)
        return frames

    def _split_slowly(self, chunk: bytes) -> Sequence[Frame]:
        self._half_line_end = chunk.endswith(b"\r")
        data = self._pending
        search_from = max(0, len(data) - _TERMINATOR_BYTES_MAX)
        data += chunk
        frames: list[Frame] = []
        at = 0
        while True:
            if self._large is None:
                at = _after_line_ends(data, at)
            end = _BLANK_LINE.search(data, max(at, search_from))
            if end is None:
                break
            if self._large is not None or end.start() - at > self._frame_bytes_max:
                self._end_large(bytes(data[at : end.start()]), frames)
            else:
                self._take(bytes(data[at : end.start()]), frames)
            at = end.end()
        del data[:at]
        if self._large is not None or len(data) > self._frame_bytes_max + _TERMINATOR_BYTES_MAX:
            self._read_large(data)
        return frames

    def _read_large(self, data: bytearray) -> None:
        """Read all of an unfinished frame except what may be the beginning of its end."""
        if self._large is None:
            self._large = LargeFrame(self._wanted)
        self._large.feed(bytes(data[:-_TERMINATOR_BYTES_MAX]))
        del data[:-_TERMINATOR_BYTES_MAX]

    def _end_large(self, rest: bytes, frames: list[Frame]) -> None:
        large, self._large = self._large or LargeFrame(self._wanted), None
        large.feed(rest)
        if large.whole[1]:
            frames.append(large.whole)

    def _take(self, frame: bytes, frames: list[Frame]) -> None:
        if self._markers and not self._holds_marker(frame, 0):
            return
        parsed = parse_frame(frame)
        if parsed[1]:
            frames.append(parsed)


@lru_cache(64)  # compiling takes 10 µs; a dialect has a few sets
def _compiled(markers: tuple[bytes, ...]) -> tuple[Callable[[bytes, int], object] | None, tuple[bytes, ...]]:
    """One search for the markers that begin with a quotation mark, and the other ones."""
    quoted = [re.escape(marker) for marker in markers if marker.startswith(b'"')]
    return re.compile(b"|".join(quoted)).search if quoted else None, tuple(marker for marker in markers if not marker.startswith(b'"'))


def cut_frames(data: bytes) -> tuple[list[bytes], bytes]:
    """Cut bytes that start at a boundary into whole raw frames, each with its terminator, and the unfinished rest. Joined they are `data`.

    For a filter, which passes on or drops frames as they are. Line ends between two frames belong to the later one.
    """
    frames: list[bytes] = []
    at = 0
    while end := _BLANK_LINE.search(data, _after_line_ends(data, at)):
        frames.append(data[at : end.end()])
        at = end.end()
    return frames, data[at:]


def whole_frames(data: bytes) -> list[Frame]:
    """Every frame with data in a stream that is in memory, of any size, with the frame that the end of the stream cuts off."""
    frames, rest = cut_frames(data)
    return [frame for frame in map(parse_frame, (*frames, rest)) if frame[1]]


def parse_frame(frame: bytes) -> Frame:
    """The event's name and data of one frame. Comments, `id`, `retry` and unknown fields are left out."""
    event = b""
    data: list[bytes] = []
    for line in frame.removeprefix(_BYTE_ORDER_MARK).splitlines():  # bytes split at LF, CR and CRLF alone
        if line.startswith(b"data:"):
            data.append(line[5:].removeprefix(b" "))
        elif line.startswith(b"event:"):
            event = line[6:].removeprefix(b" ")
    return event, data[0] if len(data) == 1 else b"\n".join(data)


def _usual_frame(chunk: bytes) -> Frame | None:
    """The frame that most chunks are: one line of data, perhaps with a name before it, and LF as its line end. No pattern finds it as fast."""
    end = len(chunk) - 2
    if _CARRIAGE_RETURN in chunk or chunk[-2:] != b"\n\n":
        return None
    name, at = b"", 0
    if chunk[:7] == b"event: ":  # a slice costs a third of `startswith`
        at = chunk.find(b"\n") + 1
        name = chunk[7 : at - 1]
    if chunk[at : at + 6] != b"data: ":
        return None
    at += 6
    return (name, chunk[at:end]) if at < end == chunk.find(b"\n", at) else None


def _is_one_plain_frame(chunk: bytes) -> bool:
    """The usual chunk: one whole frame, with LF as its line end or of one line that ends in CRLF."""
    if not 1 < len(chunk) <= FRAME_BYTES_MAX:  # one byte cannot hold a line end of two
        return False
    if chunk.endswith(b"\r\n\r\n"):
        return chunk.find(b"\r") == len(chunk) - 4 and chunk.find(b"\n") == len(chunk) - 3
    return chunk.find(b"\n\n") == len(chunk) - 2 and b"\r" not in chunk


def _after_line_ends(data: bytes | bytearray, at: int) -> int:
    """The position after the empty lines before a frame, which mean nothing (they keep clients of Gemini waiting)."""
    found = _LINE_ENDS.match(data, at)
    return found.end() if found else at
