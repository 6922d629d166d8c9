"""Rows that are past keeping leave their table, by the table's own property; the files that held them are deleted once no reader needs them."""

import datetime as dt

from deltalake import DeltaTable

from headgate.catalog import types
from headgate.catalog.table_properties import RETENTION_PROPERTY
from headgate.catalog.types import Primitive, Structure
from headgate.storage.delta import delta_table, local_rows

_NS = 1_000_000_000
_POINTS = ("gauge", "sum", "histogram", "exponential_histogram", "summary")


def retention_days(table: DeltaTable) -> int:
    """Days that the table keeps its rows; 0 for ever."""
    written = (table.metadata().configuration or {}).get(RETENTION_PROPERTY, "")
    return int(written) if written.isdigit() and len(written) < 7 else 0


def enforce(location: str, now_ns: int) -> int:
    """Delete what is too old, and the files of what was deleted long enough ago. Returns the number of rows deleted."""
    table = delta_table.open_table(location)
    days = retention_days(table) if table is not None else 0
    if table is None or not days:
        return 0
    predicate = before(types.from_delta_json(table.schema().to_json()), now_ns - days * 86_400 * _NS)
    if not predicate:
        return 0
    deleted = delta_table.delete_rows(table, predicate)
    delta_table.vacuum(location)
    return deleted


def enforce_usage(location: str, now_ns: int, days: int) -> int:
    """The same for the usage table, whose days the configuration says: whole days in UTC, so that a file is written anew once a day at most.

    Its rows are records, and its own property lets no engine delete one; that property is set aside for the one commit.
    """
    table = delta_table.open_table(location)
    if table is None:
        return 0
    first_ns = (now_ns // (86_400 * _NS) - days) * 86_400 * _NS
    first = dt.datetime.fromtimestamp(first_ns // _NS, dt.UTC)
    deleted = 0
    if days and any(local_rows.has_times_before(path, "event_time", first) for path in local_rows.files_of(table)):
        with delta_table.changeable(location):
            deleted = delta_table.delete_rows(DeltaTable(location), before(types.from_delta_json(table.schema().to_json()), first_ns))
    elif table.metadata().configuration.get(delta_table.APPEND_ONLY) == "false":  # a process was killed in between
        DeltaTable(location).alter.set_table_properties({delta_table.APPEND_ONLY: "true"})
    if days:
        delta_table.vacuum(location)
    return deleted


def before(columns: Structure, at_ns: int) -> str:
    """What is true of a row from before a moment; empty for a table whose rows have no time that is known here."""
    kinds = {field.name: field.type for field in columns.fields}
    if kinds.get("event_time") == Primitive("timestamp"):
        moment = dt.datetime.fromtimestamp(at_ns // _NS, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return f"event_time < '{moment}'"  # a text: delta-rs compares it in the column's own type, and a TIMESTAMP literal in another
    for name in ("time_unix_nano", "start_time_unix_nano"):
        if kinds.get(name) == Primitive("long"):
            return f"{name} < {at_ns}"
    points = [name for name in _POINTS if _has_time(kinds.get(name))]
    times = ", ".join(f"{name}['time_unix_nano']" for name in points)
    return f"coalesce({times}) < {at_ns}" if len(points) > 1 else ""


def _has_time(kind: types.Type | None) -> bool:
    return isinstance(kind, Structure) and any(field.name == "time_unix_nano" for field in kind.fields)
