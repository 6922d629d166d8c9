"""The settled ledger: tables of what the ledger's views say of time that is over, and how a view joins them with what is not settled. Pure text.

A day is settled once and for good some time after its end (edition 0). The time since is settled as a draft, which the next draft replaces (an edition of
its own). A view reads the settled days, the newest draft, and what came after that, which is computed (`live`).

With each draft every session is settled whole too, put together from its parts: adding up all parts of all sessions takes longer than a page may wait.
"""

import datetime as dt

import msgspec

from headgate.catalog.ledger import client_sessions_view, client_tools_view, coverage_view, sessions_view
from headgate.catalog.ledger.sources import Stretch
from headgate.catalog.names import Name
from headgate.catalog.statements import CreateTable
from headgate.catalog.types import Field, Structure, parse_text

DAY_US = 86_400_000_000
LIVE_MARGIN_S = 1800  # a report is paired with an exchange that is so much older, where the exchange is not in the draft
_PLACE = Name(("system", "ai_gateway"))
_PROPERTIES = {
    "delta.dataSkippingStatsColumns": "settled_day",
    "delta.checkpointInterval": "50",
    "delta.logRetentionDuration": "interval 12 hours",
    "delta.deletedFileRetentionDuration": "interval 12 hours",
}
_FIRST = (
    Field("edition", parse_text("bigint"), comment="0: a day that is settled for good; else the draft that the row is of"),
    Field("settled_day", parse_text("date"), comment="the last of the days that were settled together, in UTC"),
)


def _table(leaf: str, view: str, columns: Structure | tuple[Field, ...]) -> CreateTable:
    fields = columns.fields if isinstance(columns, Structure) else columns
    return CreateTable(
        name=_PLACE.child(leaf),
        comment=f"What {view} says of days that are over. Ask {view}: it adds what is not settled.",
        schema=Structure((*_FIRST, *fields)),
        if_not_exists=True,
        partitioned_by=("edition",),
        properties=_PROPERTIES,
    )


TOOLS = _table("settled_client_tools", "client_tools", client_tools_view.SCHEMA)
CLIENT_SESSIONS = _table("settled_client_sessions", "client_sessions", client_sessions_view.PARTS)
SESSIONS = _table("settled_sessions", "sessions", sessions_view.PARTS)
COVERAGE = _table("settled_coverage", "coverage", coverage_view.PARTS)
WHOLE_SESSIONS = _table("settled_whole_sessions", "sessions", sessions_view.SCHEMA)
PART_TABLES = (TOOLS, CLIENT_SESSIONS, SESSIONS, COVERAGE)
SETTLED_TABLES = (*PART_TABLES, WHOLE_SESSIONS)


class SettledTime(msgspec.Struct, frozen=True, kw_only=True):
    """How far the ledger is settled: days before `days_until_us` for good, and from there to `draft_until_us` as the draft `edition` (0: no draft).

    `whole` says that this draft has whole sessions too.
    """

    days_until_us: int = 0
    draft_until_us: int = 0
    edition: int = 0
    whole: bool = False

    @property
    def until_us(self) -> int:
        """What is from then on is computed when a view is asked."""
        return max(self.days_until_us, self.draft_until_us if self.edition else 0)

    @property
    def days_alone(self) -> "SettledTime":
        """The same without a draft."""
        return SettledTime(days_until_us=self.days_until_us)

    @property
    def live(self) -> Stretch:
        """The time that is not settled."""
        return Stretch(start_us=self.until_us, margin_s=LIVE_MARGIN_S)


def rows_of(table: CreateTable, settled: SettledTime, days: int = 0) -> str:
    """The table's rows that count, without the columns that say where they come from; of the last so many days."""
    columns = ", ".join(field.name for field in columns_of(table))
    first = dt.datetime.fromtimestamp(settled.days_until_us / 1e6, dt.UTC).date()
    whole = f"(edition = 0 AND settled_day < CAST('{first}' AS DATE){f' AND settled_day >= current_date() - {days}' if days else ''})"
    drafts = f" OR edition = {settled.edition}" if settled.edition else ""
    return f"SELECT {columns} FROM {table.name.sql} WHERE {whole}{drafts}"  # ruff: ignore[hardcoded-sql-expression] - names and numbers that Headgate made


def with_live(table: CreateTable, settled: SettledTime, live: Name, days: int = 0) -> str:
    """What is settled, and what is not: a relation of the time that is left."""
    columns = ", ".join(field.name for field in columns_of(table))
    return f"{rows_of(table, settled, days)}\nUNION ALL\nSELECT {columns} FROM {live.sql}"


def columns_of(table: CreateTable) -> tuple[Field, ...]:
    """The table's columns without those that say where a row comes from."""
    return table.schema.fields[len(_FIRST) :]
