"""Rows of the demo for other tables than usage, as the batches of a journal."""

from collections.abc import Mapping

import msgspec

from headgate.app.demo_month.messages import DemoTable
from headgate.app.demo_month.telemetry import Exported
from headgate.core.batch import Batch


def batches(tables: Mapping[str, DemoTable], exported: Mapping[str, Exported], at_ns: int) -> list[bytes]:
    """The batches of what was exported, by signal, as they are journalled."""
    return [msgspec.msgpack.encode(_batch(tables[signal], signal, one, at_ns)) for signal, one in exported.items() if one.rows and signal in tables]


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
