"""`/api/2.0/headgate/previews`: which previews are on, and the switch of each, for administrators."""

import asyncio
from collections.abc import Awaitable, Callable

import msgspec

from headgate.admin.previews import PreviewAdmin
from headgate.core.scopes import ADMIN
from headgate.web.api.object_calls import require_administrator
from headgate.web.api.routes import ApiAnswer, ApiRequest, ApiRoute

_ROOT = "/api/2.0/headgate/previews"


class _Switch(msgspec.Struct):
    """The body of a change."""

    enabled: bool


def preview_routes(previews: PreviewAdmin, follow: Callable[[], Awaitable[None]]) -> tuple[ApiRoute, ...]:
    """The routes over the use-cases. `follow` puts what the store holds in force."""

    async def listed(request: ApiRequest) -> ApiAnswer:
        require_administrator(request, "see previews")
        return ApiAnswer({"previews": [msgspec.to_builtins(each) for each in await asyncio.to_thread(previews.all)]})

    async def switch(request: ApiRequest) -> ApiAnswer:
        require_administrator(request, "switch previews")
        enabled, name = request.read(_Switch).enabled, request.parameters["name"]
        done = await asyncio.to_thread(lambda: previews.switch(name, request.principal.name, enabled=enabled))
        await follow()
        return ApiAnswer(msgspec.to_builtins(done))

    return (ApiRoute("GET", _ROOT, ADMIN, listed), ApiRoute("PATCH", f"{_ROOT}/{{name}}", ADMIN, switch))
