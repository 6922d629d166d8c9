"""An exchange that asks to be admitted, and what applies to it. Decides nothing."""

from collections.abc import Callable

import msgspec

from headgate.core.budget import BudgetMark
from headgate.core.endpoint import Endpoint
from headgate.dialects.faces import Asked
from headgate.exchange.failover import TargetOrder
from headgate.exchange.inbound import Inbound
from headgate.exchange.snapshot import Snapshot
from headgate.policy.budgets import Share
from headgate.policy.limits import NO_COUNTS, RequestCounts


class Candidate(msgspec.Struct, frozen=True):
    """An exchange that asks to be admitted. `divert` finds another endpoint by its name, with the order of its targets, or raises GatewayError."""

    inbound: Inbound
    asked: Asked
    endpoint: Endpoint
    order: TargetOrder
    snapshot: Snapshot
    divert: "Divert"


Divert = Callable[[Candidate, str], tuple[Endpoint, TargetOrder]]


class ApplyingRules(msgspec.Struct, frozen=True):
    """The counts of limits and of budgets that a request needs room in. `marks` is what its record says of these budgets where none does anything.

    `counts_tokens`: one of them needs to know how many tokens may be used. `warns`, `hard_money`: one of the budgets warns, is hard.
    """

    counts: RequestCounts = NO_COUNTS
    shares: tuple[Share, ...] = ()
    marks: tuple[BudgetMark, ...] = ()
    counts_tokens: bool = False
    warns: bool = False
    hard_money: bool = False
