"""The files of the settled ledger's tables: a day's rows are appended once, by the table's transaction number, and drafts that are out of use go.

One process writes here, and it holds the lock of `standing`.
"""

import pyarrow as pa
from deltalake import DeltaTable

from headgate.catalog.ledger.settled import DAY_US, PART_TABLES, SETTLED_TABLES, SettledTime
from headgate.catalog.statements import CreateTable
from headgate.storage.delta import delta_table
from headgate.storage.delta.arrow_types import arrow_schema

_DAYS, _DRAFTS = "settled-days", "settled-drafts"  # the names of our transactions
_READERS_HOURS = 1  # how long files of a draft stay for queries that have begun


class SettledFiles:
    """The tables below one data directory."""

    def __init__(self, data_dir: str) -> None:
        self._data_dir = data_dir

    def days_until_us(self) -> int:
        """The moment up to which every table of parts has its days; 0 if one of them has none."""
        return min(self._last_day(table) + 1 for table in PART_TABLES) * DAY_US if all(map(self._last_day, PART_TABLES)) else 0

    def has(self, table: CreateTable, last_day: int) -> bool:
        """Whether the table ends with the days of this step. Days count from 1970."""
        return self._last_day(table) == last_day

    def append_days(self, table: CreateTable, rows: pa.Table, first_day: int, last_day: int) -> None:
        """Append the rows of days. What an attempt that did not end has left of them is deleted before."""
        path = self._path(table)
        opened = delta_table.ensure_table(path, table)
        if delta_table.carried_seq(opened, _DAYS) >= first_day:
            delta_table.delete_rows(opened, f"edition = 0 AND settled_day >= '{_date(first_day)}'")
        delta_table.append(opened, made_rows(table, rows, last_day, 0), _DAYS, last_day)
        delta_table.sync_filesystem(path)

    def append_draft(self, table: CreateTable, rows: pa.Table, last_day: int, edition: int) -> None:
        """Append the rows of a draft."""
        path = self._path(table)
        delta_table.append(delta_table.ensure_table(path, table), made_rows(table, rows, last_day, edition), _DRAFTS, edition)
        delta_table.sync_filesystem(path)

    def clean(self, settled: SettledTime, first_day: int) -> None:
        """Let go of days before the first that is shown, and of drafts that no query reads any more: all but the newest and the one before it."""
        for table in SETTLED_TABLES:
            opened = delta_table.open_table(self._path(table))
            if opened is None:
                continue
            kept = sorted((edition for edition in _editions(opened) if 0 < edition < settled.edition), reverse=True)[:1]
            delta_table.delete_rows(opened, f"edition > 0 AND edition NOT IN ({', '.join(map(str, [settled.edition, *kept]))})")
            if first_day:
                self.forget(table, first_day)
                delta_table.care(self._path(table))
            delta_table.vacuum(self._path(table), _READERS_HOURS)

    def forget(self, table: CreateTable, first_day: int) -> None:
        """Delete the rows of days before this one."""
        opened = delta_table.open_table(self._path(table))
        if opened is not None:
            delta_table.delete_rows(opened, f"edition = 0 AND settled_day < '{_date(first_day)}'")

    def _path(self, table: CreateTable) -> str:
        return delta_table.table_path(self._data_dir, table)

    def _last_day(self, table: CreateTable) -> int:
        opened = delta_table.open_table(self._path(table))
        return delta_table.carried_seq(opened, _DAYS) if opened is not None else 0


def made_rows(table: CreateTable, rows: pa.Table, day: int, edition: int) -> pa.Table:
    """The rows as the table has them."""
    first = [pa.array([edition] * rows.num_rows, pa.int64()), pa.array([day] * rows.num_rows, pa.int32()).cast(pa.date32())]
    schema = arrow_schema(table.schema)
    columns = [column.cast(field.type) for column, field in zip([*first, *rows.columns], schema, strict=True)]
    return pa.Table.from_arrays(columns, schema=schema)


def _editions(opened: DeltaTable) -> set[int]:
    found = pa.table(opened.get_add_actions(flatten=True))
    return {int(value) for value in found.column("partition.edition").to_pylist()} if found.num_rows else set()


def _date(day: int) -> str:
    return str(pa.scalar(day, pa.int32()).cast(pa.date32()).as_py())
