"""The pages of endpoints: a list, one endpoint with its permissions, and the form that makes and changes those of the store.

Every change goes through the same use-cases as REST and the commands. What the file declares is shown with its line, and changed there.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Final, TypeVar

import msgspec

from headgate.admin.declared import DeclaredObject
from headgate.admin.endpoint_permissions import EndpointPermissions, Permission
from headgate.admin.endpoints import EndpointAdmin
from headgate.admin.objects import ObjectAdmin
from headgate.admin.page_queries import PageQueries, PageQuery
from headgate.core.endpoint import Endpoint, Provider, Target
from headgate.core.endpoint_grant import CAN_MANAGE, CAN_QUERY
from headgate.core.errors import BadRequest, GatewayError, NotFound
from headgate.core.principal import EVERYONE, Principal
from headgate.core.principal_name import WORDS, PrincipalName
from headgate.core.scopes import ADMIN
from headgate.exchange.circuits import CircuitState
from headgate.exchange.snapshot import Snapshot
from headgate.web.ui.answers import PageAnswer, redirect
from headgate.web.ui.endpoint_facts import (
    PATH,
    DayOfRequests,
    Surroundings,
    limits_of,
    path_of,
    shown_endpoint,
    stated_fields,
    unused_endpoint,
)
from headgate.web.ui.endpoint_form import FORM_FIELDS, EndpointForm, document_of, form_of, form_sent, refused, with_more_rows
from headgate.web.ui.routes import PageRequest, PageRoute

Result = TypeVar("Result")

_KIND: Final = "endpoint"
_ROWS: Final = 50  # of each list; more are found by a search
_QUERY_S: Final = 5.0  # then a page is shown without the counts
_COUNTS: Final = """
SELECT endpoint_name AS name, count(*) AS requests, count(*) FILTER (WHERE status_code >= 400 OR ended IN ('failed', 'cut', 'interrupted')) AS errors,
  max(event_time) AS last_at
