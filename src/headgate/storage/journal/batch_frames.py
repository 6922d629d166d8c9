"""The batches in the journal's frames, sorted by the table they are for."""

import logging
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from headgate.core.batch import Batch
from headgate.storage.journal.segments import Frame

_LOG = logging.getLogger(__name__)


class FramedBatch(NamedTuple):
    """A batch, and the frame that holds it."""

    frame: Frame
    batch: Batch


def read_batches(frames: Iterable[Frame]) -> tuple[dict[str, list[FramedBatch]], list[int]]:
    """The batches of each table in order, and the numbers of frames that hold none."""
    decoder = msgspec.msgpack.Decoder(Batch)
    found: dict[str, list[FramedBatch]] = defaultdict(list)
    unreadable = []
    for frame in frames:
        try:
            batch = decoder.decode(frame.body)
        except msgspec.DecodeError as error:
            _LOG.error("frame %d holds no batch: %s", frame.seq, error)
            unreadable.append(frame.seq)
        else:
            found[batch.table].append(FramedBatch(frame, batch))
    return dict(found), unreadable
