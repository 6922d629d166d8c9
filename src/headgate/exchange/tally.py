"""Counts one answer: a copy of what passes is read for events, which are summed up as usage. It never touches what the client gets.

The beginning of a stream is kept for the estimate where the provider reports no usage; all of it where its content is wanted and there is room.
"""

from collections.abc import Sequence
from typing import Final

from headgate.core.event import Event
from headgate.core.usage import Usage
from headgate.dialects.asked import Asked
from headgate.dialects.faces import AnswerReader, BodyReader, ClientFace, ProviderFace
from headgate.exchange.content import STEP_BYTES, Room
from headgate.exchange.settings import StreamLimits
from headgate.metering.meter import Meter, estimate, filled

_DECODED_BYTES_MAX: Final = 256 << 10  # of a larger body the text is counted without building it


class Tally:
    """Counts one answer, with the face of the provider that it comes from. Feed it `stream_data` or one `whole` body; ask for `usage` when it has ended."""

    __slots__ = (
        "_body_reader",
        "_kept",
        "_kept_max",
        "_reader",
        "_room",
        "_taken_bytes",
        "_whole",
        "bytes",
        "complete_copy",
        "face",
        "limits",
        "meter",
    )

    def __init__(self, face: ProviderFace, limits: StreamLimits, room: Room | None = None) -> None:
        self.face = face
        self.limits = limits
        # An unstreamed answer needs no reader, which costs as much as reading it; nor does one that never comes.
        self._reader: AnswerReader | None = None
        self._body_reader: BodyReader | None = None  # of an unstreamed answer that is not held whole
        self._kept: list[bytes] = []
        self._kept_max = limits.kept_stream_bytes
        self._room = room
        self._taken_bytes = 0
        self._whole = b""
        self.complete_copy = True  # nothing that passed is missing from what is kept
        self.meter = Meter()
        self.bytes = 0

    def stream_data(self, chunk: bytes) -> None:
        """Count one chunk of a stream."""
        before = self.bytes
        self.bytes = before + len(chunk)
        if self._reader is None:
            self._reader = self.face.reader()
        events = self._reader.feed(chunk)
        if events:
            self._sum_up(events)
        self._keep(chunk, before)

    def read_elsewhere(self, chunk: bytes, events: Sequence[Event]) -> None:
        """Count the events of one chunk of a stream that was read elsewhere."""
        before = self.bytes
        self.bytes = before + len(chunk)
        if events:
            self._sum_up(events)
        self._keep(chunk, before)

    def pass_on(self, chunk: bytes) -> None:
        """Count a piece of an unstreamed answer that is too large to be held."""
        self.bytes += len(chunk)
        self._reader = self._read_body(chunk)
        if self._room is not None:
            self._keep_on(chunk)

    def whole(self, body: bytes) -> None:
        """Count a whole, unstreamed answer."""
        self.bytes = len(body)
        self._whole = body
        self._sum_up(self.face.read_answer(body))

    def part(self, body: bytes) -> None:
        """Count what came of an unstreamed answer that broke off."""
        self.bytes = len(body)
        self._read_body(body)

    @property
    def begun(self) -> bool:
        """Whether anything of an answer came, even only its name. An error alone is no answer."""
        meter = self.meter
        return bool(meter.response_id or meter.model_served or meter.usage or meter.finish_reason)

    @property
    def copy(self) -> Sequence[bytes]:
        """What is kept of the answer, in order."""
        return (self._whole,) if self._whole else tuple(self._kept)

    def let_go(self) -> None:
        """Keep nothing more, and give the room back."""
        if self._room is not None:
            self._room.give_back(self._taken_bytes)
            self._room = None

    @property
    def at_boundary(self) -> bool:
        """Whether Headgate may put an event of its own into the stream here."""
        return self._reader is None or self._reader.at_boundary

    @property
    def breaks_off(self) -> bool:
        """Whether a broken answer must end with its connection, because its client would not accept an event from Headgate here."""
        return self._reader is not None and self._reader.breaks_off

    @property
    def complete(self) -> bool:
        """Whether the stream's closing event has been seen."""
        if self._reader is not None:
            return self._reader.complete
        return bool(self.meter.finish_reason) and self._body_reader is None and not self._whole  # all of it was read elsewhere

    @property
    def settled(self) -> bool:
        """Whether everything worth reading on for has been seen: the closing event and the usage."""
        usage = self.meter.usage
        return self.complete and usage is not None and usage.output_tokens is not None

    @property
    def input_counted(self) -> bool:
        """Whether the provider has said how much input there was: then no estimate reads the request."""
        usage = self.meter.usage
        return usage is not None and usage.input_tokens is not None

    def usage(self, client: ClientFace, asked: Asked) -> Usage:
        """What was reported; where input or output was never counted, the documented estimate, flagged. Of an answer that never came, the input's.

        The client's face reads the request's text.
        """
        reported = self.meter.usage
        whole = bool(self._whole) or self.complete
        if whole and reported is not None and reported.input_tokens is not None and reported.output_tokens is not None:
            return reported
        # Reading a request of tens of MB for its text stops the event loop, so it is not done where the provider has counted it.
        if self.input_counted:
            length = 0
        else:
            length = client.request_text_length(asked) if asked.text_length < 0 else asked.text_length
        guess = estimate(length, self._answer_text_length())
        return filled(reported, guess, whole)

    def _read_body(self, piece: bytes) -> BodyReader:
        if self._body_reader is None:
            self._body_reader = self.face.body_reader()
        self._sum_up(self._body_reader.feed(piece))
        return self._body_reader

    def _keep(self, chunk: bytes, before: int) -> None:
        if before < self._kept_max:
            self._kept.append(chunk)
        elif self._room is not None:
            self._keep_on(chunk)

    def _keep_on(self, chunk: bytes) -> None:
        """Keep a piece in the room that all open exchanges share. Until one is missing, all bytes that passed are kept."""
        if self.complete_copy and self.bytes > self._kept_max:
            size = max(STEP_BYTES, len(chunk))
            kept_bytes = self.bytes - len(chunk)
            if self._room is None or kept_bytes + size > self.limits.held_answer_bytes or not self._room.take(size):
                self.complete_copy = False
                return
            self._taken_bytes += size
            self._kept_max = kept_bytes + size
        if self.complete_copy:
            self._kept.append(chunk)

    def _answer_text_length(self) -> int:
        if self._body_reader is not None:
            return self._body_reader.text_length
        if self._whole:
            return self._whole_text_length(self._whole)
        sample = self._sample()
        return self.face.stream_text_length(sample) * self.bytes // len(sample) if sample else 0

    def _whole_text_length(self, body: bytes) -> int:
        """Of a large body in pieces, for decoding all that is in it would stop the event loop for long."""
        if len(body) <= _DECODED_BYTES_MAX:
            return self.face.answer_text_length(body)
        reader = self.face.body_reader()
        reader.feed(body)
        return reader.text_length

    def _sample(self) -> bytes:
        """The beginning of a stream, also where more of it is kept."""
        pieces: list[bytes] = []
        size = 0
        for piece in self._kept:
            if size >= self.limits.kept_stream_bytes:
                break
            pieces.append(piece)
            size += len(piece)
        return b"".join(pieces)

    def _sum_up(self, events: Sequence[Event]) -> None:
        for event in events:
            self.meter.feed(event)
