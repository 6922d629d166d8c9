"""Batches of rows into the table they were acknowledged for: decoded in bounded chunks, each one commit that says up to which frame it goes.

The table's own log decides what it has already: a frame at or below the journal's last transaction there is skipped. A table that is gone, or whose
columns are others now, is an error here; what then becomes of the rows is decided elsewhere.
"""

import functools
import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec
import pyarrow as pa
from google.protobuf.message import DecodeError

from headgate.catalog import otel_tables, payload_tables, types
from headgate.catalog.otel_tables import OtelKind
from headgate.core.batch import PAYLOADS, Batch
from headgate.storage.delta import delta_table
from headgate.storage.journal.segments import Frame
from headgate.storage.otlp import otel_rows
from headgate.storage.otlp.otel_rows import Payload
from headgate.storage.rows import payload_rows

ROWS_MAX = 400_000  # a commit's rows, but for a single batch that has more
BYTES_MAX = 256 << 20  # what they may become in memory

_LOG = logging.getLogger(__name__)
# What a decoder may raise on bytes that nobody foresaw: one batch is given up then, never the rest.
_UNDECODABLE = (ValueError, TypeError, OverflowError, RecursionError, DecodeError, msgspec.DecodeError, pa.ArrowException)


class Arrived(NamedTuple):
    """A batch, and the frame it came in."""

    frame: Frame
    batch: Batch


class Landed(NamedTuple):
    """Rows appended, and the numbers of frames of which no row could be made."""

    rows: int
    misfits: list[int]


class TableUnfit(Exception):
    """The table is gone, or takes no such rows; the message says why, for people."""


def read_batches(frames: Iterable[Frame]) -> tuple[dict[str, list[Arrived]], list[int]]:
    """The batches of each table in order, and the numbers of frames that hold none."""
    decoder = msgspec.msgpack.Decoder(Batch)
    found: dict[str, list[Arrived]] = defaultdict(list)
    unreadable = []
    for frame in frames:
        try:
            batch = decoder.decode(frame.body)
        except msgspec.DecodeError as error:
            _LOG.error("frame %d holds no batch: %s", frame.seq, error)
            unreadable.append(frame.seq)
        else:
            found[batch.table].append(Arrived(frame, batch))
    return dict(found), unreadable


def land(arrived: Sequence[Arrived], app_id: str) -> Landed:
    """Append what the table does not have yet of these batches, which are all for one table.

    Raises `TableUnfit`, `OSError` or delta-rs' errors. What was committed before an error is known by the table itself.
    """
    first = arrived[0].batch
    table = delta_table.open_table(first.location)
    if table is None:
        raise TableUnfit(f"the table {first.name} has no files at {first.location}")
    carried = delta_table.carried_seq(table, app_id)
    left = [one for one in arrived if one.frame.seq > carried]
    rows, misfits = 0, []
    for chunk in _chunks(left):
        made, bad = rows_of(table.schema().to_json(), chunk, app_id)
        misfits += bad
        if made is not None:
            delta_table.append(table, made, app_id, chunk[-1].frame.seq)
            rows += made.num_rows
    return Landed(rows, misfits)


def _chunks(arrived: Sequence[Arrived]) -> Iterable[list[Arrived]]:
    chunk: list[Arrived] = []
    rows = size = 0
    for one in arrived:
        rows += one.batch.rows
        size += one.batch.bytes_unfolded
        if chunk and (rows > ROWS_MAX or size > BYTES_MAX):
            yield chunk
            chunk, rows, size = [], one.batch.rows, one.batch.bytes_unfolded
        chunk.append(one)
    if chunk:
        yield chunk


def rows_of(schema_json: str, chunk: Sequence[Arrived], app_id: str) -> tuple[pa.Table | None, list[int]]:
    """The rows of a chunk in the order of columns of a table's schema string; batches that cannot be decoded are left out and named."""
    _check(schema_json, chunk)
    seed = f"{app_id}:{chunk[0].frame.seq}-{chunk[-1].frame.seq}".encode()
    try:
        return _decoded(schema_json, chunk, seed), []
    except _UNDECODABLE:
        pass
    good, bad = [], []
    for one in chunk:
        try:
            _decoded(schema_json, [one], seed)
        except _UNDECODABLE as error:
            _LOG.error("no rows for %s could be made of frame %d: %s: %s", one.batch.name, one.frame.seq, type(error).__name__, error)
            bad.append(one.frame.seq)
        else:
            good.append(one)
    return (_decoded(schema_json, good, seed) if good else None), bad


def _check(schema_json: str, chunk: Sequence[Arrived]) -> None:
    for name, signal in {(one.batch.name, one.batch.signal) for one in chunk}:
        reason = _misfit(schema_json, signal)
        if reason:
            raise TableUnfit(f"the table {name} takes no {signal}: {reason}")


def _decoded(schema_json: str, chunk: Sequence[Arrived], seed: bytes) -> pa.Table:
    batches = [one.batch for one in chunk]
    signal = batches[0].signal
    if signal == PAYLOADS:
        made = payload_rows.table([batch.payload for batch in batches])
    else:
        kind = _kind(schema_json) or OtelKind(signal, "v1")
        made = otel_rows.decode(kind, [Payload(batch.payload, batch.received_at_ns) for batch in batches], seed)
    return made.select(_order(schema_json, tuple(made.column_names)))


@functools.lru_cache(maxsize=256)
def _kind(schema_json: str) -> OtelKind | None:
    return otel_tables.recognise(types.from_delta_json(schema_json))


@functools.lru_cache(maxsize=256)
def _order(schema_json: str, names: tuple[str, ...]) -> list[str]:
    """Columns as the table has them, then what it lacks."""
    known = [field.name for field in types.from_delta_json(schema_json).fields if field.name in names]
    return known + [name for name in names if name not in known]


@functools.lru_cache(maxsize=256)
def _misfit(schema_json: str, signal: str) -> str:
    """Why rows of this signal do not fit the columns; empty if they do."""
    columns = types.from_delta_json(schema_json)
    if signal == PAYLOADS:
        return payload_tables.misfit(columns)
    kind = _kind(schema_json)
    if kind is not None and kind.signal == signal:
        return ""
    if kind is not None:
        return f"it is a table of {kind.signal}"
    return "; ".join(otel_tables.differences(columns, OtelKind(signal, "v1"))[:3])
