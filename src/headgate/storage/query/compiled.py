"""A compiled query, and which state of which table it reads. Loads no parser: the processes that pass it on have none."""

import msgspec

from headgate.admin.statement_ports import TableSource
from headgate.catalog.types import Field
from headgate.storage.query.bounds import Bound


class AsOf(msgspec.Struct, frozen=True):
    """Which state of a table is read: the newest, a version, or the state at a time (RFC 3339)."""

    version: int | None = None
    timestamp: str = ""


class TableRead(msgspec.Struct, frozen=True):
    """One table that a query reads, and the name that stands for it in the compiled text. `bound` holds for every row that the query can use."""

    view: str
    source: TableSource
    as_of: AsOf
    bound: Bound | None = None


class Compiled(msgspec.Struct, frozen=True):
    """DuckDB SQL over the views of these reads, and the columns of its answer with Databricks' types.

    `own` says that it is the same for every principal that may read what the query names: nothing in it asks for the user or the user's groups.
    """

    sql: str
    reads: tuple[TableRead, ...]
    columns: tuple[Field, ...] = ()
    own: bool = False
