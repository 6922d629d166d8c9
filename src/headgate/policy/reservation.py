"""What is reserved for one request, and what it used in the end. Decides nothing."""

from collections.abc import Sequence
from typing import Final, final

from headgate.core.limit_state import LimitState
from headgate.core.record import Reserved
from headgate.policy.budget_count import HeldMoney
from headgate.policy.budget_states import BudgetLack
from headgate.policy.limit_denial import LimitDenial
from headgate.policy.window import HeldRoom

Denial = LimitDenial | BudgetLack  # why a request is not let through


@final
class Used:
    """What a request really used. `costs` are in nano-US-dollars, one for each budget that it was reserved in."""

    __slots__ = ("costs", "input_tokens", "output_tokens", "requests")

    def __init__(self, requests: int = 1, input_tokens: int = 0, output_tokens: int = 0, costs: Sequence[int] = ()) -> None:
        self.requests = requests
        self.input_tokens = input_tokens
        self.output_tokens = output_tokens
        self.costs = costs


NOTHING: Final = Used(requests=0)


@final
class Reservation:
    """What is reserved for one request until it is settled: room in windows, and money.

    `nearest` is the limit with the least left.
    """

    __slots__ = ("money", "nearest", "request_id", "reserved", "room")

    def __init__(self, request_id: str, reserved: Reserved, nearest: LimitState | None, room: HeldRoom, money: Sequence[HeldMoney]) -> None:
        self.request_id = request_id
        self.reserved = reserved
        self.nearest = nearest
        self.room = room
        self.money = money
