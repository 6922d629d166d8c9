"""Rows of the demo for other tables than usage, as the batches of a journal."""

from collections.abc import Mapping, Sequence

import msgspec

from headgate.app.demo_month.messages import DemoTable
from headgate.app.demo_month.telemetry import Exported
from headgate.core.batch import PAYLOADS, Batch
from headgate.core.payload import LoggedPayload


def batches(tables: Mapping[str, DemoTable], exported: Mapping[str, Exported], at_ns: int) -> list[bytes]:
    """The batches of what was exported, by signal, as they are journalled."""
    return [msgspec.msgpack.encode(_batch(tables[signal], signal, one, at_ns)) for signal, one in exported.items() if one.rows and signal in tables]


def payload_batches(tables: Mapping[str, DemoTable], payloads: Sequence[LoggedPayload], at_ns: int) -> list[bytes]:
    """The batches of kept requests and answers, one each, as they are journalled."""
    table = tables.get(PAYLOADS)
    if table is None:
        return []
    rows = (Exported(msgspec.msgpack.encode(logged), 1) for logged in payloads)
    return [msgspec.msgpack.encode(_batch(table, PAYLOADS, row, at_ns)) for row in rows]


def _batch(table: DemoTable, signal: str, exported: Exported, at_ns: int) -> Batch:
    return Batch(
        table=table.id,
        name=table.name,
        location=table.location,
        signal=signal,
        received_at_ns=at_ns,
        rows=exported.rows,
        bytes_unfolded=len(exported.body),
        payload=exported.body,
        managed=table.managed,
    )
