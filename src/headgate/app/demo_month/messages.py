"""What a serving process tells the process that fills the store of the demo, and what that answers."""

import msgspec

from headgate.app.demo_month.happenings import Identity
from headgate.app.demo_month.spending import SpentOfBudget
from headgate.config.schema import Log


class FillOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Where the store is, whose end is the process' end too, and how to log."""

    data_dir: str
    parent_pid: int
    log: Log = Log()


class Filled(msgspec.Struct, frozen=True, kw_only=True):
    """What was written: how many exchanges, up to when, what they spent of budgets, and who the people are; nothing if another process was at it."""

    exchanges: int = 0
    until_ns: int = 0
    spent: tuple[SpentOfBudget, ...] = ()
    identities: dict[str, Identity] = {}
