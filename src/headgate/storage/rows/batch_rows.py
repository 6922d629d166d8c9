"""The rows of batches, in the columns of the table that they are for.

A batch that cannot be decoded is left out and named. A table whose columns take no such rows is an error.
"""

import functools
import logging
from collections.abc import Sequence

import msgspec
import pyarrow as pa
from google.protobuf.message import DecodeError

from headgate.catalog import otel_tables, payload_tables, types
from headgate.catalog.audit_table import AUDIT
from headgate.catalog.otel_tables import OtelKind
from headgate.core.audit_event import AUDIT_EVENTS
from headgate.core.batch import PAYLOADS, ROWS
from headgate.storage.journal.batch_frames import FramedBatch
from headgate.storage.otlp import otel_rows
from headgate.storage.otlp.otel_rows import Payload
from headgate.storage.rows import audit_rows, inserted_rows, payload_rows

_LOG = logging.getLogger(__name__)
# What a decoder may raise on unexpected bytes: one batch is given up then, never the rest.
_UNDECODABLE = (ValueError, TypeError, OverflowError, RecursionError, DecodeError, msgspec.DecodeError, pa.ArrowException)


class TableUnfit(Exception):
    """The table is gone, or takes no such rows; the message says why, for people."""


def rows_of(schema_json: str, chunk: Sequence[FramedBatch], app_id: str) -> tuple[pa.Table | None, list[int]]:
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


def _check(schema_json: str, chunk: Sequence[FramedBatch]) -> None:
    for name, signal in {(one.batch.name, one.batch.signal) for one in chunk}:
        if signal == ROWS:
            reason = next(filter(None, (_unfit_rows(schema_json, one.batch.payload) for one in chunk)), "")
        else:
            reason = _misfit(schema_json, signal)
        if reason:
            raise TableUnfit(f"the table {name} takes no {signal}: {reason}")


def _unfit_rows(schema_json: str, payload: bytes) -> str:
    try:
        return inserted_rows.misfit(schema_json, payload)
    except _UNDECODABLE:  # its own batch is given up for it, and not the table's others
        return ""


def _decoded(schema_json: str, chunk: Sequence[FramedBatch], seed: bytes) -> pa.Table:
    batches = [one.batch for one in chunk]
    signal = batches[0].signal
    if signal == AUDIT_EVENTS:
        made = audit_rows.unlinked([batch.payload for batch in batches])
    elif signal == ROWS:
        made = inserted_rows.table(schema_json, [batch.payload for batch in batches])
    elif signal == PAYLOADS:
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
    if signal == AUDIT_EVENTS:
        return "" if columns.fields[: len(AUDIT.schema.fields)] == AUDIT.schema.fields else "it is not the audit table"
    if signal == PAYLOADS:
        return payload_tables.misfit(columns)
    kind = _kind(schema_json)
    if kind is not None and kind.signal == signal:
        return ""
    if kind is not None:
        return f"it is a table of {kind.signal}"
    return "; ".join(otel_tables.differences(columns, OtelKind(signal, "v1"))[:3])
