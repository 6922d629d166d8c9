"""What a request needs room for, in limits and in budgets, before it is sent. Decides nothing."""

from collections.abc import Sequence
from typing import final

from headgate.policy.budgets import Share
from headgate.policy.limits import NO_COUNTS, RequestCounts


@final
class WantedMoney:
    """What a request may cost in each of the budgets' counts `shares`, in nano-US-dollars, at the wall time `at_ns`.

    One that was sent to another endpoint by a budget is not sent on again. `unpriced`: its model has no price, so each budget counts it by a rule of its own.
    """

    __slots__ = ("amounts", "at_ns", "may_downgrade", "shares", "unpriced")

    def __init__(self, shares: Sequence[Share], amounts: Sequence[int], at_ns: int, *, may_downgrade: bool = True, unpriced: bool = False) -> None:
        self.shares = shares
        self.amounts = amounts
        self.at_ns = at_ns
        self.may_downgrade = may_downgrade
        self.unpriced = unpriced


@final
class Wants:
    """What a request needs room for. `output_bound` is the most that it can be answered with, for hard limits; `money` is `None` if no budget applies."""

    __slots__ = ("counts", "input_tokens", "money", "output_bound", "output_tokens", "request_id")

    def __init__(
        self,
        request_id: str,
        counts: RequestCounts = NO_COUNTS,
        input_tokens: int = 0,
        output_tokens: int = 0,
        output_bound: int = 0,
        money: WantedMoney | None = None,
    ) -> None:
        self.request_id = request_id
        self.counts = counts
        self.input_tokens = input_tokens
        self.output_tokens = output_tokens
        self.output_bound = output_bound
        self.money = money
