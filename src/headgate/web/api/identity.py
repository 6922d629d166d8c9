"""`/api/2.0/preview/scim/v2/Me`: who the caller is. Clients ask it to test a token, and to learn whether it is an administrator's."""

from headgate.catalog.privileges import ADMINS, EVERYONE
from headgate.web.api.routes import ApiAnswer, ApiRequest, ApiRoute

_USER = "urn:ietf:params:scim:schemas:core:2.0:User"


def identity_routes() -> tuple[ApiRoute, ...]:
    """The one route."""

    async def me(request: ApiRequest) -> ApiAnswer:
        name = request.session.principal
        groups = [group for group in (ADMINS, EVERYONE) if group == EVERYONE or group in request.session.groups]
        return ApiAnswer({
            "schemas": [_USER],
            "id": name,
            "userName": name,
            "displayName": name.partition("@")[0],
            "active": True,
            "emails": [{"type": "work", "value": name, "primary": True}] if "@" in name else [],
            "groups": [{"display": group, "value": group, "type": "direct"} for group in groups],
        })

    return (ApiRoute("GET", "/api/2.0/preview/scim/v2/Me", "inference", me),)
