"""Who the caller is (`/api/2.0/preview/scim/v2/Me`), which clients ask to test a token, and what kind of host this is, which they ask before anything else."""

from headgate.catalog.holders import groups_of
from headgate.core.principal import ADMINS, EVERYONE
from headgate.core.scopes import ANY, PUBLIC
from headgate.web.api.routes import ApiAnswer, ApiRequest, ApiRoute

_USER = "urn:ietf:params:scim:schemas:core:2.0:User"


def identity_routes() -> tuple[ApiRoute, ...]:
    """The routes."""

    async def me(request: ApiRequest) -> ApiAnswer:
        name, member_of = request.principal.name, groups_of(request.principal)
        groups = [*(group for group in (ADMINS, EVERYONE) if group in member_of), *sorted(request.principal.groups)]
        return ApiAnswer({
            "schemas": [_USER],
            "id": name,
            "userName": name,
            "displayName": name.partition("@")[0],
            "active": True,
            "emails": [{"type": "work", "value": name, "primary": True}] if "@" in name else [],
            "groups": [{"display": group, "value": group, "type": "direct"} for group in groups],
        })

    async def host(_request: ApiRequest) -> ApiAnswer:
        """No accounts, no OAuth: a client goes by its own configuration, and warns of nothing."""
        return ApiAnswer()

    return (
        ApiRoute("GET", "/api/2.0/preview/scim/v2/Me", ANY, me),
        ApiRoute("GET", "/.well-known/databricks-config", PUBLIC, host),
    )
