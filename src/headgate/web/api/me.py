"""What a principal may know of itself (`/api/2.0/headgate/me`): its roles, the token that it presents, and what is left of its limits and budgets."""

from collections.abc import Callable, Sequence

import msgspec

from headgate import __version__
from headgate.core.access_token import AccessToken
from headgate.core.principal import Principal
from headgate.core.roles import in_order
from headgate.core.scopes import ANY
from headgate.core.time_text import utc_text
from headgate.policy.budget_text import BudgetMeter
from headgate.web.api.routes import ApiAnswer, ApiRequest, ApiRoute


class LimitMeter(msgspec.Struct, frozen=True, kw_only=True):
    """How much of one measure of a limit is used. `whose` says in words whose requests are counted together."""

    key: str
    whose: str
    endpoint: str
    measure: str
    per: str
    maximum: int
    used: int
    remaining: int


class Remaining(msgspec.Struct, frozen=True):
    """What is left for a principal's requests at this moment."""

    limits: Sequence[LimitMeter] = ()
    budgets: Sequence[BudgetMeter] = ()


def me_routes(remaining: Callable[[Principal], Remaining], *, demo: bool) -> tuple[ApiRoute, ...]:
    """The route."""
    gateway = {"version": __version__, "demo": demo}

    async def me(request: ApiRequest) -> ApiAnswer:
        left = remaining(request.principal)
        return ApiAnswer({
            "principal": _principal(request.principal),
            "token": _token(request.caller),
            "gateway": gateway,
            "limits": left.limits,
            "budgets": left.budgets,
        })

    return (ApiRoute("GET", "/api/2.0/headgate/me", ANY, me),)


def _principal(principal: Principal) -> dict[str, object]:
    return {
        "id": principal.id,
        "name": principal.name,
        "kind": principal.kind,
        "groups": sorted(principal.groups),
        "roles": in_order(principal.roles),
        "reads_all_usage": principal.reads_all_usage,
    }


def _token(token: AccessToken) -> dict[str, object]:
    """The token that was presented, with the scopes that it can use."""
    return {
        "id": token.id,
        "name": token.name,
        "scopes": sorted(token.principal.scopes),
        "endpoints": token.endpoints,
        "networks": [str(network) for network in token.networks],
        "expires_at": utc_text(int(token.expires_at_s * 1000)) if token.expires_at_s else None,
    }