FROM system.ai_gateway.usage WHERE event_time >= current_timestamp() - INTERVAL 24 HOURS AND endpoint_name IS NOT NULL GROUP BY 1
"""
_SEGMENTS: Final = ("{a}", "{a}/{b}", "{a}/{b}/{c}")  # a name may have slashes


class EndpointParts(msgspec.Struct, frozen=True):
    """What the pages are given. `follow` puts what the store holds in force."""

    objects: ObjectAdmin
    permissions: EndpointPermissions
    snapshot: Callable[[], Snapshot]
    providers: Callable[[], Sequence[Provider]]
    circuit: Callable[[Target], CircuitState]
    queries: PageQueries
    follow: Callable[[], Awaitable[None]]


def endpoint_routes(parts: EndpointParts) -> tuple[PageRoute, ...]:
    """`/endpoints` and what is below it."""
    pages = _Endpoints(parts)
    below = [f"{PATH}/{segments}" for segments in _SEGMENTS]
    return (
        PageRoute("GET", PATH, ADMIN, pages.listed),
        PageRoute("POST", PATH, ADMIN, pages.create),
        *(PageRoute("GET", path, ADMIN, pages.one) for path in below),
        *(PageRoute("POST", path, ADMIN, pages.act) for path in below),
    )


class _Endpoints:
    """The pages."""

    def __init__(self, parts: EndpointParts) -> None:
        self._parts = parts

    async def listed(self, request: PageRequest) -> PageAnswer:
        """Every endpoint, or with `new` in the query the form for another one."""
        if "new" in request.query:
            return self._form(request, form_of(_draft(request)), None)
        declared = await asyncio.to_thread(self._parts.objects.listed, _KIND)
        around, unread = await self._surroundings(request.principal)
        search = request.query.get("q", "").strip()
        wanted = search.lower()
        by_name = {each.name: each for each in reversed(declared)}  # the first one of a name counts
        every = self._parts.snapshot().endpoints.everything()
        in_force = [each for each in every if wanted in f"{each.name} {each.display_name}".lower()]
        names = {each.name for each in every}
        unused = [
            each for each in declared if wanted in each.name.lower() and (each.name not in names or (each.problem and each is not by_name[each.name]))
        ]
        found = sorted((each for each in in_force if each.name not in by_name), key=lambda each: -around.requests(each.name))
        own = [each for each in in_force if each.name in by_name]
        return request.framed(
            "endpoints.html",
            "Endpoints",
            unread=unread,
            search=search,
            declared=[*(shown_endpoint(each, around, by_name[each.name]) for each in own[:_ROWS]), *map(unused_endpoint, unused[:_ROWS])],
            found=[shown_endpoint(each, around) for each in found[:_ROWS]],
            hidden=max(0, len(own) - _ROWS) + max(0, len(unused) - _ROWS) + max(0, len(found) - _ROWS),
        )

    async def one(self, request: PageRequest) -> PageAnswer:
        """One endpoint, or with `edit` in the query its form."""
        declared = await self._declared(_name(request))
        if "edit" in request.query:
            return self._form(request, form_of(declared.document, declared.etag), declared)
        return await self._page(request, declared)

    async def create(self, request: PageRequest) -> PageAnswer:
        """A new endpoint in the store."""
        form = form_sent(request.form)
        if request.form.get("act") == "rows":
            return self._form(request, with_more_rows(form), None)
        try:
            made = await self._change(lambda: self._parts.objects.create(_KIND, document_of(form), request.principal.name))
        except GatewayError as error:
            return self._form(request, refused(form, error, error.message), None, status=error.status)
        return redirect(path_of(made.name))

    async def act(self, request: PageRequest) -> PageAnswer:
        """Change or delete an endpoint of the store, or change the permissions on one."""
        acts = {"save": self._save, "rows": self._save, "delete": self._delete, "permit": self._permit, "revoke": self._revoke}
        act = acts.get(request.form.get("act", ""))
        if act is None:
            raise BadRequest("The form does not say what to do. Load the page again.")
        return await act(request, _name(request))

    async def _save(self, request: PageRequest, name: str) -> PageAnswer:
        declared, form = await self._declared(name), msgspec.structs.replace(form_sent(request.form), name=name)
        if request.form.get("act") == "rows":
            return self._form(request, with_more_rows(form), declared)
        change = partial(self._parts.objects.change, _KIND, declared.id, document_of(form), request.principal.name, mask=FORM_FIELDS, etag=form.etag)
        try:
            await self._change(change)
        except GatewayError as error:
            return self._form(request, refused(form, error, error.message), declared, status=error.status)
        return redirect(path_of(name))

    async def _delete(self, request: PageRequest, name: str) -> PageAnswer:
        endpoints, by = EndpointAdmin(self._parts.objects), request.principal.name
        await self._change(lambda: endpoints.delete(name, by))
        return redirect(PATH)

    async def _permit(self, request: PageRequest, name: str) -> PageAnswer:
        wanted = Permission(_holder(request), request.form.get("level", ""))
        return await self._permissions(request, name, lambda: self._parts.permissions.update(request.principal, name, [wanted]))

    async def _revoke(self, request: PageRequest, name: str) -> PageAnswer:
        gone = _holder(request)

        def revoke() -> object:
            permissions = self._parts.permissions
            there = permissions.shown(request.principal, name)[1]
            rest = [each for each in there if not each.source and each.principal != gone]
            return permissions.replace(request.principal, name, rest)

        return await self._permissions(request, name, revoke)

    async def _permissions(self, request: PageRequest, name: str, change: Callable[[], object]) -> PageAnswer:
        try:
            await self._change(change)
        except GatewayError as error:
            return await self._page(request, await self._declared(name), error)
        return redirect(f"{path_of(name)}#permissions")

    async def _change(self, work: Callable[[], Result]) -> Result:
        result = await asyncio.to_thread(work)
        await self._parts.follow()
        return result

    async def _declared(self, name: str) -> DeclaredObject:
        """The declaration of an endpoint; one without an id for an endpoint that providers are known to serve. Raises NotFound."""
        try:
            return await asyncio.to_thread(self._parts.objects.find, _KIND, name)
        except NotFound:
            if self._in_force(name) is None:
                raise
            return DeclaredObject(kind=_KIND, name=name, document={})

    def _in_force(self, name: str) -> Endpoint | None:
        return next((each for each in self._parts.snapshot().endpoints.everything() if each.name == name), None)

    async def _page(self, request: PageRequest, declared: DeclaredObject, error: GatewayError | None = None) -> PageAnswer:
        around, unread = await self._surroundings(request.principal)
        endpoint = self._in_force(declared.name)
        is_declared = bool(declared.place or declared.stored)
        shown = unused_endpoint(declared) if endpoint is None else shown_endpoint(endpoint, around, declared if is_declared else None)
        names = around.snapshot.endpoints.names_of(declared.name)
        permissions: list[Permission] = []
        if endpoint is not None:
            permissions = (await asyncio.to_thread(self._parts.permissions.shown, request.principal, declared.name))[1]
        return request.framed(
            "endpoint.html",
            declared.name,
            status=error.status if error is not None else 200,
            endpoint=shown,
            declared=declared,
            fields=stated_fields(declared.document),
            tags=declared.document.get("tags", {}),
            other_names=names[1:],
            permissions=permissions,
            limits=limits_of(names, around.limits),
            unread=unread,
            problem=error.message if error is not None else "",
            words={kind: word for word, kind in WORDS.items()},
            levels=(CAN_QUERY, CAN_MANAGE),
            everyone=EVERYONE,
        )

    def _form(self, request: PageRequest, form: EndpointForm, declared: DeclaredObject | None, *, status: int = 200) -> PageAnswer:
        if declared is not None and declared.stored is None:
            raise BadRequest(f"{declared.name} is not declared in the store, and is not changed here.", status=409)
        return request.framed(
            "endpoint_form.html",
            f"Change {declared.name}" if declared is not None else "New endpoint",
            status=status,
            form=form,
            declared=declared,
            path=path_of(declared.name) if declared is not None else PATH,
            providers=[provider.name for provider in self._parts.providers()],
        )

    async def _surroundings(self, principal: Principal) -> tuple[Surroundings, str]:
        """What endpoints are shown with, and why their requests could not be counted, empty if they were."""
        objects, snapshot = self._parts.objects, self._parts.snapshot()
        grants, limits = await asyncio.to_thread(lambda: (objects.all_of("grant"), objects.all_of("limit")))
        counts: dict[str, DayOfRequests] = {}
        unread = ""
        try:
            rows = await self._parts.queries.rows(PageQuery(text=_COUNTS, timeout_s=_QUERY_S), principal)
            counts = {
                str(row["name"]): msgspec.convert({key: row[key] for key in ("requests", "errors", "last_at")}, DayOfRequests)
                for row in rows.records()
            }
        except GatewayError as error:  # all else is worth a page
            unread = error.message
        return Surroundings(snapshot, grants, limits, self._parts.circuit, counts), unread


def _name(request: PageRequest) -> str:
    return "/".join(request.parameters.values())


def _holder(request: PageRequest) -> PrincipalName:
    """The principal that a form of permissions names."""
    kind, name = request.form.get("kind", ""), request.form.get("principal", "").strip()
    if kind not in WORDS or not name:
        raise BadRequest("Say who: a user, a group or a service principal, and the name.")
    return PrincipalName(name, WORDS[kind])


def _draft(request: PageRequest) -> dict[str, object]:
    """What the address of the form states already, for an endpoint that takes the place of one that was found."""
    query = request.query
    target = {key: query[key] for key in ("provider", "model") if query.get(key)}
    return {"name": query.get("name", ""), "targets": [target] if target else []}
