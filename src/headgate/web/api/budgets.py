"""What is left of all budgets (`/api/2.0/headgate/budgets/usage`), those with the most used first, for administrators."""

from collections.abc import Callable, Sequence

from headgate.core.scopes import ADMIN
from headgate.policy.budget_states import BudgetState
from headgate.policy.budget_text import meter
from headgate.web.api.routes import ApiAnswer, ApiRequest, ApiRoute


def budget_routes(states: Callable[[], Sequence[BudgetState]]) -> tuple[ApiRoute, ...]:
    """The route. `states` are all counts, with how much of each is used."""

    async def usage(_request: ApiRequest) -> ApiAnswer:
        return ApiAnswer({"budgets": [meter(state) for state in states()]})

    return (ApiRoute("GET", "/api/2.0/headgate/budgets/usage", ADMIN, usage),)
