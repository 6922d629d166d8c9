"""What the statement process and its parsers say to each other over pipes, each a MessagePack value behind its length.

A parser is sent a text, asks what the names in it mean, and says what came of it. It is never sent a row, a file or a credential.
"""

import msgspec

from headgate.admin.statement_ports import Query, Relation
from headgate.catalog.names import Defaults, Name
from headgate.catalog.statements import Statement
from headgate.catalog.types import Field
from headgate.core.error_value import ErrorValue
from headgate.storage.query.bounds import Bound
from headgate.storage.query.compiled import AsOf


class ParserSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How a parser is started: JSON on the command line."""

    parent_pid: int
    memory_mb: int


class ReadStatement(msgspec.Struct, frozen=True, tag=True):
    """Say what a statement means."""

    text: str
    defaults: Defaults


class CompileQuery(msgspec.Struct, frozen=True, tag=True):
    """Compile a query."""

    query: Query


class LookUpName(msgspec.Struct, frozen=True, tag=True):
    """What does this name mean, in the statement itself or in the text of this view?"""

    name: Name
    inside: Name | None = None


class RelationFound(msgspec.Struct, frozen=True, tag=True):
    """What the name means."""

    relation: Relation


class StatementRead(msgspec.Struct, frozen=True, tag=True):
    """What the statement means."""

    statement: Statement


class QueryCompiled(msgspec.Struct, frozen=True, tag=True):
    """The compiled query: its text, for each of its views the name, the snapshot and what bounds the rows of the table, the columns of its answer, and
    whether it is the same for every principal.
    """

    sql: str
    reads: tuple[tuple[str, Name, AsOf, Bound | None], ...]
    columns: tuple[Field, ...] = ()
    own: bool = False


class ParserBug(msgspec.Struct, frozen=True, tag=True):
    """A bug in Headgate, for the log."""

    detail: str


ParserRequest = ReadStatement | CompileQuery
LookUpReply = RelationFound | ErrorValue
ParserReply = StatementRead | QueryCompiled | ErrorValue | ParserBug | LookUpName
