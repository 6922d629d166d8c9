"""Audit events as rows of their table, and rows that were read in the form that the chain hashes."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
import pyarrow as pa

from headgate.catalog.audit_table import AUDIT, AUDIT_VERSION
from headgate.core.audit_event import AuditEvent
from headgate.storage.delta.arrow_types import arrow_schema

_DAY_US = 86_400_000_000
_SCHEMA = arrow_schema(AUDIT.schema)


def events_of(payloads: Iterable[bytes]) -> list[AuditEvent]:
    """The events of these payloads, each a JSON list of them. Raises `msgspec.DecodeError` if one of them is none."""
    decoder = msgspec.json.Decoder(list[AuditEvent])
    return [event for payload in payloads for event in decoder.decode(payload)]


def row_of(event: AuditEvent) -> dict[str, Any]:
    """The row of an event, without its place in the chain."""
    at_us = event.at_ns // 1000
    return {
        "version": AUDIT_VERSION,
        "event_time": at_us,
        "event_date": at_us // _DAY_US,
        "source_ip_address": event.address or None,
        "user_agent": event.user_agent or None,
        "session_id": event.session_id or None,
        "user_identity": {"email": event.who or None, "subject_name": None},
        "service_name": event.service,
        "action_name": event.action,
        "request_id": event.request_id or None,
        "request_params": sorted(event.params.items()),
        "response": {"status_code": event.status_code, "error_message": event.error_message or None, "result": event.result or None},
        "audit_level": "WORKSPACE_LEVEL",
        "event_id": event.id,
        "identity_metadata": {"run_by": event.who or None, "run_as": event.run_as or event.who or None, "acting_resource": None},
        "before": event.before or None,
        "after": event.after or None,
        "occurrences": event.occurrences,
    }


def table(rows: Sequence[dict[str, Any]]) -> pa.Table:
    """Rows in the columns of the table; those outside of the chain have no place in it yet."""
    return pa.Table.from_pylist(list(rows), schema=_SCHEMA)


def unlinked(payloads: Iterable[bytes]) -> pa.Table:
    """The rows of events that are not in the table yet."""
    return table([row_of(event) for event in events_of(payloads)])


def rows_read(batch: pa.RecordBatch) -> list[dict[str, Any]]:
    """The rows of a batch that was read from the table, with times and days as numbers."""
    columns = {name: batch.column(name) for name in batch.schema.names}
    for name, kind in (("event_time", pa.int64()), ("event_date", pa.int32())):
        if name in columns:
            wide = columns[name].cast(pa.timestamp("us", "UTC")) if name == "event_time" else columns[name]
            columns[name] = wide.cast(kind)
    rows: list[dict[str, Any]] = pa.RecordBatch.from_pydict(columns).to_pylist()
    return rows
