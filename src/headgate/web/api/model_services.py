"""Endpoints as Unity Catalog's model services (`/api/2.1/unity-catalog/model-services`) and as endpoints of the AI Gateway (`/api/ai-gateway/v2/endpoints`).

Both have one form and differ in names. Model provider services are the providers of the file, which nothing changes here. Decides nothing itself.
"""

from collections.abc import Sequence

import msgspec

from headgate.admin.catalog import CatalogAdmin, Change
from headgate.admin.endpoints import EndpointAdmin, EndpointView, LimitSet
from headgate.admin.listings import iso
from headgate.catalog import holders, names
from headgate.catalog.catalog import Catalog
from headgate.core.errors import BadRequest, GatewayError, NotFound
from headgate.core.principal import ADMINS
from headgate.core.scopes import ADMIN, ANY
from headgate.web.api import service_form
from headgate.web.api.object_calls import ObjectCalls, no_endpoint, require_administrator
from headgate.web.api.paging import paged
from headgate.web.api.routes import ApiAnswer, ApiRequest, ApiRoute
from headgate.web.api.service_form import SYSTEM, ServiceConfig

_UNITY = "/api/2.1/unity-catalog"
_GATEWAY = "/api/ai-gateway/v2/endpoints"
_SCHEMAS = "schemas/"


class ServiceBody(msgspec.Struct, frozen=True):
    """What a creation or a change states."""

    name: str = ""
    comment: str = ""
    config: ServiceConfig = ServiceConfig()


class OwnerBody(msgspec.Struct, frozen=True):
    """Another owner. `effective_owner` shows it."""

    owner: str = ""


def model_service_routes(calls: ObjectCalls, catalog: CatalogAdmin) -> tuple[ApiRoute, ...]:
    """The routes of both forms, and those of providers."""
    services, gateway = _UnityServices(calls, catalog), _GatewayEndpoints(calls)
    providers = _Providers(calls)
    unity, own = f"{_UNITY}/model-services", f"{_UNITY}/model-provider-services"
    return (
        *(
            ApiRoute(method, path, ANY, call)
            for root, one in ((unity, services), (_GATEWAY, gateway))
            for method, path, call in (
                ("GET", root, one.listed),
                ("POST", root, one.create),
                ("GET", f"{root}/{{name}}", one.get),
                ("PATCH", f"{root}/{{name}}", one.change),
                ("DELETE", f"{root}/{{name}}", one.delete),
            )
        ),
        ApiRoute("GET", own, ADMIN, providers.listed),
        ApiRoute("POST", own, ADMIN, providers.refuse),
        ApiRoute("GET", f"{own}/{{name}}", ADMIN, providers.get),
        ApiRoute("PATCH", f"{own}/{{name}}", ADMIN, providers.refuse),
        ApiRoute("DELETE", f"{own}/{{name}}", ADMIN, providers.refuse),
    )


