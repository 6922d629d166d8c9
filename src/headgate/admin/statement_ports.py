"""The ports of the SQL use-cases: the meaning of a name, the meaning of a text, and an engine that answers queries. Also the port through which other
processes call these use-cases, and a call as a value. Adapters implement the Protocols. Imports nothing that is slow to load.
"""

from collections.abc import Sequence
from typing import Literal, Protocol, runtime_checkable

import msgspec

from headgate.catalog.names import DEFAULTS, Defaults, Name
from headgate.catalog.statements import Statement
from headgate.catalog.types import Field, Structure
from headgate.core.acting import Acting
from headgate.core.principal import Principal


class TablePart(msgspec.Struct, frozen=True):
    """A part of a table: the sums, by the name `sums`, of those data files that have them (`summed`); the other data files and what is in no file yet
    (`rest`); one data file (`file`); or what a query of Headgate's own, `text`, gives of it (`live`). Or a relation without files, whose rows the catalog
    has (`catalog`).
    """

    table: Name
    kind: Literal["summed", "rest", "file", "live", "catalog"]
    sums: str = ""
    file: str = ""
    text: str = ""


class TableSource(msgspec.Struct, frozen=True, tag=True):
    """A Delta table that a query may read, or a part of one. If `made_on_write`, it has no files before its first row, and reads as empty."""

    name: Name
    location: str
    schema: Structure
    made_on_write: bool = False
    part: TablePart | None = None

    @property
    def whole(self) -> "TableSource":
        """The table that it is a part of."""
        return self if self.part is None else msgspec.structs.replace(self, name=self.part.table, part=None)


class ViewSource(msgspec.Struct, frozen=True, tag=True):
    """A view. It reads its tables with its owner's rights, one of Headgate's own with Headgate's; `current_user()` in it is the principal that asks.

    `defaults` complete short names in its text; Headgate's own views have none.
    """

    name: Name
    text: str
    defaults: Defaults | None = None


Relation = TableSource | ViewSource


class Relations(Protocol):
    """The catalog as one principal sees it."""

    def resolve(self, name: Name) -> Relation:
        """What the name means, if this principal may read it; otherwise `NotFound` or `Forbidden` with the missing privilege."""

    def resolve_inside(self, view: ViewSource, name: Name) -> Relation:
        """What a name in the text of a view means, if the view's owner may read it."""


@runtime_checkable
class CatalogRows(Protocol):
    """What `Relations` have where the catalog itself is asked for."""

    def rows(self, name: Name) -> Sequence[tuple[object, ...]]:
        """The rows of a relation of the kind `catalog`, as this principal may see them."""


class Parameter(msgspec.Struct, frozen=True):
    """A named parameter of a statement: its value as text, and a type name (`STRING`, `BIGINT`, `DATE`, …)."""

    name: str
    value: str | None
    type: str = "STRING"


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """A statement that reads, the principal that asks, and the limits of the answer. With a `row_limit` of 0 the columns alone are asked for."""

    text: str
    principal: Principal
    defaults: Defaults = DEFAULTS
    parameters: tuple[Parameter, ...] = ()
    row_limit: int = 100_000
    byte_limit: int = 26_214_400
    timeout_s: float = 60.0


class FileCounts(msgspec.Struct, frozen=True, kw_only=True):
    """The data files of the tables of a query: how many it reads and skips, their bytes, and the rows in those that it reads, if their writers say so."""

    files_read: int = 0
    files_skipped: int = 0
    bytes_read: int = 0
    bytes_skipped: int = 0
    rows_read: int | None = 0


class QueryResult(msgspec.Struct, frozen=True):
    """Columns, and the rows as an Arrow IPC stream. `truncated` says that a limit cut rows off; `waited_s` is the time that other queries took before."""

    columns: tuple[Field, ...]
    arrow: bytes
    row_count: int
    truncated: bool = False
    files: FileCounts = FileCounts()
    waited_s: float = 0.0


class Rows(msgspec.Struct, frozen=True):
    """What a command answers: columns, and rows of plain values (text, numbers, booleans, dates, `None`). Most commands answer nothing."""

    columns: tuple[Field, ...] = ()
    rows: tuple[tuple[object, ...], ...] = ()


class Reading(Protocol):
    """Parses a statement. Parsing hostile text may take for ever, so it is done where it can be stopped."""

    async def read(self, text: str, principal: Principal, defaults: Defaults, timeout_s: float) -> Statement:
        """The meaning, or a refusal. The work is stopped past the time limit, and if the caller is cancelled."""


class Queries(Protocol):
    """Answers queries."""

    async def run(self, query: Query, relations: Relations) -> QueryResult:
        """The answer. A wrong statement is a `BadRequest`; time and memory limits are errors with a code of their own. Cancelling stops the work."""


CallKind = Literal["execute", "get", "chunk", "cancel", "link", "rows", "what_if", "audit", "compile"]


class StatementCall(msgspec.Struct, frozen=True, kw_only=True):
    """One call across a process boundary. `body` is the JSON of an execution request, which the process that serves HTTP does not read, or the
    MessagePack of a `PageQuery` for `rows`, of several for `compile`, of a `WhatIfAsked`
    for `what_if`, of an expected end of the chain or none for `audit`. `base_url` is where the caller reached us, for links, which are made for the token `token_id`; `signature`
    proves a link. The principal of a `link` is that of the token that the link names. `actor` is who asks, for audit events.
    """

    kind: CallKind
    principal: Principal
    statement_id: str = ""
    chunk: int = 0
    body: bytes = b""
    base_url: str = ""
    signature: str = ""
    token_id: str = ""
    actor: Acting = Acting()


class StatementService(Protocol):
    """Answers calls."""

    async def call(self, call: StatementCall) -> bytes:
        """The answer's body: JSON, an Arrow stream for a `link`, or the MessagePack of `PageRows`, a `WhatIfAnswer` or an `AuditVerdict`. Refusals are raised.
        Cancelling ends a call for the first two.
        """
