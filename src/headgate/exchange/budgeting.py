"""Budgets in the journey of an exchange: what a request may cost in each budget that applies, and what it has cost.

It counts nothing and prices nothing: `policy` says which budgets apply and counts, `metering` prices.
"""

from collections.abc import Sequence

import msgspec

from headgate.core.budget import RATE, REFUSE, UNCOUNTED, Budget, BudgetMark
from headgate.core.endpoint import Target
from headgate.core.errors import BadRequest
from headgate.core.headers import Headers
from headgate.core.record import Outcome
from headgate.dialects.error_answer import budget_headers
from headgate.exchange.inbound import Inbound
from headgate.metering.price import Rates
from headgate.metering.spending import at_rate, dearest, estimate
from headgate.metering.spending_prices import SpendingPrices
from headgate.policy.budget_counts import BudgetLack, HeldMoney, Spending
from headgate.policy.budget_text import notice, unpriced_refusal
from headgate.policy.budgets import BudgetTable, Share


class Budgets(msgspec.Struct, frozen=True):
    """The declared budgets, and the prices that they count in."""

    table: BudgetTable
    prices: SpendingPrices


class PlannedRequest(msgspec.Struct, frozen=True):
    """What is asked of which endpoint. `output_bound` is the most output that it allows, 0 if it does not say."""

    inbound: Inbound
    endpoint: str
    targets: tuple[Target, ...]
    input_tokens: int
    output_tokens: int
    output_bound: int


def spendings(shares: Sequence[Share], prices: SpendingPrices, request: PlannedRequest) -> tuple[list[Spending], bool]:
    """What the request may cost in each of these counts, and whether its model has no price, so that each budget counts it by a rule of its own.

    Raises Forbidden where a budget refuses models without a price, and BadRequest where a hard one needs a bound that the request does not state.
    """
    known: list[Rates] = []
    for target in request.targets:
        rates = prices.estimate_rates(target, request.input_tokens, request.inbound.received_at_ns)
        if rates is None:
            return [(share, _unpriced(request, share.allowance.budget, target)) for share in shares], True
        known.append(rates)
    likely = estimate(known[0], request.input_tokens, request.output_tokens)
    return [(share, _bound(request, known) if share.allowance.budget.hard else likely) for share in shares], False


def costs(budgets: Budgets, money: Sequence[HeldMoney], outcome: Outcome) -> tuple[int, ...]:
    """What the ended exchange counts in each budget that it was reserved in."""
    found = budgets.prices.cost(outcome)
    if found.unpriced is None:
        return (found.nano_usd,) * len(money)
    return tuple([found.of(held.share.allowance.budget.rate) for held in money])


def spent(budgets: Budgets, outcome: Outcome) -> list[tuple[str, int]]:
    """What an ended exchange counts in each budget that its record names."""
    found, declared = budgets.prices.cost(outcome), budgets.table.by_name
    return [(mark.name, found.of(declared[mark.name].rate)) for mark in outcome.intent.budgets if mark.name in declared]


def marks(money: Sequence[HeldMoney], diverted: BudgetLack | None, *, unpriced: bool) -> tuple[BudgetMark, ...]:
    """The budgets that an exchange counts in, for its record."""
    counted_in = [held.share for held in money]
    found = [BudgetMark(each.allowance.budget.name, each.value, "", each.allowance.budget.unpriced if unpriced else "") for each in counted_in]
    if diverted is None:
        return tuple(found)
    state = diverted.state
    others = [mark for mark in found if mark.name != state.budget.name]
    counted = next((mark.unpriced for mark in found if mark.name == state.budget.name), None)
    # The other endpoint may be one that the budget does not count.
    return (*others, BudgetMark(state.budget.name, state.value, "downgrade", counted or "")) if counted is not None else tuple(found)


def denied_mark(lack: BudgetLack) -> BudgetMark:
    """The budget that refused an exchange, for its record."""
    return BudgetMark(lack.state.budget.name, lack.state.value, "block")


def unpriced_headers(budget: Budget) -> Headers:
    """Says that the model has no price, and how a budget counts it."""
    return [(b"x-headgate-budget-unpriced", budget.unpriced.encode())] if budget.unpriced in {RATE, UNCOUNTED} else []


def downgrade_headers(lack: BudgetLack, asked: str, served: str) -> Headers:
    """Says which endpoint serves instead of the one that was asked for, and what is left of the budget."""
    names = [(b"x-headgate-budget-downgraded-from", asked.encode()), (b"x-headgate-budget-downgraded-to", served.encode())]
    return budget_headers(notice(lack.state)) + names


def _unpriced(request: PlannedRequest, budget: Budget, unpriced: Target) -> int:
    if budget.unpriced == REFUSE:
        raise unpriced_refusal(budget.name, unpriced.model, unpriced.provider.name)
    return at_rate(budget.rate, request.input_tokens, request.output_tokens) if budget.rate is not None else 0


def _bound(request: PlannedRequest, rates: Sequence[Rates]) -> int:
    """The most that the request can cost: a token of input for each byte, all output that it allows, at the dearest of its targets."""
    if not request.output_bound:
        raise BadRequest(
            f"A hard budget on endpoint {request.endpoint} reserves all output that a request allows, and this request does not say how much. "
            "Set its largest number of output tokens (max_tokens, max_output_tokens or maxOutputTokens).",
            code="unbounded_output",
        )
    return max(dearest(each, len(request.inbound.body), request.output_bound) for each in rates)
