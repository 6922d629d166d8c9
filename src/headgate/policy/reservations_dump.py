"""All that is reserved and used at a moment, as a checkpoint has it. Decides nothing."""

import msgspec

from headgate.core.record import Intent
from headgate.policy.budget_states import CountRecord


class ReservationsDump(msgspec.Struct, frozen=True):
    """What is reserved and used, by sections. `open` are the exchanges under way, `limits` the parts of the windows by the counts' keys."""

    at_s: float
    open: dict[str, Intent] = {}
    limits: dict[bytes, list[int]] = {}
    budgets: list[CountRecord] = []
