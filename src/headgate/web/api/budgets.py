"""What is left of budgets: of the caller's own (`/api/2.0/headgate/me`), and of all (`/api/2.0/headgate/budgets/usage`), those with the most used first."""

from collections.abc import Callable, Sequence

from headgate.core.principal import Principal
from headgate.core.scopes import ADMIN, ANY
from headgate.policy.budget_counts import BudgetState
from headgate.policy.budget_text import meter
from headgate.web.api.routes import ApiAnswer, ApiRequest, ApiRoute

BudgetStates = Callable[[Principal | None], Sequence[BudgetState]]
"""How much of each count is used: of those that a principal's requests can be in, or of all."""


def budget_routes(states: BudgetStates) -> tuple[ApiRoute, ...]:
    """The routes."""

    async def me(request: ApiRequest) -> ApiAnswer:
        principal = request.principal
        who = {"id": principal.id, "name": principal.name, "kind": principal.kind, "groups": sorted(principal.groups)}
        return ApiAnswer({"principal": who, "budgets": [meter(state) for state in states(principal)]})

    async def usage(_request: ApiRequest) -> ApiAnswer:
        return ApiAnswer({"budgets": [meter(state) for state in states(None)]})

    return (
        ApiRoute("GET", "/api/2.0/headgate/me", ANY, me),
        ApiRoute("GET", "/api/2.0/headgate/budgets/usage", ADMIN, usage),
    )
