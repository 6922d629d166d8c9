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


class DemoTable(msgspec.Struct, frozen=True):
    """A table that the demo writes to: its id and name in the catalog, where its files are, and whether Headgate owns those."""

    id: str
    name: str
    location: str
    managed: bool


class Filled(msgspec.Struct, frozen=True, kw_only=True):
    """What was written: how many exchanges, up to when, what they spent of budgets, who the people are, and the tables by
    the signal that they take; nothing if another process was at it.
    """

    refused: str = ""  # why nothing is ever written to this store
    exchanges: int = 0
    until_ns: int = 0
    spent: tuple[SpentOfBudget, ...] = ()
    identities: dict[str, Identity] = {}
    tables: dict[str, DemoTable] = {}
