"""How budgets are put to people: the refusal of a request, and what is left, in dollars and in the budget's own time zone. Pure."""

import datetime as dt

import msgspec

from headgate.core.budget import NANO_PER_USD, BudgetNotice
from headgate.core.errors import BudgetExhausted, Forbidden
from headgate.policy.budget_states import BudgetCrossing, BudgetLack, BudgetState

_NS_PER_S = 1_000_000_000
_PERIODS = {"day": "today", "week": "this week", "month": "this month"}
_ASK = "ask your Headgate administrator for more"


def refusal(lack: BudgetLack, now_ns: int, tried: str = "") -> BudgetExhausted:
    """The error for the client. `tried` says why a downgrade was not possible."""
    state, budget = lack.state, lack.state.budget
    reserved = state.used - state.spent
    under_way = f", {usd_text(reserved)} is reserved for requests under way" if reserved else ""
    message = (
        f"{_whose(state)} has no room for this request: {usd_text(state.spent)} of {usd_text(state.nano_usd)} is spent {_PERIODS[budget.per]}"
        f"{under_way}, and this request may cost {usd_text(lack.amount)}. {tried}"
        f"It resets on {moment_text(state.resets_ns, budget.zone)} ({budget.zone_name}). Wait until then, use a cheaper model, or {_ASK}."
    )
    return BudgetExhausted(message, code="budget_exhausted", retry_after_s=max(1.0, (state.resets_ns - now_ns) / _NS_PER_S), budget=notice(state))


def unpriced_refusal(budget: str, model: str, provider: str) -> Forbidden:
    """The error for a request to a model without a price, where a budget refuses what it cannot count."""
    return Forbidden(
        f"Model {model} of provider {provider} has no price, and budget {budget!r} refuses what it cannot count. "
        "Use another model, or ask your Headgate administrator to state its price ([[prices]]) or what the budget does with such models (unpriced).",
        code="budget_unpriced",
    )


def crossing_text(crossing: BudgetCrossing) -> str:
    """What was reached, for the log and for chats."""
    state, action = crossing.state, crossing.action
    budget = state.budget
    what = {
        "warn": f"{action.percent:g} % is used",
        "downgrade": f"from {action.percent:g} % on requests go to {action.to}",
        "block": f"what would exceed {action.percent:g} % is refused",
    }[action.kind]
    return (
        f"Budget {budget.name!r}{f' of {state.who}' if state.who else ''}: {what}. {usd_text(state.spent)} of {usd_text(state.nano_usd)} is spent; "
        f"it resets on {moment_text(state.resets_ns, budget.zone)} ({budget.zone_name})."
    )


def notice(state: BudgetState) -> BudgetNotice:
    """What is left of a budget, for headers."""
    return BudgetNotice(
        name=state.budget.name,
        percent=int(state.percent),
        left_usd=f"{max(0, state.nano_usd - state.used) / NANO_PER_USD:.2f}",
        resets=resets_text(state),
    )


def resets_text(state: BudgetState) -> str:
    """When a budget begins anew, for machines: `2026-12-01T00:00:00+01:00`."""
    return dt.datetime.fromtimestamp(state.resets_ns // _NS_PER_S, state.budget.zone).isoformat()


def usd_text(nano_usd: int) -> str:
    """An amount for people: `$50.00`, `$1,250.00`, and smaller ones with as many digits as they need: `$0.0042`."""
    usd = nano_usd / NANO_PER_USD
    if usd >= 0.1 or nano_usd == 0:
        return f"${usd:,.2f}"
    return f"${usd:.4f}" if usd >= 0.0001 else "less than $0.0001"


def moment_text(at_ns: int, zone: dt.tzinfo) -> str:
    """A moment for people: `Tuesday 1 December 2026 at 00:00`."""
    moment = dt.datetime.fromtimestamp(at_ns // _NS_PER_S, zone)
    return f"{moment:%A} {moment.day} {moment:%B} {moment.year} at {moment:%H:%M}"


def _whose(state: BudgetState) -> str:
    name = state.budget.name
    if state.budget.of_session:
        return f"Budget {name!r} of this session"
    return f"Budget {name!r} of {state.who}" if state.who else f"Budget {name!r}, which its users share,"


class BudgetMeter(msgspec.Struct, frozen=True):
    """How much of a budget is used, for programs. `principal` is whose count it is; `None` for one that its users share."""

    name: str
    principal: str | None
    session: str | None
    period: str
    timezone: str
    usd: float
    spent_usd: float
    reserved_usd: float
    left_usd: float
    percent: float
    resets_at: str


def meter(state: BudgetState) -> BudgetMeter:
    """A count as a meter shows it."""
    budget = state.budget
    return BudgetMeter(
        name=budget.name,
        principal=state.who or None,
        session=(state.value.partition("\n")[2] or None) if budget.of_session else None,
        period=budget.per,
        timezone=budget.zone_name,
        usd=state.nano_usd / NANO_PER_USD,
        spent_usd=state.spent / NANO_PER_USD,
        reserved_usd=(state.used - state.spent) / NANO_PER_USD,
        left_usd=max(0, state.nano_usd - state.used) / NANO_PER_USD,
        percent=round(state.percent, 2),
        resets_at=resets_text(state),
    )
