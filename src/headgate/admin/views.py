"""Makes and changes views. A view's query is checked with the rights of who writes it, and then reads with the rights of the view's owner.

So who changes the query must be the owner, or a member of the group that is; and a view is given only to who takes it, or by an administrator.
"""

from collections.abc import Sequence

import msgspec

from headgate.admin.catalog import CatalogAdmin, refuse_long, refuse_system
from headgate.admin.query_shapes import QueryShapes
from headgate.admin.statement_ports import CatalogRows, Query, Relation, Relations, ViewSource
from headgate.catalog import holders, privileges, types
from headgate.catalog.column_names import check_column
from headgate.catalog.entries import VIEW, Entry, TableFacts
from headgate.catalog.names import Name
from headgate.catalog.statements import AlterView, CreateView, ViewColumn
from headgate.catalog.types import Field, Structure
from headgate.core.errors import BadRequest, Forbidden
from headgate.core.principal import Principal

_TEXT_CHARS_MAX = 65_536


class ViewAdmin:
    """The use-cases over one catalog."""

    def __init__(self, catalog: CatalogAdmin, shapes: QueryShapes) -> None:
        self._catalog = catalog
        self._shapes = shapes

    async def create(self, asked: CreateView, query: Query) -> None:
        """Make a view, or give one another query. `query` is the statement, with its principal and what completes short names."""
        snapshot = await self._catalog.snapshot()
        there = snapshot.find(asked.name)
        if there is None or not (asked.if_not_exists or asked.or_replace):
            self._catalog.may_create(snapshot, query.principal, asked.name)
        else:
            snapshot.require(query.principal, privileges.CREATE_TABLE, asked.name.parent)
            if asked.if_not_exists:
                return
            _refuse_others(there, query.principal)
        refuse_long(asked.comment, {})
        facts = await self._facts(asked.name, asked.text, asked.columns, query)
        if there is not None:
            await self._catalog.edit(query.principal, there, lambda before: msgspec.structs.replace(before, comment=asked.comment, table=facts))
            return
        entry = self._catalog.entry(query.principal, asked.name, comment=asked.comment, properties={}, location="")
        await self._catalog.add(msgspec.structs.replace(entry, table=facts))

    async def alter(self, asked: AlterView, query: Query) -> None:
        """Give a view another query. Its columns are then those of the query."""
        entry = (await self._catalog.snapshot()).require_visible(query.principal, asked.name)
        _refuse_others(entry, query.principal)
        facts = await self._facts(asked.name, asked.text, (), query)
        await self._catalog.edit(query.principal, entry, lambda before: msgspec.structs.replace(before, table=facts))

    async def _facts(self, name: Name, text: str, columns: tuple[ViewColumn, ...], query: Query) -> TableFacts:
        if len(text) > _TEXT_CHARS_MAX:
            raise BadRequest(f"The query of a view has at most {_TEXT_CHARS_MAX} characters.", code="INVALID_PARAMETER_VALUE")
        alone = msgspec.structs.replace(query, text=text, parameters=())
        found = await self._shapes.columns(alone, lambda relations: _WithoutItself(relations, name))
        return TableFacts(
            table_type=VIEW,
            columns=types.to_delta_json(Structure(_named(name, found, columns))),
            view_text=text,
            view_defaults=tuple(query.defaults),
            view_outputs=tuple(field.name for field in found),
        )


class _WithoutItself:
    """The catalog as a principal sees it, for the query of a view: the view itself is not in it."""

    def __init__(self, relations: Relations, view: Name) -> None:
        self._relations = relations
        self._view = view

    def resolve(self, name: Name) -> Relation:
        """What a name in the query means."""
        self._refuse(name)
        return self._relations.resolve(name)

    def resolve_inside(self, view: ViewSource, name: Name) -> Relation:
        """What a name in the text of a view means that the query reads."""
        self._refuse(name)
        return self._relations.resolve_inside(view, name)

    def rows(self, name: Name) -> Sequence[tuple[object, ...]]:
        """The rows of a relation of the catalog."""
        return self._relations.rows(name) if isinstance(self._relations, CatalogRows) else ()

    def _refuse(self, name: Name) -> None:
        if name == self._view:
            raise BadRequest(f"[RECURSIVE_VIEW] View {name.sql} would read itself.", code="RECURSIVE_VIEW")


def _refuse_others(entry: Entry, principal: Principal) -> None:
    refuse_system(entry.name)
    if not entry.is_view:
        raise BadRequest(f"[EXPECT_VIEW_NOT_TABLE] {entry.name.sql} is not a view.", code="EXPECT_VIEW")
    if entry.owner not in holders.holders_of(principal):
        raise Forbidden(
            f"[INSUFFICIENT_PERMISSIONS] View {entry.name.sql} reads with the rights of its owner, so only its owner changes its query. "
            f"Take it over first: ALTER VIEW {entry.name.sql} OWNER TO `{principal.name}`",
            code="INSUFFICIENT_PERMISSIONS",
        )


def _named(view: Name, found: tuple[Field, ...], columns: tuple[ViewColumn, ...]) -> tuple[Field, ...]:
    """The columns of the view: those of its query, under the names that the statement gives."""
    if columns and len(columns) != len(found):
        raise BadRequest(
            f"[CREATE_VIEW_COLUMN_ARITY_MISMATCH] View {view.sql} names {len(columns)} columns, and its query has {len(found)}.",
            code="CREATE_VIEW_COLUMN_ARITY_MISMATCH",
        )
    if columns:
        renamed = (Field(column.name, field.type, comment=column.comment) for column, field in zip(columns, found, strict=True))
        return tuple(msgspec.structs.replace(check_column(field), comment=field.comment) for field in renamed)
    seen: set[str] = set()
    for field in found:
        check_column(field)
        if field.name.lower() in seen:
            raise BadRequest(
                f"[COLUMN_ALREADY_EXISTS] The query of view {view.sql} has two columns {field.name}. Give one another name with AS.",
                code="COLUMN_ALREADY_EXISTS",
            )
        seen.add(field.name.lower())
    return tuple(Field(field.name, field.type) for field in found)
