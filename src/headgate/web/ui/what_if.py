"""What the period would have cost with another model: the tokens that were used, by the rates of the other model. Exact decimals; nothing is changed."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Final

import msgspec

from headgate.admin.page_queries import PageQueries, PageQuery
from headgate.core.errors import GatewayError
from headgate.core.principal import Principal
from headgate.core.scopes import VIEWER
from headgate.core.usage import Usage
from headgate.metering.price import Rates, Sold, charge
from headgate.web.ui.answers import PageAnswer
from headgate.web.ui.cost_statement import money
from headgate.web.ui.dashboard_pages import DashboardPages
from headgate.web.ui.filters import Filters
from headgate.web.ui.relations import RowScope, compose
from headgate.web.ui.routes import PageRequest, PageRoute

PATH: Final = "/cost/what-if"
_USED: Final = """
SELECT model, count(*) FILTER (WHERE first_line) AS requests, sum(spend) AS spend, sum(use_spend) AS uses, sum(fresh_input_tokens) AS fresh,
  sum(cache_read_tokens) AS read, sum(cache_write_5m_tokens) AS write_5m, sum(cache_write_1h_tokens) AS write_1h, sum(output_tokens) AS output
FROM lines WHERE charge_status IN ('priced', 'demo') AND spend IS NOT NULL GROUP BY model ORDER BY spend DESC, model
"""


class Repriced(msgspec.Struct, frozen=True, kw_only=True):
    """The use of one model: what it cost, and what it would have cost; `None` where the other model has no price for a class that was used."""

    model: str
    requests: int
    tokens: int
    spent: Decimal
    instead: Decimal | None

    @property
    def difference(self) -> Decimal | None:
        """What it would have cost more; less than 0 if it would have been cheaper."""
        return None if self.instead is None else self.instead - self.spent


class WhatIf(msgspec.Struct, frozen=True):
    """What makes the page. `sales` are the models that can be chosen, by `provider/model`; `prices` looks their rates up."""

    dashboards: DashboardPages
    queries: PageQueries
    sales: Callable[[], Mapping[str, Sold]]
    prices: Callable[[Sequence[Sold]], Awaitable[Mapping[Sold, Rates | None]]]
    members_of: Callable[[str], Sequence[str]]

    async def shown(self, request: PageRequest) -> PageAnswer:
        """The form; with a model the answer under it."""
        filters, sales = self.dashboards.filters(request), self.sales()
        chosen = request.query.get("instead", "")
        sale, lines, rates, problem = sales.get(chosen), [], None, ""
        if sale is not None:
            found = await self.prices([sale])
            rates, problem = found.get(sale), "" if sale in found else "The price could not be looked up in time. Load this page again."
        if rates is not None:
            try:
                lines = repriced(await self._used(filters, request.principal), rates)
            except GatewayError as error:
                problem = error.message
        return request.framed(
            "what_if.html",
            "What if on another model",
            filters=filters,
            models=sorted(sales),
            chosen=chosen,
            rates=rates,
            lines=lines,
            total=summed(lines),
            problem=problem,
        )

    async def _used(self, filters: Filters, principal: Principal) -> Iterable[Mapping[str, object]]:
        members = tuple(member for group in filters.group for member in self.members_of(group))
        asked = compose(_USED, RowScope(filters=filters, everyone=True, members=members))
        rows = await self.queries.rows(PageQuery(text=asked.text, parameters=asked.parameters, decimals="text"), principal)
        return rows.records()


def repriced(records: Iterable[Mapping[str, object]], rates: Rates | None) -> list[Repriced]:
    """The use of each model by other rates. Uses of tools cost what they cost."""
    found = []
    for record in records:
        used = Usage(
            input_tokens=_count(record["fresh"]),
            cache_read_tokens=_count(record["read"]),
            cache_write_5m_tokens=_count(record["write_5m"]),
            cache_write_1h_tokens=_count(record["write_1h"]),
            output_tokens=_count(record["output"]),
        )
        instead = charge(rates, used)
        found.append(
            Repriced(
                model=str(record["model"]),
                requests=_count(record["requests"]),
                tokens=sum(_count(record[name]) for name in ("fresh", "read", "write_5m", "write_1h", "output")),
                spent=money(record["spend"]),
                instead=None if instead is None else instead + money(record["uses"]),
            )
        )
    return found


def summed(lines: Sequence[Repriced]) -> Repriced | None:
    """All lines together; `None` of none."""
    if not lines:
        return None
    known = [line.instead for line in lines if line.instead is not None]
    return Repriced(
        model="",
        requests=sum(line.requests for line in lines),
        tokens=sum(line.tokens for line in lines),
        spent=sum((line.spent for line in lines), Decimal(0)),
        instead=sum(known, Decimal(0)) if len(known) == len(lines) else None,
    )


def what_if_routes(pages: WhatIf) -> tuple[PageRoute, ...]:
    """`/cost/what-if`."""
    return (PageRoute("GET", PATH, VIEWER, pages.shown),)


def _count(value: object) -> int:
    return value if isinstance(value, int) else 0
