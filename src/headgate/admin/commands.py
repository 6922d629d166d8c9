"""Runs the statements that are not queries. Each is one use-case of the catalog, and its answer is rows. Runs no query."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from headgate.admin import listings
from headgate.admin.catalog import CatalogAdmin, Change, NewContainer
from headgate.admin.grants import GrantAdmin
from headgate.admin.locations import Locations
from headgate.admin.statement_ports import Rows
from headgate.admin.system_services import SYSTEM_AI
from headgate.admin.tables import TableAdmin
from headgate.catalog import statements
from headgate.catalog.entries import Entry
from headgate.catalog.names import METASTORE, Name
from headgate.catalog.privileges import MANAGE, USE_CATALOG, USE_SCHEMA
from headgate.catalog.statements import Statement
from headgate.core.errors import BadRequest
from headgate.core.principal import Principal

Runner = Callable[[Principal, Any], Awaitable[Rows]]

_SHAPES: dict[str, Callable[[list[Entry]], Rows]] = {
    "CATALOGS": listings.catalogs,
    "SCHEMAS": listings.schemas,
    "TABLES": listings.tables,
    "VIEWS": listings.views,
    "MODEL SERVICES": listings.model_services,
}


class Commands:
    """The catalog's statements over its use-cases."""

    def __init__(self, catalog: CatalogAdmin, tables: TableAdmin, locations: Locations) -> None:
        self._catalog = catalog
        self._tables = tables
        self._locations = locations
        self._grants = GrantAdmin(catalog)
        self._runners: dict[type, Runner] = {
            statements.UseDefault: self._use,
            statements.CreateCatalog: self._create_place,
            statements.CreateSchema: self._create_place,
            statements.CreateTable: self._create_table,
            statements.Drop: self._drop,
            statements.SetProperties: self._set_properties,
            statements.AddColumns: self._add_columns,
            statements.SetOwner: self._set_owner,
            statements.Describe: self._describe,
            statements.Show: self._show,
            statements.ShowGrants: self._show_grants,
            statements.Grant: self._grant,
            statements.Revoke: self._revoke,
            statements.Optimize: self._optimize,
            statements.Vacuum: self._vacuum,
        }

    async def run(self, statement: Statement, principal: Principal) -> Rows:
        """The rows of a statement; none if it only changes something."""
        runner = self._runners.get(type(statement))
        if runner is None:
            raise BadRequest(f"{type(statement).__name__} is not a command.", code="UNSUPPORTED_FEATURE")
        return await runner(principal, statement)

    async def _use(self, principal: Principal, asked: statements.UseDefault) -> Rows:
        """Checks that the name is visible, and stores nothing: every request names its own catalog and schema."""
        (await self._catalog.snapshot()).require_visible(principal, asked.name)
        return Rows()

    async def _create_place(self, principal: Principal, asked: statements.CreateCatalog | statements.CreateSchema) -> Rows:
        snapshot = await self._catalog.snapshot()
        if asked.if_not_exists and snapshot.find(asked.name) is not None:
            snapshot.require_visible(principal, asked.name)
            return Rows()
        location = await asyncio.to_thread(self._locations.given, snapshot, principal, asked.location) if asked.location else ""
        await self._catalog.create(principal, NewContainer(name=asked.name, comment=asked.comment, location=location))
        return Rows()

    async def _create_table(self, principal: Principal, asked: statements.CreateTable) -> Rows:
        await self._tables.create(principal, asked)
        return Rows()

    async def _drop(self, principal: Principal, asked: statements.Drop) -> Rows:
        if asked.if_exists and (await self._catalog.snapshot()).find(asked.name) is None:
            return Rows()
        if asked.name.kind == "TABLE":
            entry = (await self._catalog.snapshot()).require(principal, MANAGE, asked.name)
            if entry.is_view != asked.view:
                kind = "VIEW" if entry.is_view else "TABLE"
                raise BadRequest(f"[WRONG_COMMAND_FOR_OBJECT_TYPE] {asked.name.sql} is a {kind.lower()}: DROP {kind}.", code="EXPECT_TABLE")
            await self._tables.drop(principal, asked.name)
        elif asked.cascade:
            await self._tables.drop_tree(principal, asked.name)
        else:
            await self._catalog.forget(principal, asked.name)
        return Rows()

    async def _set_properties(self, principal: Principal, asked: statements.SetProperties) -> Rows:
        await self._tables.set_properties(principal, asked.name, asked.properties)
        return Rows()

    async def _add_columns(self, principal: Principal, asked: statements.AddColumns) -> Rows:
        await self._tables.add_columns(principal, asked.name, asked.columns)
        return Rows()

    async def _set_owner(self, principal: Principal, asked: statements.SetOwner) -> Rows:
        await self._catalog.change(principal, asked.name, Change(owner=asked.owner))
        return Rows()

    async def _describe(self, principal: Principal, asked: statements.Describe) -> Rows:
        if asked.style == "HISTORY":
            return listings.history(await self._tables.history(principal, asked.name))
        if asked.style == "DETAIL":
            return listings.detail(*await self._tables.look(principal, asked.name))
        entry = (await self._catalog.snapshot()).require_visible(principal, asked.name)
        return listings.place(entry) if entry.table is None else listings.description(entry, extended=asked.style == "EXTENDED")

    async def _show(self, principal: Principal, asked: statements.Show) -> Rows:
        snapshot = await self._catalog.snapshot()
        if asked.what in {"COLUMNS", "CREATE TABLE"}:
            entry = snapshot.require_visible(principal, asked.within)
            return listings.columns(entry) if asked.what == "COLUMNS" else listings.create_table(entry)
        if asked.within != METASTORE:
            snapshot.require(principal, _door(asked.within), asked.within)
        listed = self._catalog.listed_services if asked.what == "MODEL SERVICES" else self._catalog.listed
        entries = await listed(snapshot, principal, asked.within)
        return _SHAPES[asked.what](await asyncio.to_thread(listings.matching, entries, asked.pattern))

    async def _show_grants(self, principal: Principal, asked: statements.ShowGrants) -> Rows:
        _refuse_system_ai(asked.name)
        return listings.grants(await self._grants.effective(principal, asked.name, asked.principal))

    async def _grant(self, principal: Principal, asked: statements.Grant) -> Rows:
        _refuse_system_ai(asked.name)
        await self._grants.grant(principal, asked.name, asked.principal, asked.privileges)
        return Rows()

    async def _revoke(self, principal: Principal, asked: statements.Revoke) -> Rows:
        _refuse_system_ai(asked.name)
        await self._grants.revoke(principal, asked.name, asked.principal, asked.privileges)
        return Rows()

    async def _optimize(self, principal: Principal, asked: statements.Optimize) -> Rows:
        done = await self._tables.optimize(principal, asked.name, asked.zorder_by)
        return listings.optimized((await self._catalog.snapshot()).require_visible(principal, asked.name), done)

    async def _vacuum(self, principal: Principal, asked: statements.Vacuum) -> Rows:
        act = self._tables.vacuum_names if asked.dry_run else self._tables.vacuum
        return listings.paths(await act(principal, asked.name, asked.retain_hours))


def _refuse_system_ai(name: Name) -> None:
    """Refuse privileges on an endpoint that is in no schema: statements do not know the grants on it."""
    if name.service and name.parent == SYSTEM_AI:
        raise BadRequest(
            f"Endpoint {name.leaf} is in no schema of the catalog. Its permissions are changed with headgate grant, in headgate.toml, or over HTTP at "
            f"/api/2.1/unity-catalog/permissions/model_service/{name}.",
            code="UNSUPPORTED_FEATURE",
        )


def _door(name: Name) -> str:
    return USE_CATALOG if name.kind == "CATALOG" else USE_SCHEMA
