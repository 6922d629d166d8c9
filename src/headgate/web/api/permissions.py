"""`/api/2.0/permissions/serving-endpoints/{id}`: the permissions on an endpoint as Databricks shows and takes them. Decides nothing."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import msgspec

from headgate.admin.endpoint_permissions import EndpointPermissions, Permission
from headgate.core.endpoint_grant import CAN_MANAGE
from headgate.core.errors import BadRequest
from headgate.core.principal import ADMINS, SERVICE_PRINCIPAL, USER, Principal
from headgate.core.principal_name import GROUP, PrincipalName
from headgate.core.scopes import ADMIN, ANY, INFERENCE
from headgate.policy.permit import require_scope
from headgate.web.api.routes import ApiAnswer, ApiRequest, ApiRoute

_ROOT = "/api/2.0/permissions/serving-endpoints/{id}"
_FIELDS = {USER: "user_name", GROUP: "group_name", SERVICE_PRINCIPAL: "service_principal_name"}
_ADMINISTRATORS = {
    "group_name": ADMINS,
    "all_permissions": [{"permission_level": CAN_MANAGE, "inherited": True, "inherited_from_object": ["/serving-endpoints/"]}],
}


class AccessControlEntry(msgspec.Struct, frozen=True):
    """One entry: one of the three names, and a level."""

    user_name: str | None = None
    group_name: str | None = None
    service_principal_name: str | None = None
    permission_level: str | None = None


class AccessControlList(msgspec.Struct, frozen=True):
    """What a change is."""

    access_control_list: tuple[AccessControlEntry, ...] | None = None


def permission_routes(permissions: EndpointPermissions, changed: Callable[[], Awaitable[None]]) -> tuple[ApiRoute, ...]:
    """The routes. `changed` is called after each change, so that it is in force when the caller has its answer."""

    async def get(request: ApiRequest) -> ApiAnswer:
        return _answer(request, *await asyncio.to_thread(permissions.shown, _caller(request), request.parameters["id"]))

    async def put(request: ApiRequest) -> ApiAnswer:
        found = await asyncio.to_thread(permissions.replace, _caller(request), request.parameters["id"], _wanted(request))
        await changed()
        return _answer(request, *found)

    async def patch(request: ApiRequest) -> ApiAnswer:
        found = await asyncio.to_thread(permissions.update, _caller(request), request.parameters["id"], _wanted(request))
        await changed()
        return _answer(request, *found)

    async def levels(request: ApiRequest) -> ApiAnswer:
        found = await asyncio.to_thread(permissions.levels, _caller(request), request.parameters["id"])
        return ApiAnswer({"permission_levels": [{"permission_level": level, "description": text} for level, text in found.items()]})

    return (
        ApiRoute("GET", _ROOT, ANY, get),
        ApiRoute("PUT", _ROOT, ANY, put),
        ApiRoute("PATCH", _ROOT, ANY, patch),
        ApiRoute("GET", f"{_ROOT}/permissionLevels", ANY, levels),
    )


def _caller(request: ApiRequest) -> Principal:
    """The caller. A token for telemetry or SQL alone manages no endpoints; one for models may, and one for administration."""
    if ADMIN not in request.principal.scopes:
        require_scope(request.principal, INFERENCE)
    return request.principal


def _wanted(request: ApiRequest) -> list[Permission]:
    body: AccessControlList = request.read(AccessControlList)
    return [_permission(each) for each in body.access_control_list or ()]


def _permission(entry: AccessControlEntry) -> Permission:
    names = [PrincipalName(name, kind) for kind, field in _FIELDS.items() if (name := getattr(entry, field))]
    if len(names) != 1 or not entry.permission_level:
        raise BadRequest(
            "An entry of access_control_list has one of user_name, group_name and service_principal_name, and a permission_level.",
            code="INVALID_PARAMETER_VALUE",
        )
    return Permission(names[0], entry.permission_level)


def _answer(request: ApiRequest, _name: str, found: Sequence[Permission]) -> ApiAnswer:
    entries: dict[PrincipalName, dict[str, Any]] = {}
    for each in found:
        entry = entries.setdefault(each.principal, {_FIELDS[each.principal.kind]: each.principal.name, "all_permissions": []})
        inherited: dict[str, Any] = {"inherited": bool(each.source)} | ({"inherited_from_object": [each.source]} if each.source else {})
        entry["all_permissions"].append({"permission_level": each.level, **inherited})
    return ApiAnswer({
        "object_id": f"/serving-endpoints/{request.parameters['id']}",
        "object_type": "serving-endpoint",
        "access_control_list": [*entries.values(), _ADMINISTRATORS],
    })
