"""What is reserved for one request, and what it used in the end. Decides nothing."""

from collections.abc import Sequence
from typing import final

import msgspec

from headgate.core.limit import LimitState
from headgate.core.record import Intent, Reserved
from headgate.policy.budget_states import BudgetLack, CountRecord, HeldMoney
from headgate.policy.limit_denial import LimitDenial
from headgate.policy.window import HeldRoom

Denial = LimitDenial | BudgetLack  # why a request is not let through


class Used(msgspec.Struct, frozen=True):
    """What a request really used. `costs` are in nano-US-dollars, one for each budget that it was reserved in."""

    requests: int = 1
    input_tokens: int = 0
    output_tokens: int = 0
    costs: Sequence[int] = ()


NOTHING = Used(requests=0)


@final
class Reservation(msgspec.Struct, frozen=True):
    """What is reserved for one request until it is settled: room in windows, and money.

    `nearest` is the limit with the least left.
    """

    request_id: str
    reserved: Reserved
    nearest: LimitState | None = None
    room: HeldRoom = []
    money: Sequence[HeldMoney] = ()


class ReservationsDump(msgspec.Struct, frozen=True):
    """All that is reserved and used at a moment, by sections. `open` are the exchanges under way, `limits` the parts of the windows by the counts' keys."""

    at_s: float
    open: dict[str, Intent] = {}
    limits: dict[bytes, list[int]] = {}
    budgets: list[CountRecord] = []
