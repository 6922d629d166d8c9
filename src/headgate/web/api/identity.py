"""Who the caller is (`/api/2.0/preview/scim/v2/Me`), which clients ask to test a token, and what kind of host this is, which they ask before anything else."""

from headgate.core.scopes import ANY, PUBLIC
from headgate.web.api import scim_info
from headgate.web.api.routes import ApiAnswer, ApiRequest, ApiRoute


def identity_routes() -> tuple[ApiRoute, ...]:
    """The routes."""

    async def me(request: ApiRequest) -> ApiAnswer:
        return ApiAnswer(scim_info.me(request.principal))

    async def host(_request: ApiRequest) -> ApiAnswer:
        """No accounts, no OAuth: a client goes by its own configuration, and warns of nothing."""
        return ApiAnswer()

    return (
        ApiRoute("GET", "/api/2.0/preview/scim/v2/Me", ANY, me),
        ApiRoute("GET", "/.well-known/databricks-config", PUBLIC, host),
    )
