"""The statement of a month, for everyone or for a group: a page to print and the same as CSV. Lines in cents add up to the total in cents.

Money is read as exact decimals. Cents are shared out by the largest remainder, so that no line is off by more than a cent and none is missing.
"""

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Final

import msgspec

from headgate.admin.page_queries import PAGE_ROWS_MAX, PageQueries, PageQuery
from headgate.core.budget import NANO_PER_USD, Budget
from headgate.core.principal import Principal
from headgate.core.scopes import VIEWER
from headgate.web.ui.answers import PageAnswer
from headgate.web.ui.dashboard_pages import DashboardPages
from headgate.web.ui.filters import Filters, read_filters
from headgate.web.ui.relations import RowScope, compose
from headgate.web.ui.routes import PageRequest, PageRoute
from headgate.web.ui.row_files import csv_file

PATH: Final = "/cost/statement"
CLASSES: Final = ("fresh_input_tokens", "cache_read_tokens", "cache_write_tokens", "output_tokens")
_COLUMNS: Final = ("month", "group", "user", "model", "requests", *CLASSES, "charge_usd")
_MONTH: Final = re.compile(r"20\d\d-(0[1-9]|1[0-2])")
_CENT: Final = Decimal("0.01")
_USED: Final = """
SELECT user, model, count(*) FILTER (WHERE first_line) AS requests, sum(fresh_input_tokens) AS fresh_input_tokens,
  sum(cache_read_tokens) AS cache_read_tokens, sum(cache_write_tokens) AS cache_write_tokens, sum(output_tokens) AS output_tokens,
  coalesce(sum(spend) FILTER (WHERE charge_status <> 'unpriced'), 0) AS charge,
  count(*) FILTER (WHERE first_line AND charge_status = 'unpriced') AS unpriced
FROM lines GROUP BY ALL ORDER BY user, model
"""
_BUDGETS: Final = """
SELECT budget.name AS name, coalesce(sum(spend), 0) AS charge FROM (SELECT explode(budgets) AS budget, spend FROM usage WHERE spend > 0)
GROUP BY ALL ORDER BY name
"""
_OWN: Final = """
SELECT user, provider, count(*) AS requests, sum(total_tokens) AS tokens, coalesce(sum(list_charge), 0) AS list_price
FROM usage WHERE paid_by = 'requester' GROUP BY ALL ORDER BY user, provider
"""

Record = Mapping[str, object]


class StatementLine(msgspec.Struct, frozen=True, kw_only=True):
    """One user, model or both: what was used and what it cost, exact, and in whole cents that add up."""

    name: str
    requests: int
    tokens: tuple[int, ...]  # in the order of CLASSES
    charge: Decimal
    cents: Decimal = Decimal(0)


class CostStatements(msgspec.Struct, frozen=True):
    """What makes the page. `groups` are the names to choose from, `budgets` what is declared, `usage_days` how long rows of usage stay (0: for ever)."""

    dashboards: DashboardPages
    queries: PageQueries
    members_of: Callable[[str], Sequence[str]]
    groups: Callable[[], Iterable[str]]
    budgets: Callable[[], Iterable[Budget]]
    usage_days: Callable[[], int]

    async def shown(self, request: PageRequest) -> PageAnswer:
        """The statement to print; with `as=csv` a file."""
        month, group = self._month(request), request.query.get("group", "")
        filters = _filters(month, group)
        used = await self._rows(_USED, filters, request.principal)
        if request.query.get("as") == "csv":
            rows = [[month, group, *(row[name] for name in ("user", "model", "requests", *CLASSES, "charge"))] for row in used]
            return csv_file(f"headgate-statement-{month}{f'-{group}' if group else ''}", _COLUMNS, rows)
        total = sum((money(row["charge"]) for row in used), Decimal(0))
        spent = {str(row["name"]): money(row["charge"]) for row in await self._rows(_BUDGETS, filters, request.principal)}
        return request.framed(
            "cost_statement.html",
            "Statement",
            month=month,
            group=group,
            groups=sorted(self.groups()),
            months=_months(filters, self.dashboards.clock.wall_ns()),
            users=statement_lines(used, "user", total),
            models=statement_lines(used, "model", total),
            total=cents(total),
            exact=total,
            requests=sum(_count(row["requests"]) for row in used),
            unpriced=sum(_count(row["unpriced"]) for row in used),
            budgets=self._budgets(group, spent),
            own=await self._rows(_OWN, filters, request.principal),
            deleted_before=self._deleted_before(filters),
            unfinished=filters.end.timestamp() * 1e9 > self.dashboards.clock.wall_ns(),
        )

    def _month(self, request: PageRequest) -> str:
        """The month that is asked for; the one that runs where it is none."""
        asked = request.query.get("month", "")
        return asked if _MONTH.fullmatch(asked) else f"{self.dashboards.filters(request).end:%Y-%m}"

    def _deleted_before(self, filters: Filters) -> str:
        """The first day whose rows are kept, if the month begins before it."""
        days, now_s = self.usage_days(), self.dashboards.clock.wall_ns() / 1e9
        first = dt.datetime.fromtimestamp(now_s, dt.UTC).date() - dt.timedelta(days=min(days, 100_000))
        return f"{first}" if days and filters.start.date() < first else ""

    def _budgets(self, group: str, spent: Mapping[str, Decimal]) -> list[tuple[Budget, Decimal, Decimal]]:
        """The budgets of the group, or all: what each allows, and what these users spent of it in the month."""
        declared = [budget for budget in self.budgets() if not group or (budget.holder_kind == "group" and budget.holder == group)]
        return [(budget, Decimal(budget.nano_usd) / NANO_PER_USD, spent.get(budget.name, Decimal(0))) for budget in declared]

    async def _rows(self, sql: str, filters: Filters, principal: Principal) -> list[Record]:
        members = tuple(member for group in filters.group for member in self.members_of(group))
        asked = compose(sql, RowScope(filters=filters, everyone=True, members=members))
        rows = await self.queries.rows(PageQuery(text=asked.text, parameters=asked.parameters, row_limit=PAGE_ROWS_MAX, decimals="text"), principal)
        return list(rows.records())


