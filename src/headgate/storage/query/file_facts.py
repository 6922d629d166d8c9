"""What a table's log says of its data files: sizes, counts of rows, and the least and greatest value of each column. A writer may have said nothing.

It is kept as the Arrow table that delta-rs makes of the log, and a column becomes values when it is first asked for.
"""

import functools
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pyarrow as pa

_HOUR_US, _DAY_US = 3_600_000_000, 86_400_000_000


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

    def of_sums(self, data_files: Mapping[str, str]) -> "DataFileFacts":
        """The facts of sums, of which each path has that of its data file: of what time they are."""
        times = self.column("event_time")
        places = [self.places[path] for path in data_files.values()]
        least, greatest = ([each[place] for place in places] for each in (times.least, times.greatest))
        hours = [us - us % _HOUR_US if isinstance(us, int) else None for us in least]
        moments = {f"{end}.{name}": values for name in ("first_time", "last_time") for end, values in (("min", least), ("max", greatest))}
        unknown = [None] * len(places)
        made = {"size_bytes": unknown, "num_records": unknown, "min.hour": hours, "max.hour": greatest, **moments}
        return DataFileFacts(pa.table(made), list(data_files))

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
