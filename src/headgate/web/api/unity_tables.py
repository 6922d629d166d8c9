"""Tables of the Unity Catalog interface: listed, summarised, looked at, made, named where they lie, given away, dropped; and what readers need to reach them."""

import asyncio

import msgspec

from headgate.admin.catalog import CatalogAdmin, Change
from headgate.admin.locations import url_of
from headgate.admin.tables import TableAdmin
from headgate.catalog import names
from headgate.catalog.entries import Entry
from headgate.catalog.names import Name
from headgate.catalog.privileges import MODIFY, SELECT, USE_CATALOG, USE_SCHEMA
from headgate.core.clock import Clock
from headgate.core.errors import BadRequest, GatewayError, NotFound
from headgate.core.like_patterns import like
from headgate.core.scopes import SQL
from headgate.web.api import unity_info
from headgate.web.api.listings import page_of
from headgate.web.api.routes import ApiAnswer, ApiRequest, ApiRoute
from headgate.web.api.unity_bodies import ChangeBody, CredentialBody, TableBody, creation

_PAGE = 100  # tables come with their columns, and those can be many
_CREDENTIAL_MS = 3_600_000


def table_routes(root: str, catalog: CatalogAdmin, tables: TableAdmin, clock: Clock) -> tuple[ApiRoute, ...]:
    """The routes of tables."""
    desk = _Tables(catalog, tables, clock)
    return (
        ApiRoute("GET", f"{root}/tables", SQL, desk.listed),
        ApiRoute("POST", f"{root}/tables", SQL, desk.create),
        ApiRoute("GET", f"{root}/tables/{{name}}", SQL, desk.get),
        ApiRoute("PATCH", f"{root}/tables/{{name}}", SQL, desk.change),
        ApiRoute("DELETE", f"{root}/tables/{{name}}", SQL, desk.drop),
        ApiRoute("GET", f"{root}/tables/{{name}}/exists", SQL, desk.exists),
        ApiRoute("GET", f"{root}/table-summaries", SQL, desk.summaries),
        ApiRoute("POST", f"{root}/temporary-table-credentials", SQL, desk.credentials),
        ApiRoute("POST", "/api/2.0/unity-catalog/temporary-table-credentials", SQL, desk.credentials),
    )


