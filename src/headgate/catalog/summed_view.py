"""A view of the usage table whose rows are sums of several exchanges where a data file has sums, and single exchanges elsewhere. Pure text and columns.

Sums belong to a data file of the table: they are made from one file (`summing`), and read in its place for as long as the file is part of the table.
"""

import msgspec

from headgate.catalog.names import Name
from headgate.catalog.types import Structure
from headgate.catalog.usage_table import USAGE

PLACE = USAGE.name.parent


class SummedView(msgspec.Struct, frozen=True, kw_only=True):
    """What every such view has: its columns, its text over single rows, and the query that makes the sums of a data file."""

    name: Name
    comment: str

    @property
    def schema(self) -> Structure:
        """The view's columns."""
        raise NotImplementedError

    def rows_text(self, table: str) -> str:
        """Every row of a table with the columns of the usage table, by itself."""
        raise NotImplementedError

    def summing(self, from_us: int, until_us: int) -> str:
        """The sums of a stretch of time of the usage table."""
        raise NotImplementedError

    @property
    def in_files(self) -> Name:
        """The name by which the view's text reads the sums of data files."""
        return PLACE.child(f"{self.name.leaf}_in_files")

    @property
    def in_rows(self) -> Name:
        """The name by which it reads the rows of data files without sums, and those that are in no file yet."""
        return PLACE.child(f"{self.name.leaf}_in_rows")

    @property
    def text(self) -> str:
        """The view's query: sums where there are some, and rows where there are none."""
        columns = ", ".join(field.name for field in self.schema.fields)
        return f"SELECT {columns}\nFROM {self.in_files.sql}\nUNION ALL\n{self.rows_text(self.in_rows.sql)}"


def within(from_us: int, until_us: int) -> str:
    """The condition of a stretch of time."""
    return f"event_time >= timestamp_micros({from_us}) AND event_time < timestamp_micros({until_us})"
