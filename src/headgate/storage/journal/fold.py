"""From frames to how each exchange ended. Deterministic: the same frames after the same standing always give the same outcomes with the same numbers.

That, and that a number is never given twice, is what makes a row appear exactly once: a flusher that has written all frames up to a number skips their
rows. An intent is closed by its outcome or, if its writer has died, by the next START frame. Batches of rows are passed on as they are. Reads no table;
decides nothing about time.
"""

import contextlib
import os
from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from headgate.core.record import Intent, Outcome
from headgate.core.usage import Usage
from headgate.storage.journal import journal_dir
from headgate.storage.journal.frames import pack_frame
from headgate.storage.journal.record_codec import RecordCodec, make_codec
from headgate.storage.journal.segments import Frame, Kind, Marker, parse_frames

INTERRUPTED = "interrupted"

STANDING_FILE = "carried"
_KNOWN_KINDS = frozenset({Kind.START, Kind.INTENT, Kind.OUTCOME, Kind.PROBE})


class Standing(msgspec.Struct, array_like=True):
    """How far the flusher has come: every frame up to `seq` is in the tables, and these intents (as their frames' bodies) were still open there."""

    seq: int = 0
    open: list[bytes] = []


class Ended(NamedTuple):
    """An outcome, and the frame that made it certain."""

    seq: int
    outcome: Outcome


class Fold:
    """Takes frames in order; gathers what ended, what is open and what could not be read."""

    def __init__(self, standing: Standing) -> None:
        self.seq = standing.seq
        self.ended: list[Ended] = []
        self.batches: list[Frame] = []  # unread: their bodies are large, and who only asks for exchanges does not need them
        self.unreadable: list[str] = []  # frames that are whole but make no sense here; their segment must be kept
        self._codec: RecordCodec = make_codec()
        self._markers = msgspec.msgpack.Decoder(Marker)
        self._open: dict[str, bytes | memoryview] = {self._codec.intent_keys.decode(body).request_id: body for body in standing.open}

    def take(self, frames: Iterable[Frame]) -> None:
        """Fold these frames; the ones that have been folded before are skipped."""
        for frame in frames:
            if frame.seq <= self.seq:
                continue
            self.seq = frame.seq
            try:
                self._take(frame)
            except msgspec.DecodeError as error:
                self.unreadable.append(f"frame {frame.seq} of kind {frame.kind}: {error}")

    def interrupt(self, at_ns: int, seq: int) -> None:
        """No process will end what is open now: it was interrupted, which `seq` made certain."""
        bodies = list(self._open.items())
        self._open.clear()
        for request_id, body in bodies:
            try:
                intent = self._codec.intents.decode(body)
            except msgspec.DecodeError as error:
                self.unreadable.append(f"the intent of {request_id}: {error}")
            else:
                self.ended.append(Ended(seq, interrupted(intent, at_ns)))

    @property
    def open_count(self) -> int:
        """How many exchanges have begun and not ended."""
        return len(self._open)

    def standing(self) -> Standing:
        """The standing after all that was folded."""
        return Standing(self.seq, [bytes(body) for body in self._open.values()])

    def _take(self, frame: Frame) -> None:
        if frame.kind == Kind.INTENT:
            self._open[self._codec.intent_keys.decode(frame.body).request_id] = frame.body
        elif frame.kind == Kind.OUTCOME:
            outcome = self._codec.outcomes.decode(frame.body)
            self._open.pop(outcome.intent.request_id, None)
            self.ended.append(Ended(frame.seq, outcome))
        elif frame.kind == Kind.BATCH:
            self.batches.append(frame)
        elif frame.kind == Kind.START:
            self.interrupt(self._markers.decode(frame.body).at_ns, frame.seq)
        elif frame.kind not in _KNOWN_KINDS:
            self.unreadable.append(f"frame {frame.seq} is of kind {frame.kind}, which this version of Headgate does not know")


def interrupted(intent: Intent, at_ns: int) -> Outcome:
    """The outcome of an exchange whose gateway was killed under it: no status, because what the client saw is unknown; input as estimated, output unknown."""
    estimate = intent.estimated_input_tokens
    return Outcome(
        intent=intent,
        status_code=0,
        ended=INTERRUPTED,
        ended_at_ns=at_ns,
        usage=Usage(input_tokens=estimate, estimated=True) if estimate else None,
        error_code=INTERRUPTED,
        error_message="Headgate was killed or lost power during this exchange",
    )


def read_standing(directory: str) -> Standing:
    """The flusher's standing. Without one, or if it is damaged, everything that is still in the journal is folded again: the tables know what they have."""
    with contextlib.suppress(FileNotFoundError, msgspec.DecodeError), open(os.path.join(directory, STANDING_FILE), "rb") as file:
        for frame in parse_frames(file.read(), 0).frames:
            if frame.kind == Kind.CARRIED:
                return msgspec.msgpack.decode(frame.body, type=Standing)
    return Standing()


def write_standing(directory: str, standing: Standing) -> None:
    """Replace the standing, durably."""
    body = msgspec.msgpack.encode(standing)
    journal_dir.write_durably(os.path.join(directory, STANDING_FILE), pack_frame(standing.seq, Kind.CARRIED, body))


def remove_standing(directory: str) -> None:
    """Delete the standing of a journal that is removed."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(os.path.join(directory, STANDING_FILE))
