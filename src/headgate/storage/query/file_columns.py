"""The columns of data files, for tables to which a column was added: older files are read by a scan of their own that gives NULL for it. Runs inside the worker.

DuckDB's `union_by_name` opens every file whenever the text of a view is bound, which a long query does many times. A data file never changes, so what it
has is asked of it once.
"""

from collections import OrderedDict, defaultdict

import duckdb

from headgate.storage.query.duckdb_text import quoted
from headgate.storage.query.worker_messages import Scan, View

_FILES_MAX = 10_000
_SCANS_MAX = 8  # of one view, else it is read the wide way

_Columns = tuple[tuple[str, str], ...]


class FileColumns:
    """Remembers what columns files have."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, _Columns] = OrderedDict()

    def differ(self, views: tuple[View, ...]) -> bool:
        """Whether a file of a view is known to lack one of its columns."""
        return any(self._lacks(file, view.scan) for view in views if view.scan is not None for file in view.scan.files)

    def wide(self, connection: duckdb.DuckDBPyConnection, view: View) -> str:
        """The text of a view whose files may differ: with a scan for every set of columns, or the wide way where a column has more than one type."""
        scan = view.scan
        groups = self._groups(connection, scan) if scan is not None else {}
        if scan is None or not 0 < len(groups) <= _SCANS_MAX:
            return view.wide
        scans = [_select(scan, frozenset(name for name, _ in columns), files) for columns, files in groups.items()]
        return view.wide.replace(scan.text, f"({' UNION ALL '.join(scans)})")

    def _groups(self, connection: duckdb.DuckDBPyConnection, scan: Scan) -> dict[_Columns, list[str]]:
        """The files by what they have of the scan's columns; none where types differ."""
        asked = ", ".join(f"CAST(NULL AS {kind}) AS {quoted(name)}" for name, kind in scan.columns)
        wanted = dict(_described(connection, f"SELECT {asked}"))
        groups: dict[_Columns, list[str]] = defaultdict(list)
        for file in scan.files:
            columns = tuple((name, kind) for name, kind in self._of(connection, file) if name in wanted)
            if any(wanted[name] != kind for name, kind in columns):
                return {}
            groups[columns].append(file)
        return groups

    def _of(self, connection: duckdb.DuckDBPyConnection, file: str) -> _Columns:
        if file not in self._known:
            if len(self._known) >= _FILES_MAX:
                self._known.popitem(last=False)
            self._known[file] = _described(connection, f"SELECT * FROM read_parquet([{file}], hive_partitioning = false)")  # ruff: ignore[hardcoded-sql-expression] - the file is quoted
        return self._known[file]

    def _lacks(self, file: str, scan: Scan) -> bool:
        known = self._known.get(file)
        return known is not None and not {name for name, _ in scan.columns} <= {name for name, _ in known}


def _described(connection: duckdb.DuckDBPyConnection, query: str) -> _Columns:
    return tuple((name, kind) for name, kind, *_ in connection.execute(f"DESCRIBE {query}").fetchall())


def _select(scan: Scan, has: frozenset[str], files: list[str]) -> str:
    columns = ", ".join(quoted(name) if name in has else f"CAST(NULL AS {kind}) AS {quoted(name)}" for name, kind in scan.columns)
    return f"SELECT {columns} FROM read_parquet([{', '.join(files)}], hive_partitioning = false)"  # ruff: ignore[hardcoded-sql-expression] - every name and file in it is quoted
