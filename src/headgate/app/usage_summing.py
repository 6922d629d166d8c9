"""Makes the sums of the usage table: of each data file with many rows that has none yet, by queries in a sandboxed worker over that file alone.

A query reads sums in place of their file, so it does not matter when they are made, nor what becomes of the file: sums of one that is merged, or
rewritten because rows were deleted, are read no more, and go when the file goes.
"""

import os
from collections.abc import Iterator

import msgspec
import pyarrow as pa

from headgate.admin.relations import CatalogRelations
from headgate.admin.statement_ports import Query, Relation, TablePart, TableSource, ViewSource
from headgate.app.statement_runner import StatementRunner
from headgate.catalog.catalog import Catalog
from headgate.catalog.names import Name
from headgate.catalog.summed_view import SummedView
from headgate.catalog.usage_sums import SUMS
from headgate.catalog.usage_table import USAGE
from headgate.core.errors import GatewayError, NotFound
from headgate.core.principal import Principal
from headgate.storage.delta import delta_table
from headgate.storage.delta.sum_files import SumFiles, clean_sums, sums_folder

ROWS_MIN = 1000  # of a file: fewer are read as fast as their sums
_ROWS_AT_ONCE = 250_000  # so that they fit into the memory of a statement
_HOUR_US = 3_600_000_000
_ROWS_MAX, _BYTES_MAX, _QUERY_S = 20_000_000, 1 << 30, 900.0
_EXTENT = f"SELECT count(*) AS rows, unix_micros(min(event_time)) AS from_us, unix_micros(max(event_time)) AS until_us FROM {USAGE.name.sql}"  # ruff: ignore[hardcoded-sql-expression] - our own table
_OURS = Principal(id="headgate", name="headgate")


class _Extent(msgspec.Struct, frozen=True):
    """How many rows a data file has, and their time."""

    rows: int
    from_us: int
    until_us: int

    def stretches(self) -> Iterator[tuple[int, int]]:
        """Its time in stretches of whole hours, each with rows for one query."""
        first, end = self.from_us // _HOUR_US, self.until_us // _HOUR_US + 1
        hours = max(1, (end - first) * _ROWS_AT_ONCE // max(1, self.rows))
        for hour in range(first, end, hours):
            yield hour * _HOUR_US, (hour + hours) * _HOUR_US


class _OneFile:
    """Implements `Relations`: the usage table is one data file."""

    def __init__(self, snapshot: Catalog, file: str) -> None:
        self._relations = CatalogRelations(snapshot, _OURS)
        self._file = file

    def resolve(self, name: Name) -> Relation:
        """What a name in the text of a sum means; no privilege is asked for."""
        found = self._relations.resolve_inside(ViewSource(name, ""), name)
        if not isinstance(found, TableSource):
            raise NotFound(f"{name} is no table.")
        return msgspec.structs.replace(found, part=TablePart(found.name, "file", file=self._file))

    def resolve_inside(self, view: ViewSource, name: Name) -> Relation:
        """Sums read no view."""
        del view
        return self.resolve(name)


class UsageSumming:
    """Sums the usage table of one data directory."""

    def __init__(self, runner: StatementRunner, data_dir: str) -> None:
        self._runner = runner
        self._data_dir = data_dir
        self._path = delta_table.table_path(data_dir, USAGE)
        self._files = SumFiles(sums_folder(data_dir))

    async def run(self) -> int:
        """Make the sums that are missing, and let go of those whose data file is gone. Returns how many were made."""
        snapshot, made = await self._runner.cases.catalog.snapshot(), 0
        clean_sums(self._data_dir)
        for sums in SUMS:
            known = self._files.known(sums.name.leaf)
            for file in self._large():
                if file not in known:
                    made += await self._add(sums, snapshot, file)
        return made

    def _large(self) -> list[str]:
        """The data files of the table as it is now that have many rows, the newest first: dashboards look at those most."""
        table = delta_table.open_table(self._path)
        if table is None:
            return []
        actions = pa.table(table.get_add_actions(flatten=True)).select(["path", "num_records", "modification_time"]).to_pylist()
        large = [each for each in actions if (each["num_records"] or 0) >= ROWS_MIN]
        return [os.path.basename(each["path"]) for each in sorted(large, key=lambda each: -each["modification_time"])]

    async def _add(self, sums: SummedView, snapshot: Catalog, file: str) -> int:
        try:
            rows = await self._summed(sums, snapshot, file)
        except NotFound:  # merged with others meanwhile
            return 0
        self._files.write(sums.name.leaf, file, rows)
        return 1

    async def _summed(self, sums: SummedView, snapshot: Catalog, file: str) -> pa.Table:
        [row] = (await self._rows(_EXTENT, snapshot, file)).to_pylist()
        extent = _Extent(row["rows"], row["from_us"], row["until_us"])
        return pa.concat_tables([await self._rows(sums.summing(*stretch), snapshot, file) for stretch in extent.stretches()])

    async def _rows(self, text: str, snapshot: Catalog, file: str) -> pa.Table:
        query = Query(text=text, principal=_OURS, row_limit=_ROWS_MAX, byte_limit=_BYTES_MAX, timeout_s=_QUERY_S)
        result = await self._runner.query(query, _OneFile(snapshot, file))
        if result.truncated:
            raise GatewayError(f"the sums of {file} are more than {_ROWS_MAX} rows or {_BYTES_MAX} bytes")
        return pa.ipc.open_stream(result.arrow).read_all()
