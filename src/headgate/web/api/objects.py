"""`/api/2.0/headgate/{endpoints,grants,limits,budgets}`: governed objects in the shape that they have in the file, one interface for every kind."""

from collections.abc import Sequence

from headgate.admin.declared import DeclaredObject
from headgate.config.objects import KINDS, ObjectKind
from headgate.core.scopes import ADMIN, ANY
from headgate.web.api.object_calls import ObjectCalls, no_endpoint, require_administrator
from headgate.web.api.paging import paged
from headgate.web.api.routes import ApiAnswer, ApiRequest, ApiRoute

_ROOT = "/api/2.0/headgate"


def object_routes(calls: ObjectCalls) -> tuple[ApiRoute, ...]:
    """The routes of all kinds. Those of endpoints are for everyone: each caller sees what they may query, and changes what they may manage."""
    return tuple(route for kind in KINDS.values() for route in _routes(calls, kind))


def mask_of(request: ApiRequest) -> list[str] | None:
    """The fields that `update_mask` names; `None` without one."""
    stated = request.query.get("update_mask")
    return None if stated is None else [each.strip() for each in stated.split(",") if each.strip()]


def _routes(calls: ObjectCalls, kind: ObjectKind) -> tuple[ApiRoute, ...]:
    one = _Endpoints(calls, kind) if kind.word == "endpoint" else _Objects(calls, kind)
    access = ANY if kind.word == "endpoint" else ADMIN
    path = f"{_ROOT}/{kind.section}"
    return (
        ApiRoute("GET", path, access, one.listed),
        ApiRoute("POST", path, access, one.create),
        ApiRoute("GET", f"{path}/{{which}}", access, one.get),
        ApiRoute("PATCH", f"{path}/{{which}}", access, one.change),
        ApiRoute("DELETE", f"{path}/{{which}}", access, one.delete),
    )


class _Objects:
    """The calls of one kind, for administrators."""

    def __init__(self, calls: ObjectCalls, kind: ObjectKind) -> None:
        self._calls = calls
        self._kind = kind

    async def listed(self, request: ApiRequest) -> ApiAnswer:
        """Those of the file, then those of the store, a page at a time."""
        found = self._seen(request, await self._calls.read(lambda: self._calls.objects.listed(self._kind.word)))
        page, token = paged(found, request, lambda each: each.id)
        return ApiAnswer({self._kind.section: [each.described() for each in page], "next_page_token": token})

    async def create(self, request: ApiRequest) -> ApiAnswer:
        """A new object; the body is its entry."""
        document = request.json()
        require_administrator(request, f"create {self._kind.section}")
        made = await self._calls.write(lambda: self._calls.objects.create(self._kind.word, document, request.principal.name))
        return ApiAnswer(made.described())

    async def get(self, request: ApiRequest) -> ApiAnswer:
        """One object, by id or name."""
        return ApiAnswer((await self._found(request)).described())

    async def change(self, request: ApiRequest) -> ApiAnswer:
        """The fields of the body, or those of `update_mask`; only at the revision of an `etag`."""
        before, fields = await self._managed(request), request.json()
        mask, etag, by = mask_of(request), request.query.get("etag", ""), request.principal.name
        changed = await self._calls.write(
            lambda: self._calls.objects.change(self._kind.word, before.id, fields, by, mask=mask, etag=etag),
        )
        return ApiAnswer(changed.described())

    async def delete(self, request: ApiRequest) -> ApiAnswer:
        """Gone."""
        before, etag = await self._managed(request), request.query.get("etag", "")
        await self._calls.write(lambda: self._calls.objects.delete(self._kind.word, before.id, request.principal.name, etag))
        return ApiAnswer()

    async def _found(self, request: ApiRequest) -> DeclaredObject:
        return await self._calls.read(lambda: self._calls.objects.find(self._kind.word, request.parameters["which"]))

    async def _managed(self, request: ApiRequest) -> DeclaredObject:
        """The object that the caller is about to change."""
        return await self._found(request)

    def _seen(self, request: ApiRequest, found: Sequence[DeclaredObject]) -> Sequence[DeclaredObject]:  # ruff: ignore[unused-method-argument] see _Endpoints
        return found


class _Endpoints(_Objects):
    """The calls of endpoints, for everyone: what a caller does not see does not exist for them."""

    async def change(self, request: ApiRequest) -> ApiAnswer:
        """The same. Another name is an administrator's to give: grants, limits and the catalog go by the name."""
        name = request.json().get("name")
        if name is not None and name != (await self._managed(request)).name:
            require_administrator(request, "rename endpoints")
        return await super().change(request)

    async def _found(self, request: ApiRequest) -> DeclaredObject:
        which = request.parameters["which"]
        if request.principal.is_administrator:
            return await super()._found(request)
        seen = self._calls.seen_by(request)
        found = await self._calls.read(lambda: self._calls.objects.all_of(self._kind.word))
        one = next((each for each in found if which in {each.id, each.name} and seen(each.name)), None)
        if one is None:
            raise no_endpoint(which)
        return one

    async def _managed(self, request: ApiRequest) -> DeclaredObject:
        found = await self._found(request)
        self._calls.require_managed(request, found.name)
        return found

    def _seen(self, request: ApiRequest, found: Sequence[DeclaredObject]) -> Sequence[DeclaredObject]:
        seen = self._calls.seen_by(request)
        return [each for each in found if seen(each.name)]
