"""What a statement asks for, as values: the catalog's commands, and the query that is left to the query gateway. They decide nothing and name no engine."""

import msgspec

from headgate.catalog.names import Name
from headgate.catalog.types import Field, Structure


class QueryStatement(msgspec.Struct, frozen=True, tag=True):
    """A statement that reads. The text is compiled by the query gateway."""

    text: str


class UseDefault(msgspec.Struct, frozen=True, tag=True):
    """`USE CATALOG c`, `USE SCHEMA s`: accepted as a word to the session that sends it."""

    name: Name


class CreateCatalog(msgspec.Struct, frozen=True, tag=True):
    """`CREATE CATALOG [IF NOT EXISTS] c [COMMENT '…']`."""

    name: Name
    if_not_exists: bool = False
    comment: str = ""
    location: str = ""


class CreateSchema(msgspec.Struct, frozen=True, tag=True):
    """`CREATE SCHEMA [IF NOT EXISTS] c.s [COMMENT '…']`."""

    name: Name
    if_not_exists: bool = False
    comment: str = ""
    location: str = ""


class CreateTable(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """`CREATE [OR REPLACE] TABLE [IF NOT EXISTS] c.s.t (…) USING DELTA …`. Properties are checked already; `clustering` is part of them.

    A table with a `location` may have no columns here: they are those of the existing Delta table.
    """

    name: Name
    schema: Structure
    properties: dict[str, str] = {}
    partitioned_by: tuple[str, ...] = ()
    comment: str = ""
    location: str = ""
    if_not_exists: bool = False
    or_replace: bool = False


class CreateTableAs(msgspec.Struct, frozen=True, tag=True):
    """`CREATE [OR REPLACE] TABLE [IF NOT EXISTS] c.s.t … AS query`. The table has no columns yet: they are those of the query."""

    table: CreateTable
    text: str


class InsertRows(msgspec.Struct, frozen=True, tag=True):
    """`INSERT INTO c.s.t [(columns) | BY NAME] query`. Without columns they are all of the table's, in its order, or by the names of the query's."""

    name: Name
    text: str
    columns: tuple[str, ...] = ()
    by_name: bool = False


class ViewColumn(msgspec.Struct, frozen=True):
    """A column that `CREATE VIEW` names, with its comment."""

    name: str
    comment: str = ""


class CreateView(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """`CREATE [OR REPLACE] VIEW [IF NOT EXISTS] c.s.v [(columns)] [COMMENT '…'] AS query`. `text` is the query as it is written."""

    name: Name
    text: str
    columns: tuple[ViewColumn, ...] = ()
    comment: str = ""
    if_not_exists: bool = False
    or_replace: bool = False


class AlterView(msgspec.Struct, frozen=True, tag=True):
    """`ALTER VIEW … AS query`."""

    name: Name
    text: str


class Drop(msgspec.Struct, frozen=True, tag=True):
    """`DROP CATALOG|SCHEMA|TABLE|VIEW|MODEL SERVICE [IF EXISTS] … [CASCADE]`; the name's kind says which, and `view` tells a view from a table."""

    name: Name
    if_exists: bool = False
    cascade: bool = False
    view: bool = False


class SetProperties(msgspec.Struct, frozen=True, tag=True):
    """`ALTER TABLE … SET TBLPROPERTIES (…)`."""

    name: Name
    properties: dict[str, str]


class AddColumns(msgspec.Struct, frozen=True, tag=True):
    """`ALTER TABLE … ADD COLUMN[S] (…)`: nullable columns at the end."""

    name: Name
    columns: tuple[Field, ...]


class SetOwner(msgspec.Struct, frozen=True, tag=True):
    """`ALTER CATALOG|SCHEMA|TABLE|VIEW|MODEL SERVICE … [SET] OWNER TO principal`."""

    name: Name
    owner: str


class Describe(msgspec.Struct, frozen=True, tag=True):
    """`DESCRIBE [EXTENDED|HISTORY|DETAIL] …`; `style` is one of these words or empty."""

    name: Name
    style: str = ""


class Show(msgspec.Struct, frozen=True, tag=True):
    """`SHOW CATALOGS|SCHEMAS|TABLES|VIEWS|MODEL SERVICES|COLUMNS|CREATE TABLE`: what is listed, where, and a `LIKE` pattern (`*` and `|`)."""

    what: str
    within: Name
    pattern: str = ""


class ShowGrants(msgspec.Struct, frozen=True, tag=True):
    """`SHOW GRANTS [principal] ON …`."""

    name: Name
    principal: str = ""


class Grant(msgspec.Struct, frozen=True, tag=True):
    """`GRANT privileges ON securable TO principal`."""

    privileges: tuple[str, ...]
    name: Name
    principal: str


class Revoke(msgspec.Struct, frozen=True, tag=True):
    """`REVOKE privileges ON securable FROM principal`."""

    privileges: tuple[str, ...]
    name: Name
    principal: str


class Optimize(msgspec.Struct, frozen=True, tag=True):
    """`OPTIMIZE t [ZORDER BY (columns)]`."""

    name: Name
    zorder_by: tuple[str, ...] = ()


class Vacuum(msgspec.Struct, frozen=True, tag=True):
    """`VACUUM t [RETAIN n HOURS] [DRY RUN]`; no `retain_hours` means the table's own retention."""

    name: Name
    retain_hours: float | None = None
    dry_run: bool = False


Statement = (
    QueryStatement | InsertRows | CreateTableAs | UseDefault | CreateCatalog | CreateSchema | CreateTable | CreateView | AlterView | Drop | SetProperties | AddColumns | SetOwner
    | Describe | Show | ShowGrants | Grant | Revoke | Optimize | Vacuum
)  # fmt: skip
