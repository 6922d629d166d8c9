"""An exchange that asks to be admitted, and what applies to it. Decides nothing."""

from collections.abc import Callable
from typing import final

from headgate.core.budget import BudgetMark
from headgate.core.endpoint import Endpoint
from headgate.dialects.asked import Asked
from headgate.exchange.failover import TargetOrder
from headgate.exchange.inbound import Inbound
from headgate.exchange.snapshot import Snapshot
from headgate.policy.budgets import NEVER, Share
from headgate.policy.limits import RequestCounts


@final
class Candidate:
    """An exchange that asks to be admitted. `divert` finds another endpoint by its name, with the order of its targets, or raises GatewayError."""

    __slots__ = ("asked", "divert", "endpoint", "inbound", "order", "snapshot")

    def __init__(self, inbound: Inbound, asked: Asked, endpoint: Endpoint, order: TargetOrder, snapshot: Snapshot, divert: "Divert") -> None:
        self.inbound = inbound
        self.asked = asked
        self.endpoint = endpoint
        self.order = order
        self.snapshot = snapshot
        self.divert = divert

    def diverted(self, name: str) -> "Candidate":
        """The same exchange for the endpoint of this name. Raises as `divert` does."""
        endpoint, order = self.divert(self, name)
        return Candidate(self.inbound, self.asked, endpoint, order, self.snapshot, self.divert)


Divert = Callable[[Candidate, str], tuple[Endpoint, TargetOrder]]


@final
class ApplyingRules:
    """The counts of limits and of budgets that a request needs room in. `marks` is what its record says of these budgets where none does anything.

    `counts_tokens`: one of them needs to know how many tokens may be used. `warns`, `hard_money`: one of the budgets warns, is hard.
    """

    __slots__ = ("counts", "counts_tokens", "hard_money", "marks", "shares", "warns")

    def __init__(self, counts: RequestCounts, shares: tuple[Share, ...], *, counts_tokens: bool) -> None:
        self.counts = counts
        self.shares = shares
        self.marks = tuple([BudgetMark(share.allowance.name, share.value) for share in shares])
        self.counts_tokens = counts_tokens or bool(shares)
        self.warns = any(share.allowance.warn_at < NEVER for share in shares)
        self.hard_money = any(share.allowance.budget.hard for share in shares)
