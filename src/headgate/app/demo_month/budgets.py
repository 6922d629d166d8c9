"""The budgets and limits of the demo: which of them an exchange counts in, and what they are declared with. How much is spent is not known here."""

from typing import Any, Final

from headgate.app.demo_month.cast import CONTRACTORS, DATA, PLATFORM, WEB, Person
from headgate.core.budget import UNCOUNTED, BudgetMark

EACH_DAY: Final = "each person, day"
DAY_USD: Final = 40.0
_WARN: Final = [{"percent": 80.0, "do": "warn"}, {"percent": 100.0, "do": "warn"}]

# Group -> how much of its month's budget is spent at the moment when the month is made.
TEAM_SHARES: Final = {WEB: 1.14, DATA: 0.86, PLATFORM: 0.47, CONTRACTORS: 0.68}
REQUESTS_A_MINUTE: Final = 45
TEAM_USD_MIN: Final = 5.0  # on the first of a month hardly anything is spent


def team_budget(group: str) -> str:
    """The name of a group's budget."""
    return f"team {group}, month"


def marks_of(person: Person, principal_id: str, *, unpriced: bool = False) -> tuple[BudgetMark, ...]:
    """The budgets that an exchange of a person counts in. A model without a price passes uncounted."""
    passed = UNCOUNTED if unpriced else ""
    return BudgetMark(team_budget(person.group), unpriced=passed), BudgetMark(EACH_DAY, principal_id, unpriced=passed)


def team_document(group: str, spent_usd: float) -> dict[str, Any]:
    """A group's budget as it is declared: an amount of which `TEAM_SHARES` is spent now."""
    usd = max(TEAM_USD_MIN, _rounded(spent_usd / TEAM_SHARES[group]))
    return {"name": team_budget(group), "group": group, "per": "month", "usd": usd, "actions": _WARN, "unpriced": "pass"}


def day_document() -> dict[str, Any]:
    """The budget of each person for a day, which refuses what exceeds it."""
    actions = [{"percent": 75.0, "do": "warn"}, {"percent": 100.0, "do": "block"}]
    return {"name": EACH_DAY, "scope": "per_user", "per": "day", "usd": DAY_USD, "actions": actions, "unpriced": "pass"}


def limit_documents() -> list[dict[str, Any]]:
    """The rate limits."""
    return [
        {"key": "user_default", "per": "minute", "requests": REQUESTS_A_MINUTE},
        {"key": "group", "principal": CONTRACTORS, "per": "hour", "requests": 600, "tokens": 40_000_000},
        {"endpoint": "claude-opus-4-6", "key": "endpoint", "concurrent": 24},
    ]


def _rounded(usd: float) -> float:
    """Two digits that count, as people declare amounts."""
    return float(f"{usd:.2g}")
