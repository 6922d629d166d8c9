"""The port through which pages read rows: a query, its rows as plain values, and who answers it. Imports nothing that is slow to load.

Dates and times are ISO text, bytes are base64. A float that is not a number, or infinite, is `None`, as JSON has no word for it. A DECIMAL is a float,
which is exact for display up to 15 digits; a query that adds up money asks for `decimals="text"`, the exact digits.
"""

from collections.abc import Iterator
from typing import Literal, Protocol

import msgspec

from headgate.admin.statement_ports import Parameter
from headgate.core.principal import Principal

PAGE_ROWS = 5_000
PAGE_ROWS_MAX = 100_000
PAGE_BYTES_MAX = 16 << 20


class PageQuery(msgspec.Struct, frozen=True, kw_only=True):
    """One query of a page: one statement that reads. The limits hold beside those of every statement. `timeout_s` includes every wait."""

    text: str
    parameters: tuple[Parameter, ...] = ()
    row_limit: int = PAGE_ROWS
    timeout_s: float = 30.0
    decimals: Literal["float", "text"] = "float"


class PageColumn(msgspec.Struct, frozen=True):
    """A column's name and its type as SQL writes it: `BIGINT`, `DECIMAL(18,6)`, `STRUCT<a: BIGINT>`."""

    name: str
    type_text: str


class PageRows(msgspec.Struct, frozen=True, kw_only=True):
    """The rows, column by column. `truncated` says that a limit cut rows off; `took_ms` is the time between the call and the rows,
    and `waited_ms` what of it passed while other queries were at work.
    """

    columns: tuple[PageColumn, ...]
    values: list[list[object]]
    truncated: bool = False
    took_ms: float = 0.0
    waited_ms: float = 0.0

    def __len__(self) -> int:
        """How many rows there are."""
        return len(self.values[0]) if self.values else 0

    def rows(self) -> Iterator[tuple[object, ...]]:
        """Row by row."""
        return zip(*self.values, strict=True)

    def records(self) -> Iterator[dict[str, object]]:
        """Row by row, by the names of the columns. Of two columns with the same name the last one is seen."""
        names = [column.name for column in self.columns]
        return (dict(zip(names, row, strict=True)) for row in self.rows())


class PageQueries(Protocol):
    """Answers the queries of pages."""

    async def rows(self, query: PageQuery, principal: Principal) -> PageRows:
        """The rows that this principal may read. Refusals are raised. Cancelling ends the work. Callers share the answer and never change it."""
