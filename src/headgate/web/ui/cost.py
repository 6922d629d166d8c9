"""The page of cost: its dashboard, under the budgets with their forecasts. It reads budgets and rows, and changes nothing."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

import msgspec

from headgate.admin.page_queries import PageQueries, PageQuery
from headgate.admin.statement_ports import Parameter
from headgate.core.budget import NANO_PER_USD
from headgate.core.clock import Clock
from headgate.core.errors import GatewayError
from headgate.core.principal import Principal
from headgate.core.scopes import VIEWER
from headgate.policy.budget_forecast import BudgetForecast, forecast
from headgate.policy.budget_period import period_at
from headgate.policy.budget_states import BudgetState
from headgate.web.ui.answers import PageAnswer
from headgate.web.ui.dashboard_pages import DashboardPages
from headgate.web.ui.routes import PageRequest, PageRoute

_NS_PER_S: Final = 1_000_000_000
_SHOWN_MAX: Final = 60
_ROWS_MAX: Final = 50_000
_TIMEOUT_S: Final = 10.0
_SPENT: Final = """
SELECT budget.name AS name, principal_id, date_trunc('HOUR', event_time) AS hour, sum(charge) AS usd
FROM (SELECT explode(budgets) AS budget, principal_id, event_time, charge FROM system.ai_gateway.usage WHERE event_time >= :since AND charge > 0)
GROUP BY ALL
"""

Days = Mapping[tuple[str, str], Mapping[dt.date, int]]
"""What each day cost in nano-US-dollars, by budget and principal id; the id is empty for all principals together."""


class BudgetLine(msgspec.Struct, frozen=True):
    """One budget as the page shows it. Amounts are in US dollars."""

    state: BudgetState
    forecast: BudgetForecast
    resets: str

    @property
    def whose(self) -> str:
        """Whose money it is, in words."""
        budget = self.state.budget
        return self.state.who or (f"{budget.holder}, together" if budget.holder else "everyone, together")

    @property
    def usd(self) -> float:
        """The budget."""
        return self.state.nano_usd / NANO_PER_USD

    @property
    def spent(self) -> float:
        """What is spent."""
        return self.state.spent / NANO_PER_USD

    @property
    def reserved(self) -> float:
        """What is reserved for requests under way."""
        return (self.state.used - self.state.spent) / NANO_PER_USD

    @property
    def left(self) -> float:
        """What is left."""
        return max(0, self.state.nano_usd - self.state.used) / NANO_PER_USD

    @property
    def at_end(self) -> float | None:
        """The forecast at the end of the period."""
        return None if self.forecast.at_end is None else self.forecast.at_end / NANO_PER_USD


class CostPages(msgspec.Struct, frozen=True):
    """What makes the page."""

    dashboards: DashboardPages
    budgets: Callable[[], Sequence[BudgetState]]
    queries: PageQueries
    clock: Clock

    async def shown(self, request: PageRequest) -> PageAnswer:
        """The budgets, then the dashboard."""
        states = [state for state in self.budgets() if not state.budget.of_session]
        now_ns = self.clock.wall_ns()
        days, unread = await self._days(states, now_ns, request.principal)
        lines = [_line(state, days, now_ns) for state in states[:_SHOWN_MAX]]
        dashboard = await self.dashboards.dashboard("cost")
        return request.framed(
            "cost.html",
            dashboard.title,
            dashboard=dashboard,
            filters=self.dashboards.filters(request),
            budgets=lines,
            more=len(states) - len(lines),
            unread=unread,
        )

    async def _days(self, states: Sequence[BudgetState], now_ns: int, principal: Principal) -> tuple[Days, str]:
        """What each day cost in these budgets; and why that is not known."""
        if not states:
            return {}, ""
        zones = {state.budget.name: state.budget.zone for state in states}
        since_ns = min(period_at(state.budget.per, state.budget.zone, now_ns).begins_ns for state in states)
        since = dt.datetime.fromtimestamp(since_ns // _NS_PER_S, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        query = PageQuery(text=_SPENT, parameters=(Parameter("since", since, "TIMESTAMP"),), row_limit=_ROWS_MAX, timeout_s=_TIMEOUT_S)
        try:
            rows = await self.queries.rows(query, principal)
        except GatewayError as error:  # what is spent and left is known without it
            return {}, error.message
        return days_of(rows.rows(), zones), ""


def days_of(rows: Iterable[tuple[object, ...]], zones: Mapping[str, dt.tzinfo]) -> Days:
    """Hours of budgets as days of their time zones, for each principal and for all."""
    found: dict[tuple[str, str], dict[dt.date, int]] = {}
    for name, principal_id, hour, usd in rows:
        zone = zones.get(str(name))
        if zone is None or not isinstance(usd, (int, float)):
            continue
        day = dt.datetime.fromisoformat(str(hour)).astimezone(zone).date()
        for key in ((str(name), str(principal_id)), (str(name), "")):
            days = found.setdefault(key, {})
            days[day] = days.get(day, 0) + round(usd * NANO_PER_USD)
    return found


def _line(state: BudgetState, days: Days, now_ns: int) -> BudgetLine:
    budget = state.budget
    begins = dt.datetime.fromtimestamp(period_at(budget.per, budget.zone, now_ns).begins_ns // _NS_PER_S, budget.zone).date()
    own = {day: spent for day, spent in days.get((budget.name, state.value), {}).items() if day >= begins}
    resets = dt.datetime.fromtimestamp(state.resets_ns // _NS_PER_S, budget.zone)
    return BudgetLine(state, forecast(state, own, now_ns), f"{resets:%Y-%m-%d %H:%M} {budget.zone_name}")


def cost_routes(pages: CostPages) -> tuple[PageRoute, ...]:
    """`/cost`."""
    return (PageRoute("GET", "/cost", VIEWER, pages.shown),)
