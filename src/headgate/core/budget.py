"""Budgets as they are declared, and how much of one is used. Counts nothing and decides nothing.

Money is a whole number of nano-US-dollars: exact for prices of up to three decimals per million tokens.
"""

import datetime as dt
from typing import Final

import msgspec

from headgate.core.secret import Secret

NANO_PER_USD: Final = 1_000_000_000

WARN: Final = "warn"
DOWNGRADE: Final = "downgrade"
BLOCK: Final = "block"

REFUSE: Final = "refuse"
RATE: Final = "rate"
UNCOUNTED: Final = "pass"


class BudgetAction(msgspec.Struct, frozen=True):
    """What happens when this much of a budget is used. `to` is the endpoint that a downgrade sends requests to."""

    percent: float
    kind: str  # WARN, DOWNGRADE or BLOCK
    to: str = ""


class FallbackRate(msgspec.Struct, frozen=True):
    """What a million tokens of a model without a price count as, in US dollars."""

    input_mtok: float
    output_mtok: float


class Budget(msgspec.Struct, frozen=True, kw_only=True):
    """How much money the requests that it counts together may cost within each period of the calendar.

    A request counts if all that is stated matches it: `holder` (of `holder_kind`: user, service_principal, group or empty), `endpoint` (a pattern),
    `agent`, the tag. `per_user`: each principal has a count of its own; `of_session`: each session of a principal has. `actions` are ordered by percent.
    """

    name: str
    nano_usd: int
    per: str  # day, week or month
    zone: dt.tzinfo = dt.UTC
    zone_name: str = "UTC"
    per_user: bool = False
    of_session: bool = False
    holder_kind: str = ""
    holder: str = ""
    endpoint: str = "*"
    agent: str = ""
    tag_key: str = ""
    tag_value: str = ""
    actions: tuple[BudgetAction, ...] = ()
    overrides: dict[str, int] = {}  # nano-US-dollars by a principal's name or id
    unpriced: str = REFUSE
    rate: FallbackRate | None = None
    hard: bool = False  # reserves the most that a request can cost, not what one usually costs
    webhook: Secret | None = None

    def action(self, kind: str) -> BudgetAction | None:
        """The action of a kind; a budget has at most one downgrade and one block."""
        return next((action for action in self.actions if action.kind == kind), None)


class BudgetMark(msgspec.Struct, frozen=True, array_like=True):
    """That an exchange counts in a budget: its name, the count's own value, and what the budget did.

    `action` is the last threshold that was passed (empty for none). `unpriced` says how a model without a price was counted: rate, pass or refuse.
    """

    name: str
    value: str = ""
    action: str = ""
    unpriced: str = ""


class BudgetNotice(msgspec.Struct, frozen=True):
    """What is left of a budget, in words for headers: `resets` is a moment in ISO 8601, with the offset of the budget's time zone."""

    name: str
    percent: int
    left_usd: str
    resets: str
