"""The ports of an exchange's journey, put together once for a worker."""

import random
from collections.abc import Callable

import msgspec

from headgate.core.clock import Clock
from headgate.core.endpoint import Target
from headgate.exchange.denials import Denials
from headgate.exchange.ports import Afterwards, CallStateStore, ExchangeJournal, ExchangeListener, ResponseStore, Upstream
from headgate.exchange.reservation_store import ReservationStore
from headgate.exchange.snapshot import Snapshot
from headgate.policy.budget_states import BudgetCrossing


class Outside(msgspec.Struct, frozen=True):
    """What the journey is given: the ports it speaks through. `snapshot` returns the current control state."""

    snapshot: Callable[[], Snapshot]
    upstream_of: Callable[[Target], Upstream]
    journal: ExchangeJournal
    listener: ExchangeListener
    clock: Clock
    afterwards: Afterwards | None = None
    pass_headers: tuple[str, ...] = ("*",)
    reservations: ReservationStore | None = None  # by default in memory
    crossed: Callable[[BudgetCrossing], None] | None = None  # hears of each percent of a budget that was reached
    denials: Denials | None = None  # hears of each refusal
    responses: ResponseStore | None = None  # without it no response is kept
    call_states: CallStateStore | None = None  # without it clients of Chat Completions lose what models hide in their answers
    draw: Callable[[], float] = random.SystemRandom().random  # a number from 0 to 1 for each choice that is left to chance
