"""The joined ledger as views: exchanges, how much of them clients reported, and sessions, over the usage table and all OpenTelemetry tables.

Pure text: nothing is looked up or run here. The owner of the catalog asks for the views again when an OpenTelemetry table comes or goes.
"""

from collections.abc import Sequence

from headgate.catalog.ledger import (
    client_requests_view,
    client_sessions_view,
    client_tools_view,
    coverage_view,
    exchanges_view,
    sessions_view,
    settled,
)
from headgate.catalog.ledger.settled import SettledTime, rows_of, with_live
from headgate.catalog.ledger.sources import OtelTable, Stretch
from headgate.catalog.names import Name
from headgate.catalog.statements import CreateTable
from headgate.catalog.system import SystemView

_NOTHING = SettledTime()


def ledger_views(usage: Name, tables: Sequence[OtelTable], days: int = 0, known: SettledTime = _NOTHING) -> tuple[SystemView, ...]:
    """The views, beside the usage table, each after those that it reads. Any number of tables will do, none too; spans are not read.

    `days` bounds what they look back on: a pair is found in memory, so all time is for small histories. 0 is all time. `known` says what need not be
    computed because it is settled.
    """
    place, last = usage.parent, Stretch(days=days)
    requests, sessions, exchanges = place.child("client_requests"), place.child("client_sessions"), place.child("exchanges")
    texts = _from_settled(usage, tables, days, known) if known.until_us else _from_all(usage, tables, last)
    return (
        SystemView(requests, client_requests_view.text(tables, last), client_requests_view.SCHEMA, client_requests_view.COMMENT),
        SystemView(place.child("client_tools"), texts["client_tools"], client_tools_view.SCHEMA, client_tools_view.COMMENT),
        SystemView(sessions, client_sessions_view.text(texts["client_sessions"]), client_sessions_view.SCHEMA, client_sessions_view.COMMENT),
        SystemView(exchanges, exchanges_view.text(usage, requests.sql, last), exchanges_view.SCHEMA, exchanges_view.COMMENT),
        SystemView(place.child("coverage"), coverage_view.text(texts["coverage"]), coverage_view.SCHEMA, coverage_view.COMMENT),
        SystemView(place.child("sessions"), sessions_view.text(texts["sessions"], sessions, last), sessions_view.SCHEMA, sessions_view.COMMENT),
    )


def settling(usage: Name, tables: Sequence[OtelTable], stretch: Stretch, known: SettledTime) -> tuple[tuple[CreateTable, str], ...]:
    """For each table of the settled ledger, the query that gives its rows of a stretch, where `known` is settled before it."""
    tools, requests = client_tools_view.text(tables, stretch), _bracketed(client_requests_view.text(tables, stretch))
    exchanges, wide = (_bracketed(exchanges_view.text(usage, requests, shown)) for shown in (stretch, stretch.widened))
    earlier = _bracketed(rows_of(settled.SESSIONS, known))
    return (
        (settled.TOOLS, tools),
        (settled.CLIENT_SESSIONS, client_sessions_view.part_text(tables, _bracketed(tools), stretch)),
        (settled.SESSIONS, sessions_view.part_text(exchanges, stretch, earlier)),
        (settled.COVERAGE, coverage_view.part_text(wide, stretch, earlier)),
    )


def _from_all(usage: Name, tables: Sequence[OtelTable], stretch: Stretch) -> dict[str, str]:
    """Each view's part that differs, where nothing is settled."""
    place = usage.parent
    exchanges = place.child("exchanges").sql
    return {
        "client_tools": client_tools_view.text(tables, stretch),
        "client_sessions": _bracketed(client_sessions_view.part_text(tables, place.child("client_tools").sql, stretch)),
        "coverage": _bracketed(coverage_view.part_text(exchanges, stretch)),
        "sessions": _bracketed(sessions_view.part_text(exchanges, stretch)),
    }


def _from_settled(usage: Name, tables: Sequence[OtelTable], days: int, known: SettledTime) -> dict[str, str]:
    """The same where the time before some moment is settled."""
    every = settling(usage, tables, known.live, known)
    texts = {table.name.leaf.removeprefix("settled_"): with_live(table, known, live, days) for table, live in every}
    return {leaf: text if leaf == "client_tools" else _bracketed(text) for leaf, text in texts.items()}


def _bracketed(query: str) -> str:
    return f"(\n{query})"
