"""What a request needs room for, in limits and in budgets, before it is sent. Decides nothing."""

from collections.abc import Sequence

import msgspec

from headgate.policy.budgets import Share
from headgate.policy.limits import NO_COUNTS, RequestCounts


class Wants(msgspec.Struct, frozen=True):
    """What a request needs room for. `output_bound` is the most that it can be answered with, for hard limits.

    `amounts` are what it may cost in each of the budgets' counts `shares`, in nano-US-dollars, at the wall time `at_ns`. One that was sent to another
    endpoint by a budget is not sent on again.
    `unpriced`: its model has no price, so each budget counts it by a rule of its own.
    """

    request_id: str
    counts: RequestCounts = NO_COUNTS
    input_tokens: int = 0
    output_tokens: int = 0
    output_bound: int = 0
    shares: Sequence[Share] = ()
    amounts: Sequence[int] = ()
    at_ns: int = 0
    may_downgrade: bool = True
    unpriced: bool = False
