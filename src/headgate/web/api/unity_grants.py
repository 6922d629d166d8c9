"""Permissions of the Unity Catalog interface: what is granted on a securable, what reaches it, and changes of it. Decides nothing itself."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import msgspec

from headgate.admin.catalog import CatalogAdmin
from headgate.admin.grants import GrantAdmin, Granted, HolderChange
from headgate.admin.system_services import SYSTEM_AI, SystemServices, own_name
from headgate.catalog import names
from headgate.catalog.names import METASTORE, Name
from headgate.core.errors import BadRequest, NotFound
from headgate.core.scopes import SQL
from headgate.web.api import unity_info
from headgate.web.api.routes import ApiAnswer, ApiRequest, ApiRoute
from headgate.web.api.unity_bodies import PermissionsBody

_LEVELS = {"metastore": 0, "catalog": 1, "schema": 2, "table": 3}
_SERVICE = "model_service"  # as databricks-sdk 0.162 and the Terraform provider name it


class ServiceGrants(msgspec.Struct, frozen=True):
    """What privileges on endpoints need: the use-cases for those in no schema of the catalog, and how a change is put in force."""

    system: SystemServices
    changed: Callable[[], Awaitable[None]]


def grant_routes(root: str, catalog: CatalogAdmin, grants: GrantAdmin, services: ServiceGrants) -> tuple[ApiRoute, ...]:
    """The routes of permissions."""
    desk = _Permissions(catalog, grants, services)
    return (
        ApiRoute("GET", f"{root}/permissions/{{kind}}/{{name}}", SQL, desk.get),
        ApiRoute("PATCH", f"{root}/permissions/{{kind}}/{{name}}", SQL, desk.change),
        ApiRoute("GET", f"{root}/effective-permissions/{{kind}}/{{name}}", SQL, desk.effective),
    )


class _Permissions:
    """The calls."""

    def __init__(self, catalog: CatalogAdmin, grants: GrantAdmin, services: ServiceGrants) -> None:
        self._catalog = catalog
        self._grants = grants
        self._services = services

    async def get(self, request: ApiRequest) -> ApiAnswer:
        """What is granted on the securable itself."""
        found = await self._listed(request, request.query.get("principal", ""))
        return ApiAnswer({"privilege_assignments": unity_info.assignments(found)})

    async def effective(self, request: ApiRequest) -> ApiAnswer:
        """What reaches it, with where it comes from."""
        holder, endpoint = request.query.get("principal", ""), _endpoint(request)
        if endpoint:
            name = own_name(endpoint)
            found = await asyncio.to_thread(self._services.system.effective, request.principal, endpoint, holder)
        else:
            name = await self._securable(request)
            found = await self._grants.effective(request.principal, name, holder)
        return ApiAnswer({"privilege_assignments": unity_info.effective(found, name)})

    async def change(self, request: ApiRequest) -> ApiAnswer:
        """Grant and take back, all of it or nothing. It is in force for endpoints when it is answered."""
        endpoint = _endpoint(request)
        body: PermissionsBody = request.read(PermissionsBody)
        changes = [HolderChange(each.principal, each.add or (), each.remove or ()) for each in body.changes or ()]
        if endpoint:
            await asyncio.to_thread(self._services.system.change, request.principal, endpoint, changes)
        else:
            await self._grants.change(request.principal, await self._securable(request), changes)
        await self._services.changed()
        return ApiAnswer({"privilege_assignments": unity_info.assignments(await self._listed(request))})

    async def _listed(self, request: ApiRequest, holder: str = "") -> Sequence[Granted]:
        endpoint = _endpoint(request)
        if endpoint:
            return await asyncio.to_thread(self._services.system.listed, request.principal, endpoint, holder)
        return await self._grants.listed(request.principal, await self._securable(request), holder)

    async def _securable(self, request: ApiRequest) -> Name:
        kind, full_name = request.parameters["kind"].lower(), request.parameters["name"]
        if kind == _SERVICE:
            return names.parse_service(full_name)
        if kind not in _LEVELS:
            raise BadRequest(f"A securable is a {', '.join((*_LEVELS, _SERVICE))}; {kind[:32]!r} is not kept here.", code="INVALID_PARAMETER_VALUE")
        if kind != "metastore":
            return names.parse(full_name, _LEVELS[kind])
        if full_name != (await self._catalog.snapshot()).metastore.id:
            raise NotFound(f"Metastore {full_name[:64]!r} does not exist.", code="METASTORE_DOES_NOT_EXIST")
        return METASTORE


def _endpoint(request: ApiRequest) -> str:
    """The endpoint that a model service of `system.ai` is; empty for every other securable."""
    prefix, name = f"{SYSTEM_AI}.", request.parameters["name"]
    return name.removeprefix(prefix) if request.parameters["kind"].lower() == _SERVICE and name.startswith(prefix) else ""
