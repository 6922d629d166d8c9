"""Acknowledged OTLP exports to rows of an OpenTelemetry table, as one Arrow table: the exact columns of schema v1 or v2.

Payloads are concatenated first: concatenated protobuf messages are one message, and a large batch costs a fraction of many small ones. The result is a
pure function of its input, so that a batch decoded again after a crash gives the same rows and the same record ids.
"""

import gc
import hashlib
from collections.abc import Sequence

import pyarrow as pa

from headgate.catalog import otel_tables
from headgate.catalog.otel_tables import LOGS, METRICS, OtelKind
from headgate.storage.delta.arrow_types import arrow_schema
from headgate.storage.otlp import columns
from headgate.storage.otlp.columns import Arrivals, Payload
from headgate.storage.otlp.logs import LogColumns
from headgate.storage.otlp.metrics import MetricColumns
from headgate.storage.otlp.spans import SpanColumns

__all__ = ("Payload", "decode")

_FRONT = ("record_id", "time", "date")


def decode(kind: OtelKind, payloads: Sequence[Payload], seed: bytes = b"") -> pa.Table:
    """The rows of these exports, in the table's columns. `seed` names the batch (journal and sequence numbers): record ids of v2 are made from it."""
    # A batch makes millions of small objects and no cycle: the collector would only walk them again and again.
    collecting = gc.isenabled()
    gc.disable()
    try:
        return _decode(kind, payloads, seed)
    finally:
        if collecting:
            gc.enable()


def _decode(kind: OtelKind, payloads: Sequence[Payload], seed: bytes) -> pa.Table:
    schema = arrow_schema(otel_tables.schema(kind.signal, kind.version))
    inner = pa.schema([field for field in schema if kind.version == "v1" or field.name not in _FRONT])
    arrivals = Arrivals(kind.signal, payloads)
    batch = b"".join(payload.body for payload in payloads)
    if kind.signal == METRICS:
        metrics = MetricColumns(kind.version, arrivals)
        metrics.read(batch)
        parts = metrics.tables(inner)
        made, times = pa.concat_tables(parts) if parts else inner.empty_table(), metrics.times
    else:
        rows = LogColumns(kind.version, arrivals) if kind.signal == LOGS else SpanColumns(kind.version, arrivals)
        rows.read(batch)
        made, times = columns.table(inner, rows.columns(inner), len(rows.times)), rows.times
    return made if kind.version == "v1" else _with_front(made, times, seed, schema)


def _with_front(made: pa.Table, times_ns: Sequence[int], seed: bytes, schema: pa.Schema) -> pa.Table:
    # Chunks must agree: delta-rs aborts the process on sliced nested columns, and columns chunked alike are never sliced.
    front = columns.first_columns(times_ns, _record_ids(times_ns, seed))
    made = made.combine_chunks()
    return pa.table([front[field.name] if field.name in front else made.column(field.name) for field in schema], schema=schema)


def _record_ids(times_ns: Sequence[int], seed: bytes) -> list[str]:
    """UUIDs of version 7 (RFC 9562): milliseconds, then 74 bits that count up from a hash of the seed."""
    start = int.from_bytes(hashlib.blake2b(seed, digest_size=10).digest()) >> 6
    return [_uuid(time_ns // 1_000_000, start + row) for row, time_ns in enumerate(times_ns)]


def _uuid(milliseconds: int, random: int) -> str:
    high = (milliseconds & 0xFFFF_FFFF_FFFF) << 16 | 0x7000 | random >> 62 & 0xFFF
    text = f"{high:016x}{1 << 63 | random & 0x3FFF_FFFF_FFFF_FFFF:016x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
