"""The joined ledger as views: exchanges, how much of them clients reported, and sessions, over the usage table and all OpenTelemetry tables.

Pure text: nothing is looked up or run here. The owner of the catalog asks for the views again when an OpenTelemetry table comes or goes.
"""

from collections.abc import Sequence

from headgate.catalog.ledger import client_requests_view, client_sessions_view, client_tools_view, coverage_view, exchanges_view, sessions_view
from headgate.catalog.ledger.live import live_name, with_whole
from headgate.catalog.ledger.settled import PART_TABLES, SettledTime, with_live
from headgate.catalog.ledger.sources import OtelTable, Stretch, bracketed
from headgate.catalog.names import Name
from headgate.catalog.system import SystemView

_NOTHING = SettledTime()


def ledger_views(usage: Name, tables: Sequence[OtelTable], days: int = 0, known: SettledTime = _NOTHING) -> tuple[SystemView, ...]:
    """The views, beside the usage table, each after those that it reads. Any number of tables will do, none too; spans are not read.

    `days` bounds what they look back on: a pair is found in memory, so all time is for small histories. 0 is all time. `known` says what need not be
    computed because it is settled; the views read the rest as `live_relations`.
    """
    place, last = usage.parent, Stretch(days=days)
    requests, sessions, exchanges = place.child("client_requests"), place.child("client_sessions"), place.child("exchanges")
    texts = _from_settled(days, known) if known.until_us else _from_all(usage, tables, last)
    whole = with_whole(known, days) if known.whole else sessions_view.text(texts["sessions"], sessions.sql, last)
    return (
        SystemView(requests, client_requests_view.text(tables, last), client_requests_view.SCHEMA, client_requests_view.COMMENT),
        SystemView(place.child("client_tools"), texts["client_tools"], client_tools_view.SCHEMA, client_tools_view.COMMENT),
        SystemView(sessions, client_sessions_view.text(texts["client_sessions"]), client_sessions_view.SCHEMA, client_sessions_view.COMMENT),
        SystemView(exchanges, exchanges_view.text(usage, requests.sql, last), exchanges_view.SCHEMA, exchanges_view.COMMENT),
        SystemView(place.child("coverage"), coverage_view.text(texts["coverage"]), coverage_view.SCHEMA, coverage_view.COMMENT),
        SystemView(place.child("sessions"), whole, sessions_view.SCHEMA, sessions_view.COMMENT),
    )


def _from_all(usage: Name, tables: Sequence[OtelTable], stretch: Stretch) -> dict[str, str]:
    """Each view's part that differs, where nothing is settled."""
    place = usage.parent
    exchanges = place.child("exchanges").sql
    return {
        "client_tools": client_tools_view.text(tables, stretch),
        "client_sessions": bracketed(client_sessions_view.part_text(tables, place.child("client_tools").sql, stretch)),
        "coverage": bracketed(coverage_view.part_text(exchanges, stretch)),
        "sessions": bracketed(sessions_view.part_text(exchanges, stretch)),
    }


def _from_settled(days: int, known: SettledTime) -> dict[str, str]:
    """The same where the time before some moment is settled."""
    texts = {table.name.leaf.removeprefix("settled_"): with_live(table, known, live_name(table), days) for table in PART_TABLES}
    return {leaf: text if leaf == "client_tools" else bracketed(text) for leaf, text in texts.items()}