def statement_lines(rows: Iterable[Record], name: str, total: Decimal) -> list[StatementLine]:
    """The rows by user or by model, the dearest first, with cents that add up to those of the total."""
    found: dict[str, StatementLine] = {}
    for row in rows:
        key = str(row[name] or "unknown")
        before = found.get(key) or StatementLine(name=key, requests=0, tokens=(0,) * len(CLASSES), charge=Decimal(0))
        tokens = tuple(had + _count(row[each]) for had, each in zip(before.tokens, CLASSES, strict=True))
        found[key] = StatementLine(
            name=key, requests=before.requests + _count(row["requests"]), tokens=tokens, charge=before.charge + money(row["charge"])
        )
    lines = sorted(found.values(), key=lambda line: (-line.charge, line.name))
    shares = whole_cents([line.charge for line in lines], cents(total))
    return [msgspec.structs.replace(line, cents=share) for line, share in zip(lines, shares, strict=True)]


def whole_cents(amounts: Sequence[Decimal], total: Decimal) -> list[Decimal]:
    """Each amount in whole cents, rounded down or up, so that they add up to the total: up where the remainder is largest."""
    floors = [amount.quantize(_CENT, ROUND_FLOOR) for amount in amounts]
    missing = int((total - sum(floors, Decimal(0))) / _CENT)
    order = sorted(range(len(amounts)), key=lambda place: (floors[place] - amounts[place], place))
    for place in order[:missing]:
        floors[place] += _CENT
    return floors


def cents(amount: Decimal) -> Decimal:
    """An amount to the cent, half a cent upwards."""
    return amount.quantize(_CENT, ROUND_HALF_UP)


def money(value: object) -> Decimal:
    """An exact amount from the text of a DECIMAL."""
    return Decimal(str(value)) if isinstance(value, (str, int)) else Decimal(0)


def statement_routes(statements: CostStatements) -> tuple[PageRoute, ...]:
    """`/cost/statement`."""
    return (PageRoute("GET", PATH, VIEWER, statements.shown),)


def _filters(month: str, group: str) -> Filters:
    first = dt.datetime.strptime(month, "%Y-%m").replace(tzinfo=dt.UTC)
    after = (first + dt.timedelta(days=31)).replace(day=1)
    pairs = [("from", f"{first:%Y-%m-%d}"), ("to", f"{after - dt.timedelta(days=1):%Y-%m-%d}"), *((("group", group),) if group else ())]
    return read_filters(pairs, first)


def _months(filters: Filters, now_ns: int) -> list[str]:
    """The month that runs and the eleven before it, and the one that is shown."""
    at, found = dt.datetime.fromtimestamp(now_ns / 1e9, dt.UTC).replace(day=1), []
    for _ in range(12):
        found.append(f"{at:%Y-%m}")
        at = (at - dt.timedelta(days=1)).replace(day=1)
    return sorted({*found, f"{filters.start:%Y-%m}"}, reverse=True)


def _count(value: object) -> int:
    return value if isinstance(value, int) else 0
