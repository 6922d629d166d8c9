"""What a table's log says of its data files: sizes, counts of rows, and the least and greatest value of each column. A writer may have said nothing.

It is kept as the Arrow table that delta-rs makes of the log, and a column becomes values when it is first asked for.
"""

import functools
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pyarrow as pa

_DAY_US = 86_400_000_000


class ColumnFacts(NamedTuple):
    """A column in each file, in the order of the files: its least and its greatest value, and how many nulls it has. Times are microseconds."""

    least: Sequence[object]
    greatest: Sequence[object]
    nulls: Sequence[int | None]


class DataFileFacts:
    """The facts of one snapshot. `places` are the numbers of the files, by their paths on this machine."""

    def __init__(self, actions: pa.Table, paths: Sequence[str]) -> None:
        self.places: Mapping[str, int] = {path: place for place, path in enumerate(paths)}
        self._actions = actions
        self._columns: dict[str, ColumnFacts] = {}

    @functools.cached_property
    def sizes(self) -> Sequence[int]:
        """The size of each file in bytes."""
        return self._values("size_bytes")

    @functools.cached_property
    def rows(self) -> Sequence[int | None]:
        """How many rows each file has."""
        return self._values("num_records")

    def column(self, name: str) -> ColumnFacts:
        """The facts of one column of the table."""
        if name not in self._columns:
            # With a dot it could be a field of another column.
            parts = [f"{what}.{name}" if "." not in name else "" for what in ("min", "max", "null_count")]
            self._columns[name] = ColumnFacts(*map(self._values, parts))
        return self._columns[name]

    def _values(self, name: str) -> Sequence[Any]:
        if name not in self._actions.column_names:
            return [None] * self._actions.num_rows
        values = self._actions.column(name)
        kind = values.type
        if pa.types.is_timestamp(kind):
            values = values.cast(pa.timestamp("us", kind.tz), safe=False).cast(pa.int64())
        if pa.types.is_date32(kind):
            return [None if days is None else days * _DAY_US for days in values.cast(pa.int32()).to_pylist()]
        found: list[Any] = values.to_pylist()
        return found