class _GatewayEndpoints:
    """The calls of the AI Gateway's form, in which an endpoint has its own name."""

    listing = "endpoints"

    def __init__(self, calls: ObjectCalls) -> None:
        self._calls = calls
        self._endpoints = EndpointAdmin(calls.objects)

    async def listed(self, request: ApiRequest) -> ApiAnswer:
        """A page of the endpoints that the caller may query."""
        seen = self._calls.seen_by(request)
        found = [each for each in await self._calls.read(self._endpoints.all) if seen(each.name) and self._within(request, each.name)]
        page, token = paged(found, request, lambda each: each.declared.id)
        return ApiAnswer({self.listing: await self._shown(page), "next_page_token": token})

    async def get(self, request: ApiRequest) -> ApiAnswer:
        """One."""
        return await self._answer(await self._found(request))

    async def create(self, request: ApiRequest) -> ApiAnswer:
        """A new one, with its limits."""
        body: ServiceBody = request.read(ServiceBody)
        require_administrator(request, "create endpoints")
        name = await self._new_name(request, body)
        document = service_form.entry_document(name, body.comment, body.config)
        limits = _limits(body.config, name)
        return await self._answer(await self._calls.write(lambda: self._endpoints.create(document, limits, request.principal.name)))

    async def change(self, request: ApiRequest) -> ApiAnswer:
        """What `update_mask` names; only at the revision of an `etag`."""
        before = await self._managed(request)
        body: ServiceBody = request.read(ServiceBody)
        mask = service_form.mask_paths(request.query.get("update_mask", ""))
        if not mask:
            raise BadRequest("update_mask names what is to be changed, such as config.rate_limits,comment.", code="INVALID_PARAMETER_VALUE")
        fields = service_form.masked_fields(body.config, before.name, mask) | ({"display_name": body.comment} if "comment" in mask else {})
        limits = _limits(body.config, before.name) if {"config", "config.rate_limits"} & set(mask) else None
        which, by, etag = before.declared.id, request.principal.name, request.query.get("etag", "") or before.etag
        return await self._answer(await self._calls.write(lambda: self._endpoints.change(which, fields, limits, by, etag)))

    async def delete(self, request: ApiRequest) -> ApiAnswer:
        """Gone, with its limits."""
        before, etag = await self._managed(request), request.query.get("etag", "")
        await self._calls.write(lambda: self._endpoints.delete(before.declared.id, request.principal.name, etag))
        return ApiAnswer()

    async def _managed(self, request: ApiRequest) -> EndpointView:
        found = await self._found(request)
        self._calls.require_managed(request, found.name)
        return found

    async def _found(self, request: ApiRequest) -> EndpointView:
        asked, seen = self._asked(request), self._calls.seen_by(request)
        there = {each.name: each for each in await self._calls.read(self._endpoints.all) if seen(each.name)}
        one = next((there[name] for name in asked if name in there), None)
        if one is None:
            raise no_endpoint(asked[0])
        return one

    def _asked(self, request: ApiRequest) -> tuple[str, ...]:
        """The names of endpoints that the request may mean."""
        return (request.parameters["name"],)

    def _within(self, request: ApiRequest, name: str) -> bool:  # ruff: ignore[unused-method-argument] see _UnityServices
        """Whether the endpoint is one of those that the request lists."""
        return True

    async def _new_name(self, request: ApiRequest, body: ServiceBody) -> str:  # ruff: ignore[unused-method-argument] see _UnityServices
        """The name of an endpoint that is to be created."""
        return body.name

    async def _answer(self, view: EndpointView) -> ApiAnswer:
        return ApiAnswer((await self._shown([view]))[0])

    async def _shown(self, views: Sequence[EndpointView]) -> list[service_form.Form]:
        return [self._form(view) for view in views]

    def _form(self, view: EndpointView) -> service_form.Form:
        stored, providers = view.declared.stored, self._calls.providers()
        form: service_form.Form = {
            "name": view.name,
            "comment": view.entry.display_name,
            "etag": view.etag,
            "supported_api_types": service_form.supported_types(view, providers),
            "config": service_form.shown_config(view, providers),
        }
        if stored is None:
            return form | {"declared_at": view.declared.place}
        times = {"create_time": iso(stored.created_at_ms), "update_time": iso(stored.updated_at_ms)}
        return form | times | {"created_by": stored.created_by, "updated_by": stored.updated_by}