class _Tables:
    """The calls."""

    def __init__(self, catalog: CatalogAdmin, tables: TableAdmin, clock: Clock) -> None:
        self._catalog = catalog
        self._tables = tables
        self._clock = clock

    async def listed(self, request: ApiRequest) -> ApiAnswer:
        """Tables and views of a schema that the caller may do something with."""
        within = names.of_parts((request.query.get("catalog_name", ""), request.query.get("schema_name", "")), 2)
        snapshot = await self._catalog.snapshot()
        snapshot.require(request.principal, USE_SCHEMA, within)
        columns = not request.flag("omit_columns")
        found, token = page_of(await self._catalog.listed(snapshot, request.principal, within), request, _PAGE, columns=columns)

        def written() -> bytes:
            infos = [unity_info.table_info(entry, snapshot.metastore.id, columns=columns) for entry in found]
            return msgspec.json.encode({"tables": infos, "next_page_token": token})

        return ApiAnswer(await asyncio.to_thread(written))

    async def summaries(self, request: ApiRequest) -> ApiAnswer:
        """Names and kinds of tables in a catalog, by patterns with `%` and `_`."""
        within = names.parse(request.query.get("catalog_name", ""), 1)
        snapshot = await self._catalog.snapshot()
        snapshot.require(request.principal, USE_CATALOG, within)
        schemas = like(request.query.get("schema_name_pattern", ""))
        tables = like(request.query.get("table_name_pattern", ""))

        def found() -> list[Entry]:
            return [
                entry
                for schema in snapshot.listed(request.principal, within)
                if schemas.matches(schema.name.leaf)
                for entry in snapshot.listed(request.principal, schema.name)
                if tables.matches(entry.name.leaf)
            ]

        page, token = page_of(await asyncio.to_thread(found), request)
        return ApiAnswer({"tables": [unity_info.summary(entry) for entry in page], "next_page_token": token})

    async def get(self, request: ApiRequest) -> ApiAnswer:
        """One table."""
        snapshot = await self._catalog.snapshot()
        return ApiAnswer(unity_info.table_info(snapshot.require_visible(request.principal, _name(request)), snapshot.metastore.id))

    async def exists(self, request: ApiRequest) -> ApiAnswer:
        """Whether there is such a table, as far as the caller may know."""
        try:
            (await self._catalog.snapshot()).require_visible(request.principal, _name(request))
        except NotFound:
            return ApiAnswer({"table_exists": False})
        return ApiAnswer({"table_exists": True})

    async def create(self, request: ApiRequest) -> ApiAnswer:
        """A new table, or an existing Delta table, which is registered as it is."""
        body: TableBody = request.read(TableBody)
        if body.data_source_format != "DELTA":
            raise BadRequest(f"Tables are DELTA, not {body.data_source_format[:32]}.", code="INVALID_PARAMETER_VALUE")
        if body.table_type not in {"MANAGED", "EXTERNAL"}:
            raise BadRequest(f"A table is MANAGED or EXTERNAL, not {body.table_type[:32]}.", code="INVALID_PARAMETER_VALUE")
        if (body.table_type == "EXTERNAL") != bool(body.storage_location):
            raise BadRequest("An EXTERNAL table has a storage_location, a MANAGED one has none.", code="INVALID_PARAMETER_VALUE")
        entry = await (self._named(request, body) if body.table_type == "EXTERNAL" else self._tables.create(request.principal, creation(body)))
        return ApiAnswer(unity_info.table_info(entry, (await self._catalog.snapshot()).metastore.id))

    async def change(self, request: ApiRequest) -> ApiAnswer:
        """Another owner or comment."""
        body: ChangeBody = request.read(ChangeBody)
        entry = await self._catalog.change(request.principal, _name(request), Change(owner=body.owner, comment=body.comment))
        return ApiAnswer(unity_info.table_info(entry, (await self._catalog.snapshot()).metastore.id))

    async def drop(self, request: ApiRequest) -> ApiAnswer:
        """Drop it."""
        await self._tables.drop(request.principal, _name(request))
        return ApiAnswer()

    async def credentials(self, request: ApiRequest) -> ApiAnswer:
        """The location of a table, for a principal that may read or write it. A path of this machine needs no credential; Headgate never returns its own."""
        body: CredentialBody = request.read(CredentialBody)
        snapshot = await self._catalog.snapshot()
        entry = snapshot.find_id(body.table_id)
        if entry is None or entry.table is None:
            raise NotFound(f"Table {body.table_id[:64]!r} does not exist.", code="TABLE_DOES_NOT_EXIST")
        if body.operation not in {"READ", "READ_WRITE"}:
            raise BadRequest(f"An operation is READ or READ_WRITE, not {body.operation[:32]!r}.", code="INVALID_PARAMETER_VALUE")
        snapshot.require(request.principal, SELECT, entry.name)
        if body.operation == "READ_WRITE":
            snapshot.require(request.principal, MODIFY, entry.name)
        return ApiAnswer(self._reachable(entry))

    async def _named(self, request: ApiRequest, body: TableBody) -> Entry:
        location = body.storage_location or ""
        try:
            return await self._tables.adopt(request.principal, body.full_name, location, body.comment or "", body.properties or {})
        except BadRequest as error:
            if error.code != "DELTA_TABLE_NOT_FOUND" or not body.columns:
                raise
        return await self._tables.create(request.principal, creation(body))

    def _reachable(self, entry: Entry) -> dict[str, object]:
        if entry.is_view:
            raise BadRequest(f"{entry.name.sql} is a view; it has no files.", code="INVALID_PARAMETER_VALUE")
        if not entry.location.startswith("/"):
            raise GatewayError(
                f"{entry.name.sql} lies at {entry.location}. Headgate hands out no credentials for object storage; readers bring their own.",
                status=501,
                code="NOT_IMPLEMENTED",
            )
        return {"url": url_of(entry.location), "expiration_time": self._clock.wall_ns() // 1_000_000 + _CREDENTIAL_MS}


def _name(request: ApiRequest) -> Name:
    return names.parse(request.parameters["name"], 3)
