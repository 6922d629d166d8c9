"""Appends batches to the table that they were acknowledged for, in bounded chunks. Each chunk is one commit, which says up to which frame it goes.

The table's own log says what the table has: a frame at or below the journal's last transaction there is skipped. A table that is gone, or whose columns
are others now, is an error here; the caller decides what becomes of the rows.
"""

import contextlib
import logging
import os
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import pyarrow as pa
from deltalake.exceptions import DeltaError

from headgate.core.batch import ROWS
from headgate.storage.delta import delta_table
from headgate.storage.delta.delta_table import DROPPED_MARK
from headgate.storage.journal.batch_frames import FramedBatch
from headgate.storage.rows import inserted_rows
from headgate.storage.rows.batch_rows import TableUnfit, rows_of

ROWS_MAX = 400_000  # a commit's rows, unless a single batch has more
BYTES_MAX = 256 << 20  # what they may become in memory
_LOG = logging.getLogger(__name__)
# Whatever a table's place or format can answer with. A full disk among them shows again when the rows are put aside, and then fails the round.
REFUSED = (TableUnfit, DeltaError, OSError, ValueError, pa.ArrowException)


class Appended(NamedTuple):
    """The number of rows appended, and the numbers of frames of which no row could be made."""

    rows: int
    misfits: list[int]


def append_batches(batches: Sequence[FramedBatch], app_id: str) -> Appended:
    """Append what the table does not have yet of these batches, which are all for one table.

    Raises `TableUnfit`, `OSError` or delta-rs' errors. What was committed before an error is known by the table itself.
    """
    first = batches[0].batch
    table = delta_table.open_table(first.location)
    if table is None:
        if first.signal == ROWS and _was_dropped(first.location):
            _LOG.info("%s was dropped; %d rows that were inserted before that go with it", first.name, sum(one.batch.rows for one in batches))
            return Appended(0, [])
        _look_into(first.location)
        raise TableUnfit(f"the table {first.name} has no files at {first.location}")
    carried = delta_table.carried_seq(table, app_id)
    left = _still_meant([one for one in batches if one.frame.seq > carried], str(table.metadata().id))
    rows, misfits = 0, []
    for chunk in _chunks(left):
        made, bad = rows_of(table.schema().to_json(), chunk, app_id)
        misfits += bad
        if made is not None:
            delta_table.append(table, made, app_id, chunk[-1].frame.seq)
            rows += made.num_rows
    return Appended(rows, misfits)


def _still_meant(batches: Sequence[FramedBatch], table_id: str) -> list[FramedBatch]:
    """The batches without the rows that were inserted into another table, which this one has replaced."""
    return [one for one in batches if one.batch.signal != ROWS or inserted_rows.table_id_of(one.batch.payload) == table_id]


def _was_dropped(location: str) -> bool:
    return "://" not in location and os.path.exists(os.path.join(location, DROPPED_MARK))


def _look_into(location: str) -> None:
    """Raise what keeps us from seeing a table's files, such as a folder that another user made: to `open_table` they are missing either way."""
    if "://" not in location:
        with contextlib.suppress(FileNotFoundError):
            os.stat(os.path.join(location, "_delta_log"))


def _chunks(batches: Sequence[FramedBatch]) -> Iterable[list[FramedBatch]]:
    chunk: list[FramedBatch] = []
    rows = size = 0
    for one in batches:
        rows += one.batch.rows
        size += one.batch.bytes_unfolded
        if chunk and (rows > ROWS_MAX or size > BYTES_MAX):
            yield chunk
            chunk, rows, size = [], one.batch.rows, one.batch.bytes_unfolded
        chunk.append(one)
    if chunk:
        yield chunk


def reason_of(error: Exception) -> str:
    """Why a table did not take its rows, in one line."""
    if isinstance(error, TableUnfit):
        return str(error)
    return f"{type(error).__name__}: {error}".strip().splitlines()[0][:300]
