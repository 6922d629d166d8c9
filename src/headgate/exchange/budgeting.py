"""Budgets in the journey of an exchange: what a request may cost in each budget that applies, and what it has cost.

It counts nothing and prices nothing: `policy` says which budgets apply and counts, `metering` prices.
"""

from collections.abc import Sequence

from headgate.core.budget import RATE, REFUSE, UNCOUNTED, Budget, BudgetMark
from headgate.core.endpoint import Target
from headgate.core.errors import BadRequest
from headgate.core.headers import Headers
from headgate.core.record import Outcome
from headgate.dialects.error_answer import budget_headers
from headgate.exchange.candidate import ApplyingRules, Candidate
from headgate.exchange.declared_budgets import Budgets
from headgate.metering.spending import at_rate, dearest
from headgate.policy.budget_count import HeldMoney
from headgate.policy.budget_states import BudgetLack
from headgate.policy.budget_text import notice, unpriced_refusal


def amounts_of(candidate: Candidate, applying: ApplyingRules, input_tokens: int, output_tokens: int, output_bound: int) -> tuple[Sequence[int], bool]:
    """What the request may cost in each of its budgets' counts, and whether its model has no price, so that each budget counts it by a rule of its own.

    `output_tokens` are likely; `output_bound` is the most output that it allows, 0 if it does not say. Raises Forbidden where a budget refuses models without a
    price, and BadRequest where a hard one needs a bound that the request does not state.
    """
    budgets, at_ns, shares = candidate.snapshot.budgets, candidate.inbound.received_at_ns, applying.shares
    if budgets is None:
        return (), False
    likely = -1
    for target in candidate.order.targets:
        estimated = budgets.prices.estimate(target, input_tokens, output_tokens, at_ns)
        if estimated is None:
            return [_unpriced(share.allowance.budget, target, input_tokens, output_tokens) for share in shares], True
        if likely < 0:
            likely = estimated
    if not applying.hard_money:
        return (likely,) * len(shares), False
    bound = _bound(candidate, budgets, input_tokens, output_bound)
    return [bound if share.allowance.budget.hard else likely for share in shares], False


def costs(budgets: Budgets, money: Sequence[HeldMoney], outcome: Outcome) -> Sequence[int]:
    """What the ended exchange counts in each budget that it was reserved in."""
    whole = budgets.prices.whole_cost(outcome)
    if whole is not None:
        return (whole,) * len(money)
    found = budgets.prices.cost(outcome)
    return [found.of(held.share.allowance.budget.rate) for held in money]


def spent(budgets: Budgets, outcome: Outcome) -> list[tuple[str, int]]:
    """What an ended exchange counts in each budget that its record names."""
    found, declared = budgets.prices.cost(outcome), budgets.table.by_name
    return [(mark.name, found.of(declared[mark.name].rate)) for mark in outcome.intent.budgets if mark.name in declared]


def marks(money: Sequence[HeldMoney], diverted: BudgetLack | None, *, unpriced: bool) -> tuple[BudgetMark, ...]:
    """The budgets that an exchange counts in, for its record."""
    counted_in = [held.share for held in money]
    found = [BudgetMark(each.allowance.name, each.value, "", each.allowance.budget.unpriced if unpriced else "") for each in counted_in]
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


def _unpriced(budget: Budget, target: Target, input_tokens: int, output_tokens: int) -> int:
    if budget.unpriced == REFUSE:
        raise unpriced_refusal(budget.name, target.model, target.provider.name)
    return at_rate(budget.rate, input_tokens, output_tokens) if budget.rate is not None else 0


def _bound(candidate: Candidate, budgets: Budgets, input_tokens: int, output_bound: int) -> int:
    """The most that the request can cost: a token of input for each byte, all output that it allows, at the dearest of its targets."""
    inbound = candidate.inbound
    if not output_bound:
        raise BadRequest(
            f"A hard budget on endpoint {candidate.endpoint.name} reserves all output that a request allows, and this request does not say how much. "
            "Set its largest number of output tokens (max_tokens, max_output_tokens or maxOutputTokens).",
            code="unbounded_output",
        )
    rates = [budgets.prices.estimate_rates(target, input_tokens, inbound.received_at_ns) for target in candidate.order.targets]
    return max(dearest(each, len(inbound.body), output_bound) for each in rates if each is not None)
