"""`/api/2.1/unity-catalog`: catalogs, schemas, tables and permissions as Databricks' and the open-source Unity Catalog's clients ask for them."""

import asyncio

import msgspec

from headgate.admin.catalog import CatalogAdmin, Change, NewContainer
from headgate.admin.grants import GrantAdmin
from headgate.admin.locations import Locations
from headgate.admin.tables import TableAdmin
from headgate.catalog import names
from headgate.catalog.entries import Entry
from headgate.catalog.names import METASTORE, Name
from headgate.catalog.privileges import USE_CATALOG
from headgate.core.clock import Clock
from headgate.core.scopes import SQL
from headgate.web.api import unity_info
from headgate.web.api.listings import page_of
from headgate.web.api.routes import ApiAnswer, ApiRequest, ApiRoute
from headgate.web.api.unity_bodies import CatalogBody, ChangeBody
from headgate.web.api.unity_grants import ServiceGrants, grant_routes
from headgate.web.api.unity_tables import table_routes

ROOT = "/api/2.1/unity-catalog"


class Unity(msgspec.Struct, frozen=True):
    """What the interface is given."""

    catalog: CatalogAdmin
    tables: TableAdmin
    grants: GrantAdmin
    locations: Locations
    clock: Clock
    services: ServiceGrants


def unity_routes(unity: Unity) -> tuple[ApiRoute, ...]:
    """All routes of the interface."""
    containers = _Containers(unity)
    return (
        ApiRoute("GET", f"{ROOT}/catalogs", SQL, containers.list_catalogs),
        ApiRoute("POST", f"{ROOT}/catalogs", SQL, containers.create_catalog),
        ApiRoute("GET", f"{ROOT}/catalogs/{{name}}", SQL, containers.get_catalog),
        ApiRoute("PATCH", f"{ROOT}/catalogs/{{name}}", SQL, containers.change_catalog),
        ApiRoute("DELETE", f"{ROOT}/catalogs/{{name}}", SQL, containers.drop_catalog),
        ApiRoute("GET", f"{ROOT}/schemas", SQL, containers.list_schemas),
        ApiRoute("POST", f"{ROOT}/schemas", SQL, containers.create_schema),
        ApiRoute("GET", f"{ROOT}/schemas/{{name}}", SQL, containers.get_schema),
        ApiRoute("PATCH", f"{ROOT}/schemas/{{name}}", SQL, containers.change_schema),
        ApiRoute("DELETE", f"{ROOT}/schemas/{{name}}", SQL, containers.drop_schema),
        ApiRoute("GET", f"{ROOT}/metastore_summary", SQL, containers.metastore),
        ApiRoute("GET", f"{ROOT}/current-metastore-assignment", SQL, containers.assignment),
        *table_routes(ROOT, unity.catalog, unity.tables, unity.clock),
        *grant_routes(ROOT, unity.catalog, unity.grants, unity.services),
    )


class _Containers:
    """Catalogs and schemas, which differ in their level alone."""

    def __init__(self, unity: Unity) -> None:
        self._unity = unity

    async def list_catalogs(self, request: ApiRequest) -> ApiAnswer:
        """Catalogs that the caller may know of."""
        return await self._listed(request, METASTORE, "catalogs")

    async def list_schemas(self, request: ApiRequest) -> ApiAnswer:
        """Schemas of a catalog."""
        return await self._listed(request, names.parse(request.query.get("catalog_name", ""), 1), "schemas")

    async def get_catalog(self, request: ApiRequest) -> ApiAnswer:
        """One catalog."""
        return await self._got(request, 1)

    async def get_schema(self, request: ApiRequest) -> ApiAnswer:
        """One schema."""
        return await self._got(request, 2)

    async def create_catalog(self, request: ApiRequest) -> ApiAnswer:
        """A new catalog."""
        body: CatalogBody = request.read(CatalogBody)
        return await self._created(request, names.of_parts((body.name,), 1), body)

    async def create_schema(self, request: ApiRequest) -> ApiAnswer:
        """A new schema."""
        body: CatalogBody = request.read(CatalogBody)
        return await self._created(request, names.of_parts((body.catalog_name, body.name), 2), body)

    async def change_catalog(self, request: ApiRequest) -> ApiAnswer:
        """Another comment, owner, name or other properties."""
        return await self._changed(request, 1)

    async def change_schema(self, request: ApiRequest) -> ApiAnswer:
        """Another comment, owner, name or other properties."""
        return await self._changed(request, 2)

    async def drop_catalog(self, request: ApiRequest) -> ApiAnswer:
        """Without `force` only an empty one."""
        return await self._dropped(request, 1)

    async def drop_schema(self, request: ApiRequest) -> ApiAnswer:
        """Without `force` only an empty one."""
        return await self._dropped(request, 2)

    async def metastore(self, _request: ApiRequest) -> ApiAnswer:
        """The one metastore."""
        return ApiAnswer(unity_info.metastore_info((await self._unity.catalog.snapshot()).metastore))

    async def assignment(self, _request: ApiRequest) -> ApiAnswer:
        """Which metastore serves here."""
        metastore = (await self._unity.catalog.snapshot()).metastore
        return ApiAnswer({"metastore_id": metastore.id, "workspace_id": 0, "default_catalog_name": "main"})

    async def _listed(self, request: ApiRequest, within: Name, word: str) -> ApiAnswer:
        snapshot = await self._unity.catalog.snapshot()
        if within != METASTORE:
            snapshot.require(request.principal, USE_CATALOG, within)
        found, token = page_of(await self._unity.catalog.listed(snapshot, request.principal, within), request)
        return ApiAnswer({word: [_info(entry, snapshot.metastore.id) for entry in found], "next_page_token": token})

    async def _got(self, request: ApiRequest, levels: int) -> ApiAnswer:
        snapshot = await self._unity.catalog.snapshot()
        entry = snapshot.require_visible(request.principal, names.parse(request.parameters["name"], levels))
        return ApiAnswer(_info(entry, snapshot.metastore.id))

    async def _created(self, request: ApiRequest, name: Name, body: CatalogBody) -> ApiAnswer:
        snapshot = await self._unity.catalog.snapshot()
        location = ""
        if body.storage_root:
            location = await asyncio.to_thread(self._unity.locations.given, snapshot, request.principal, body.storage_root)
        new = NewContainer(name=name, comment=body.comment or "", properties=body.properties or {}, location=location)
        return ApiAnswer(_info(await self._unity.catalog.create(request.principal, new), snapshot.metastore.id))

    async def _changed(self, request: ApiRequest, levels: int) -> ApiAnswer:
        body: ChangeBody = request.read(ChangeBody)
        change = Change(comment=body.comment, owner=body.owner, rename_to=body.new_name, properties=body.properties)
        entry = await self._unity.catalog.change(request.principal, names.parse(request.parameters["name"], levels), change)
        return ApiAnswer(_info(entry, (await self._unity.catalog.snapshot()).metastore.id))

    async def _dropped(self, request: ApiRequest, levels: int) -> ApiAnswer:
        name = names.parse(request.parameters["name"], levels)
        if request.flag("force"):
            await self._unity.tables.drop_tree(request.principal, name)
        else:
            await self._unity.catalog.forget(request.principal, name)
        return ApiAnswer()


def _info(entry: Entry, metastore_id: str) -> unity_info.Info:
    make = unity_info.catalog_info if entry.name.kind == "CATALOG" else unity_info.schema_info
    return make(entry, metastore_id)
