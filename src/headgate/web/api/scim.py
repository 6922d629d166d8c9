"""`/api/2.0/preview/scim/v2`: users, groups and service principals, as Databricks' clients and directories that provision them ask for them (RFC 7644).

Administrators and viewers read all of them. Other callers read themselves and the groups that they are in; of others they learn the id of a name, or the
name of an id, which they know already. Administrators change principals.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from headgate.admin.principals import Described, PrincipalAdmin, PrincipalChange
from headgate.catalog.holders import groups_of
from headgate.core.errors import BadRequest
from headgate.core.group import DeclaredGroup
from headgate.core.principal import VIEWERS, Principal
from headgate.core.principal_name import GROUP
from headgate.core.scopes import ADMIN, ANY
from headgate.web.api import scim_bodies, scim_filter, scim_info
from headgate.web.api.routes import ApiAnswer, ApiRequest, ApiRoute
from headgate.web.api.scim_info import COLLECTIONS, NAMES, ROOT, Info

_PAGE_MAX: Final = 10_000
_ORDERS = ("ascending", "descending")


def scim_routes(principals: PrincipalAdmin, changed: Callable[[], Awaitable[None]]) -> tuple[ApiRoute, ...]:
    """All routes of the interface. `changed` is called after each change, so that it is in force when the caller has its answer."""
    collections = [(f"{ROOT}/{word}", _Collection(principals, kind, changed)) for kind, word in COLLECTIONS.items()]
    return tuple(
        route
        for path, calls in collections
        for route in (
            ApiRoute("GET", path, ANY, calls.list_all),
            ApiRoute("POST", path, ADMIN, calls.create),
            ApiRoute("GET", f"{path}/{{id}}", ANY, calls.get),
            ApiRoute("PATCH", f"{path}/{{id}}", ADMIN, calls.patch),
            ApiRoute("PUT", f"{path}/{{id}}", ADMIN, calls.replace),
            ApiRoute("DELETE", f"{path}/{{id}}", ADMIN, calls.delete),
        )
    )


class _Collection:
    """The calls of one kind of principals."""

    def __init__(self, principals: PrincipalAdmin, kind: str, changed: Callable[[], Awaitable[None]]) -> None:
        self._principals = principals
        self._kind = kind
        self._in_force = changed

    async def list_all(self, request: ApiRequest) -> ApiAnswer:
        """Those that the caller may see and the filter lets through, by name, a page of them."""
        alternatives = scim_filter.parsed(request.query.get("filter", ""))
        start, count = _number(request, "startIndex", 1), _number(request, "count", _PAGE_MAX)
        passes = scim_filter.passing(alternatives)
        name = scim_filter.name_asked(alternatives, NAMES[self._kind])
        visible = await asyncio.to_thread(self._named, request.principal, name) if name else await asyncio.to_thread(self._all, request.principal)
        found = sorted((one for one in visible if passes(one)), key=lambda one: str(one[NAMES[self._kind]]))
        if _order(request) == "descending":
            found.reverse()
        return ApiAnswer(scim_info.page(found, max(start, 1), min(count, _PAGE_MAX), _projection(request)))

    async def get(self, request: ApiRequest) -> ApiAnswer:
        """One of them."""
        which = request.parameters["id"]
        return ApiAnswer(_projection(request)(await asyncio.to_thread(self._one, request.principal, which)))

    async def create(self, request: ApiRequest) -> ApiAnswer:
        """Create one."""
        new = scim_bodies.new_principal(request.read(scim_bodies.PrincipalBody), self._kind)
        made = await asyncio.to_thread(self._principals.create, request.principal, new)
        await self._in_force()
        return ApiAnswer(scim_info.whole(made), status=201)

    async def patch(self, request: ApiRequest) -> ApiAnswer:
        """Change what the operations name."""
        body, one = request.read(scim_bodies.PatchBody), await self._stored(request)
        return await self._change(request, one, scim_bodies.patch(body, self._kind, one.row.name))

    async def replace(self, request: ApiRequest) -> ApiAnswer:
        """Replace all that can change."""
        body, one = request.read(scim_bodies.PrincipalBody), await self._stored(request)
        return await self._change(request, one, scim_bodies.replacement(body, self._kind, one.row.name))

    async def delete(self, request: ApiRequest) -> ApiAnswer:
        """Delete one."""
        await asyncio.to_thread(self._principals.delete, request.principal, request.parameters["id"], self._kind)
        await self._in_force()
        return ApiAnswer(b"", status=204)

    async def _change(self, request: ApiRequest, one: Described, change: PrincipalChange) -> ApiAnswer:
        changed = await asyncio.to_thread(self._principals.change, request.principal, one.row.id, change, self._kind)
        await self._in_force()
        return ApiAnswer(scim_info.whole(changed))

    async def _stored(self, request: ApiRequest) -> Described:
        return await asyncio.to_thread(self._principals.show, request.parameters["id"], self._kind)

    def _all(self, caller: Principal) -> list[Info]:
        """Everything that the caller may see."""
        declared = self._declared(caller)
        names = {group["displayName"] for group in declared}
        if _reads_all(caller):
            stored: Sequence[Described] = self._principals.list(self._kind)
        else:
            own = sorted(caller.groups) if self._kind == GROUP else [caller.name]
            stored = [one for name in own if (one := self._principals.find(name, self._kind)) is not None]
        return [*(self._shown(caller, one) for one in stored if self._kind != GROUP or one.row.name not in names), *declared]

    def _named(self, caller: Principal, name: str) -> list[Info]:
        """The one of this name, if there is one."""
        declared = [group for group in self._declared(caller, name) if group["displayName"] == name]
        one = None if declared else self._principals.find(name, self._kind)
        return declared if one is None else [self._shown(caller, one)]

    def _one(self, caller: Principal, which: str) -> Info:
        """The one with this id, or of this name."""
        declared = [group for group in self._declared(caller, which) if group["displayName"] == which]
        return declared[0] if declared else self._shown(caller, self._principals.show(which, self._kind))

    def _shown(self, caller: Principal, one: Described) -> Info:
        """A stored principal as far as the caller may know it. The members of a group are for administrators and viewers."""
        if _reads_all(caller) or one.row.id == caller.id:
            return scim_info.whole(one)
        if one.row.kind == GROUP and one.row.name in caller.groups:
            return {name: value for name, value in scim_info.whole(one).items() if name != "members"}
        return scim_info.brief(one.row)

    def _declared(self, caller: Principal, name: str = "") -> list[Info]:
        """The groups of the file that the caller may see, and the one of this name."""
        groups: Sequence[DeclaredGroup] = self._principals.declared() if self._kind == GROUP else ()
        every = _reads_all(caller)
        return [scim_info.declared(group, members=every) for group in groups if every or group.name in {name, *caller.groups}]


def _reads_all(caller: Principal) -> bool:
    return caller.is_administrator or VIEWERS in groups_of(caller)


def _projection(request: ApiRequest) -> Callable[[Info], Info]:
    return scim_info.projection(request.query.get("attributes", ""), request.query.get("excludedAttributes", ""))


def _order(request: ApiRequest) -> str:
    order = request.query.get("sortOrder", "") or _ORDERS[0]
    if order not in _ORDERS:
        raise BadRequest(f"sortOrder is {' or '.join(_ORDERS)}, not {order[:32]!r}.", code="INVALID_PARAMETER_VALUE")
    return order


def _number(request: ApiRequest, name: str, usual: int) -> int:
    text = request.query.get(name, "")
    if text and not (text.isascii() and text.isdigit()):
        raise BadRequest(f"{name} is a number, not {text[:32]!r}.", code="INVALID_PARAMETER_VALUE")
    return int(text[:9]) if text else usual
