"""The pages of the catalog: catalogs, schemas and tables with their columns, details, history, privileges and first rows.

What a page shows is what the principal may see. Privileges are given and taken by the same use-case as with SQL and the workspace API.
"""

from collections.abc import Sequence
from urllib.parse import quote

import msgspec

from headgate.admin.catalog import CatalogAdmin
from headgate.admin.grants import GrantAdmin
from headgate.admin.page_queries import PageQueries, PageQuery
from headgate.catalog import names, types
from headgate.catalog.entries import Entry
from headgate.catalog.holders import name_of
from headgate.catalog.names import METASTORE, Name
from headgate.catalog.privileges import MANAGE, SELECT
from headgate.core.errors import GatewayError, NotFound
from headgate.core.scopes import SQL
from headgate.web.ui.answers import PageAnswer, redirect
from headgate.web.ui.routes import PageRequest, PageRoute
from headgate.web.ui.statement_runs import StatementRuns

_VIEWS = ("columns", "sample", "details", "history", "privileges")
_SAMPLE_ROWS = 50
_WAIT_S = 20.0
_SHOWN_ENTRIES = 1_000


class CatalogParts(msgspec.Struct, frozen=True):
    """What the pages are made from."""

    catalog: CatalogAdmin
    grants: GrantAdmin
    queries: PageQueries
    runs: StatementRuns


class ListedEntry(msgspec.Struct, frozen=True):
    """A line of a listing."""

    name: str
    path: str
    kind: str
    owner: str
    comment: str
    changed_at_ms: int


class ShownTable(msgspec.Struct, frozen=True):
    """Rows of any page: names of columns, and values as text."""

    columns: tuple[str, ...] = ()
    rows: tuple[tuple[object, ...], ...] = ()
    problem: str = ""


def catalog_routes(parts: CatalogParts) -> tuple[PageRoute, ...]:
    """`/catalog` and what is below it."""
    made = _CatalogPages(parts)
    return (
        PageRoute("GET", "/catalog", SQL, made.listing),
        PageRoute("GET", "/catalog/{catalog}", SQL, made.listing),
        PageRoute("GET", "/catalog/{catalog}/{schema}", SQL, made.listing),
        PageRoute("GET", "/catalog/{catalog}/{schema}/{table}", SQL, made.table),
        PageRoute("POST", "/catalog/{catalog}/{schema}/{table}/grants", SQL, made.change_grants),
    )


class _CatalogPages:
    """What makes each page."""

    def __init__(self, parts: CatalogParts) -> None:
        self._parts = parts

    async def listing(self, request: PageRequest) -> PageAnswer:
        """What is directly in a catalog, in a schema, or in all."""
        catalog, principal = self._parts.catalog, request.principal
        snapshot = await catalog.snapshot()
        place = _name(request) if request.parameters else METASTORE
        entry = snapshot.require_visible(principal, place) if request.parameters else None
        found = await catalog.listed(snapshot, principal, place)
        services = await catalog.listed_services(snapshot, principal, place) if place.kind == "SCHEMA" else []
        listed = [_listed(each) for each in [*found, *services][:_SHOWN_ENTRIES]]
        return request.framed(
            "catalog.html",
            str(place) or "Catalog",
            place=place,
            entry=entry,
            owner=name_of(entry.owner) if entry is not None else "",
            parents=_parents(place),
            listed=listed,
            hidden=max(0, len(found) + len(services) - len(listed)),
        )

    async def table(self, request: PageRequest) -> PageAnswer:
        """One table or view."""
        principal, name = request.principal, _name(request)
        snapshot = await self._parts.catalog.snapshot()
        entry = snapshot.require_visible(principal, name)
        if entry.table is None:
            raise NotFound(f"{name} is no table.")
        view = request.query.get("show", "columns")
        return request.framed(
            "catalog_table.html",
            str(name),
            entry=entry,
            owner=name_of(entry.owner),
            parents=_parents(name),
            views=_VIEWS,
            view=view if view in _VIEWS else "columns",
            shown=await self._shown(request, entry, view),
            may_manage=snapshot.allows(principal, MANAGE, name),
            may_read=snapshot.allows(principal, SELECT, name),
            problem=request.query.get("problem", ""),
        )

    async def change_grants(self, request: PageRequest) -> PageAnswer:
        """Grant a privilege, or revoke one."""
        name, form = _name(request), request.form
        change = self._parts.grants.revoke if form.get("change") == "revoke" else self._parts.grants.grant
        problem = ""
        try:
            await change(request.principal, name, form.get("holder", "").strip(), [form.get("privilege", "")])
        except GatewayError as error:
            problem = f"&problem={quote(error.message)}"
        return redirect(f"{_path(name)}?show=privileges{problem}")

    async def _shown(self, request: PageRequest, entry: Entry, view: str) -> ShownTable:
        match view:
            case "sample":
                return await self._sample(request, entry)
            case "details" | "history":
                return await self._statement(
                    request, f"DESCRIBE {'DETAIL' if view == 'details' else 'HISTORY'} {entry.name.sql}", turned=view == "details"
                )
            case "privileges":
                granted = await self._parts.grants.effective(request.principal, entry.name)
                return ShownTable(
                    ("Holder", "Privilege", "Granted on"), tuple((each.holder, each.privilege, str(each.on) or "metastore") for each in granted)
                )
            case _:
                fields = entry.table.schema.fields if entry.table is not None else ()
                rows = tuple((each.name, types.text(each.type), "" if each.nullable else "NOT NULL", each.comment) for each in fields)
                return ShownTable(("Column", "Type", "", "Comment"), rows)

    async def _sample(self, request: PageRequest, entry: Entry) -> ShownTable:
        query = PageQuery(text=f"SELECT * FROM {entry.name.sql} LIMIT {_SAMPLE_ROWS}")  # ruff: ignore[hardcoded-sql-expression] the name is quoted
        try:
            found = await self._parts.queries.rows(query, request.principal)
        except GatewayError as error:
            return ShownTable(problem=error.message)
        return ShownTable(tuple(column.name for column in found.columns), tuple(found.rows()))

    async def _statement(self, request: PageRequest, text: str, *, turned: bool) -> ShownTable:
        """The rows of a statement. `turned`: the one row becomes a line for each column."""
        runs = self._parts.runs
        run = await runs.follow((await runs.start(text, request.caller)).id, request.caller, _WAIT_S)
        if run.error or run.running:
            return ShownTable(problem=run.error or "This takes too long. Load the page again.")
        columns = tuple(column.name for column in run.columns)
        if turned and run.rows:
            return ShownTable(("", "Value"), tuple(zip(columns, run.rows[0], strict=True)))
        return ShownTable(columns, run.rows)


def _name(request: PageRequest) -> Name:
    parts = request.parameters
    return names.of_parts(tuple(parts[level] for level in ("catalog", "schema", "table") if level in parts), len(parts))


def _path(name: Name) -> str:
    return "/".join(("/catalog", *(quote(part, safe="") for part in name.parts)))


def _parents(name: Name) -> Sequence[tuple[str, str]]:
    """Each level above, by its name and address."""
    return [("Catalog", "/catalog"), *((parent.leaf, _path(parent)) for parent in name.lineage()[1:-1])] if name.parts else []


def _listed(entry: Entry) -> ListedEntry:
    kind = "model service" if entry.name.service else entry.table.table_type.lower() if entry.table is not None else entry.name.kind.lower()
    path = f"/endpoints/{quote(str(entry.name), safe='')}" if entry.name.service else _path(entry.name)
    return ListedEntry(entry.name.leaf, path, kind, name_of(entry.owner), entry.comment, entry.updated_at_ms)