class _UnityServices(_GatewayEndpoints):
    """The calls of Unity Catalog's form, in which an endpoint is in a schema."""

    listing = "model_services"

    def __init__(self, calls: ObjectCalls, catalog: CatalogAdmin) -> None:
        super().__init__(calls)
        self._catalog = catalog

    def _asked(self, request: ApiRequest) -> tuple[str, ...]:
        return service_form.endpoint_names(request.parameters["name"])

    def _within(self, request: ApiRequest, name: str) -> bool:
        parent = request.query.get("parent", "").removeprefix(_SCHEMAS)
        return not parent or service_form.full_name(name).startswith(f"{parent}.")

    async def _new_name(self, request: ApiRequest, body: ServiceBody) -> str:
        schema = request.query.get("parent", "").removeprefix(_SCHEMAS)
        leaf = request.query.get("model_service_id", "")
        if not schema or not leaf or body.name:
            text = "A model service is created with parent=schemas/CATALOG.SCHEMA and model_service_id=NAME, and without a name in the body."
            raise BadRequest(text, code="INVALID_PARAMETER_VALUE")
        if schema != SYSTEM:
            (await self._catalog.snapshot()).require_visible(request.principal, names.parse(schema, 2))
        if schema != SYSTEM and "." in leaf:
            raise BadRequest(f"The name of a model service in {schema} has no dot.", code="INVALID_PARAMETER_VALUE")
        return leaf if schema == SYSTEM else f"{schema}.{leaf}"

    async def change(self, request: ApiRequest) -> ApiAnswer:
        """The same; and another owner, where `update_mask` names that alone."""
        mask = service_form.mask_paths(request.query.get("update_mask", ""))
        if "owner" not in mask:
            return await super().change(request)
        found = await self._found(request)
        body: OwnerBody = request.read(OwnerBody)
        if set(mask) != {"owner"} or not body.owner:
            raise BadRequest("Another owner is a change of its own: update_mask=owner, and the owner in the body.", code="INVALID_PARAMETER_VALUE")
        service = names.service_of_endpoint(found.name)
        if service is None:
            raise BadRequest(f"Endpoint {found.name!r} is in no schema of the catalog: administrators own it.", code="INVALID_PARAMETER_VALUE")
        await self._catalog.change(request.principal, service, Change(owner=body.owner))
        await self._calls.follow()
        return await self._answer(found)

    async def _shown(self, views: Sequence[EndpointView]) -> list[service_form.Form]:
        snapshot = await self._catalog.snapshot()
        return [self._form(view) | _owner(snapshot, view.name) | {"metastore_id": snapshot.metastore.id} for view in views]

    def _form(self, view: EndpointView) -> service_form.Form:
        return super()._form(view) | {"name": f"model-services/{service_form.full_name(view.name)}"}


class _Providers:
    """The calls of model provider services."""

    def __init__(self, calls: ObjectCalls) -> None:
        self._calls = calls

    async def listed(self, request: ApiRequest) -> ApiAnswer:
        """A page of the providers."""
        parent = request.query.get("parent", "").removeprefix(_SCHEMAS)
        found = self._calls.providers() if parent in {"", SYSTEM} else ()
        page, token = paged(found, request, lambda each: each.name)
        return ApiAnswer({"model_provider_services": [service_form.shown_provider(each) for each in page], "next_page_token": token})

    async def get(self, request: ApiRequest) -> ApiAnswer:
        """One."""
        name = request.parameters["name"].removeprefix(f"{SYSTEM}.")
        found = next((each for each in self._calls.providers() if each.name == name), None)
        if found is None:
            raise NotFound(f"Provider {name[:64]!r} does not exist.", code="RESOURCE_DOES_NOT_EXIST")
        return ApiAnswer(service_form.shown_provider(found))

    async def refuse(self, _request: ApiRequest) -> ApiAnswer:
        """Providers have keys, which the store does not hold."""
        text = "Providers are declared in headgate.toml, with a reference to their key: Headgate's store holds no provider's key. A change is live in two seconds."
        raise GatewayError(text, status=501, code="NOT_IMPLEMENTED")


def _owner(snapshot: Catalog, endpoint: str) -> service_form.Form:
    """The owner of an endpoint that is a model service of the catalog; administrators have all others."""
    service = names.service_of_endpoint(endpoint)
    entry = snapshot.find(service) if service is not None else None
    return {"effective_owner": holders.name_of(entry.owner) if entry is not None else ADMINS}


def _limits(config: ServiceConfig, endpoint: str) -> LimitSet:
    return LimitSet(service_form.limit_documents(config.rate_limits, endpoint), service_form.can_show)
