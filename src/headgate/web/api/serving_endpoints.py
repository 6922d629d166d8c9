"""`/api/2.0/serving-endpoints`: endpoints as Databricks' clients list, create, change and delete them, with their rate limits. Decides nothing itself."""

from collections.abc import Callable

import msgspec

from headgate.admin.endpoints import EndpointAdmin, EndpointView, LimitSet
from headgate.config.entries import WrittenEndpoint
from headgate.core.errors import BadRequest
from headgate.core.scopes import ANY
from headgate.routing.table import EndpointTable
from headgate.web.api import serving_form
from headgate.web.api.model_listing import foundation_models
from headgate.web.api.object_calls import ObjectCalls, no_endpoint, require_administrator
from headgate.web.api.routes import ApiAnswer, ApiRequest, ApiRoute
from headgate.web.api.serving_form import AiGateway, CoreConfig, RateLimit

_ROOT = "/api/2.0/serving-endpoints"


class Tag(msgspec.Struct, frozen=True):
    """A tag."""

    key: str
    value: str = ""


class CreateBody(msgspec.Struct, frozen=True):
    """What a creation states."""

    name: str
    config: CoreConfig | None = None
    ai_gateway: AiGateway | None = None
    rate_limits: tuple[RateLimit, ...] | None = None
    tags: tuple[Tag, ...] | None = None
    description: str | None = None


class TagsBody(msgspec.Struct, frozen=True):
    """A change of tags."""

    add_tags: tuple[Tag, ...] | None = None
    delete_tags: tuple[str, ...] | None = None


def serving_routes(calls: ObjectCalls, endpoints: Callable[[], EndpointTable]) -> tuple[ApiRoute, ...]:
    """The routes. `endpoints` are those in force, for the listing of models."""
    one = _Serving(calls)

    async def models(request: ApiRequest) -> ApiAnswer:
        return ApiAnswer({"endpoints": foundation_models(endpoints(), calls.seen_by(request))})

    return (
        ApiRoute("GET", _ROOT, ANY, one.listed),
        ApiRoute("POST", _ROOT, ANY, one.create),
        ApiRoute("GET", f"{_ROOT}/{{name}}", ANY, one.get),
        ApiRoute("DELETE", f"{_ROOT}/{{name}}", ANY, one.delete),
        ApiRoute("PUT", f"{_ROOT}/{{name}}/config", ANY, one.put_config),
        ApiRoute("PUT", f"{_ROOT}/{{name}}/ai-gateway", ANY, one.put_gateway),
        ApiRoute("PATCH", f"{_ROOT}/{{name}}/tags", ANY, one.patch_tags),
        ApiRoute("GET", f"{_ROOT}:foundation-models", ANY, models),
    )


class _Serving:
    """The calls."""

    def __init__(self, calls: ObjectCalls) -> None:
        self._calls = calls
        self._endpoints = EndpointAdmin(calls.objects)

    async def listed(self, request: ApiRequest) -> ApiAnswer:
        """Every endpoint that the caller may query."""
        seen = self._calls.seen_by(request)
        found = await self._calls.read(self._endpoints.all)
        return ApiAnswer({"endpoints": [self._shown(request, each) for each in found if seen(each.name)]})

    async def get(self, request: ApiRequest) -> ApiAnswer:
        """One."""
        return ApiAnswer(self._shown(request, await self._found(request)))

    async def create(self, request: ApiRequest) -> ApiAnswer:
        """A new one, with its limits."""
        body: CreateBody = request.read(CreateBody)
        require_administrator(request, "create endpoints")
        gateway = body.ai_gateway or AiGateway(rate_limits=body.rate_limits)
        fallback = gateway.fallback_config is not None and gateway.fallback_config.enabled
        targets = serving_form.targets_of(body.config or CoreConfig(), self._calls.providers(), fallback=fallback)
        entry = msgspec.convert({"name": body.name} | targets, WrittenEndpoint)
        document = {
            "name": body.name,
            "display_name": body.description or "",
            "tags": {tag.key: tag.value for tag in body.tags or ()},
            **serving_form.gateway_fields(gateway, entry),
            **targets,
        }
        limits = _limits(gateway, body.name)
        made = await self._calls.write(lambda: self._endpoints.create(document, limits, request.principal.name))
        return ApiAnswer(self._shown(request, made))

    async def put_config(self, request: ApiRequest) -> ApiAnswer:
        """Other models or shares."""
        before = await self._managed(request)
        body: CoreConfig = request.read(CoreConfig)
        fields = serving_form.targets_of(body, self._calls.providers(), fallback=bool(before.entry.fallbacks))
        return ApiAnswer(self._shown(request, await self._change(request, before, fields, None)))

    async def put_gateway(self, request: ApiRequest) -> ApiAnswer:
        """Other governance, as a whole: what the body leaves out is off."""
        before = await self._managed(request)
        body: AiGateway = request.read(AiGateway)
        fields = serving_form.gateway_fields(body, before.entry)
        return ApiAnswer(serving_form.shown_gateway(await self._change(request, before, fields, _limits(body, before.name))))

    async def patch_tags(self, request: ApiRequest) -> ApiAnswer:
        """Tags added and removed."""
        before = await self._managed(request)
        body: TagsBody = request.read(TagsBody)
        tags = {key: value for key, value in before.entry.tags.items() if key not in (body.delete_tags or ())}
        changed = await self._change(request, before, {"tags": tags | {tag.key: tag.value for tag in body.add_tags or ()}}, None)
        return ApiAnswer({"tags": serving_form.shown_tags(changed.entry.tags)})

    async def delete(self, request: ApiRequest) -> ApiAnswer:
        """Gone, with its limits."""
        before = await self._managed(request)
        await self._calls.write(lambda: self._endpoints.delete(before.declared.id, request.principal.name))
        return ApiAnswer()

    async def _change(self, request: ApiRequest, before: EndpointView, fields: serving_form.Form, limits: LimitSet | None) -> EndpointView:
        """Change what was read, unless another change was first."""
        by = request.principal.name
        return await self._calls.write(lambda: self._endpoints.change(before.declared.id, fields, limits, by, etag=before.etag))

    async def _found(self, request: ApiRequest) -> EndpointView:
        which, seen = request.parameters["name"], self._calls.seen_by(request)
        found = await self._calls.read(self._endpoints.all)
        one = next((each for each in found if which in {each.name, each.declared.id} and seen(each.name)), None)
        if one is None:
            raise no_endpoint(which)
        return one

    async def _managed(self, request: ApiRequest) -> EndpointView:
        found = await self._found(request)
        self._calls.require_managed(request, found.name)
        return found

    def _shown(self, request: ApiRequest, view: EndpointView) -> serving_form.Form:
        return serving_form.shown(view, self._calls.providers(), managed=self._calls.managed_by(request)(view.name))


def _limits(gateway: AiGateway, endpoint: str) -> LimitSet:
    documents = serving_form.limit_documents(gateway.rate_limits or (), endpoint)
    if any(document["per"] != "minute" for document in documents):
        raise BadRequest("The renewal_period of a rate limit is minute here; other windows are declared as limits.", code="INVALID_PARAMETER_VALUE")
    return LimitSet(documents, serving_form.can_show)
