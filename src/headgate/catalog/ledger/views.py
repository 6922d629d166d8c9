"""The joined ledger as views: exchanges, how much of them clients reported, and sessions, over the usage table and all OpenTelemetry tables.

Pure text: nothing is looked up or run here. The owner of the catalog asks for the views again when an OpenTelemetry table comes or goes.
"""

from collections.abc import Sequence

from headgate.catalog.ledger import client_requests_view, client_sessions_view, client_tools_view, coverage_view, exchanges_view, sessions_view
from headgate.catalog.ledger.sources import OtelTable
from headgate.catalog.names import Name
from headgate.catalog.system import SystemView


def ledger_views(usage: Name, tables: Sequence[OtelTable], days: int = 0) -> tuple[SystemView, ...]:
    """The views, beside the usage table, each after those that it reads. Any number of tables will do, none too; spans are not read.

    `days` bounds what they look back on: a pair is found in memory, so all time is for small histories. 0 is all time.
    """
    place = usage.parent
    requests, tools, sessions = place.child("client_requests"), place.child("client_tools"), place.child("client_sessions")
    exchanges = place.child("exchanges")
    return (
        SystemView(requests, client_requests_view.text(tables, days), client_requests_view.SCHEMA, client_requests_view.COMMENT),
        SystemView(tools, client_tools_view.text(tables, days), client_tools_view.SCHEMA, client_tools_view.COMMENT),
        SystemView(sessions, client_sessions_view.text(tables, tools, days), client_sessions_view.SCHEMA, client_sessions_view.COMMENT),
        SystemView(exchanges, exchanges_view.text(usage, requests, days), exchanges_view.SCHEMA, exchanges_view.COMMENT),
        SystemView(place.child("coverage"), coverage_view.text(exchanges), coverage_view.SCHEMA, coverage_view.COMMENT),
        SystemView(place.child("sessions"), sessions_view.text(exchanges, sessions, days), sessions_view.SCHEMA, sessions_view.COMMENT),
    )
