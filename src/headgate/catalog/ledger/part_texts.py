"""The queries that give the rows of the settled ledger's tables. Pure text."""

from collections.abc import Sequence

from headgate.catalog.ledger import client_requests_view, client_sessions_view, client_tools_view, coverage_view, exchanges_view, sessions_view
from headgate.catalog.ledger.settled import CLIENT_SESSIONS, COVERAGE, SESSIONS, TOOLS, SettledTime, rows_of
from headgate.catalog.ledger.sources import OtelTable, Stretch, bracketed
from headgate.catalog.names import Name
from headgate.catalog.statements import CreateTable


def part_texts(
    usage: Name, tables: Sequence[OtelTable], stretch: Stretch, known: SettledTime, tools: str = ""
) -> tuple[tuple[CreateTable, str], ...]:
    """For each table of parts, the query that gives its rows of a stretch, where `known` is settled before it. `tools` is the relation with the stretch's
    tool calls, if there is one.
    """
    calls, requests = client_tools_view.text(tables, stretch), bracketed(client_requests_view.text(tables, stretch))
    exchanges, wide = (bracketed(exchanges_view.text(usage, requests, shown)) for shown in (stretch, stretch.widened))
    earlier = bracketed(rows_of(SESSIONS, known))
    return (
        (TOOLS, calls),
        (CLIENT_SESSIONS, client_sessions_view.part_text(tables, tools or bracketed(calls), stretch)),
        (SESSIONS, sessions_view.part_text(exchanges, stretch, earlier)),
        (COVERAGE, coverage_view.part_text(wide, stretch, earlier)),
    )


def whole_text(known: SettledTime, days: int) -> str:
    """The query that gives every session as it is settled, in order of time, so that a question reads those of its time."""
    reports = bracketed(client_sessions_view.text(bracketed(rows_of(CLIENT_SESSIONS, known, days))))
    sessions = sessions_view.text(bracketed(rows_of(SESSIONS, known, days)), reports, Stretch(days=days))
    return f"SELECT * FROM {bracketed(sessions)} AS whole ORDER BY started_at"  # ruff: ignore[hardcoded-sql-expression] - all of it is ours
