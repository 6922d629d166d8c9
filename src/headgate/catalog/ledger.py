"""The joined ledger as views: exchanges, how much of them clients reported, and sessions, over the usage table and all OpenTelemetry tables.

Pure text: nothing is looked up or run here. The owner of the catalog asks for the views again when an OpenTelemetry table comes or goes.
"""

from collections.abc import Sequence

from headgate.catalog import ledger_clients, ledger_coverage, ledger_exchanges, ledger_requests, ledger_sessions, ledger_tools
from headgate.catalog.ledger_sources import OtelTable
from headgate.catalog.names import Name
from headgate.catalog.system import SystemView

__all__ = ("OtelTable", "views")


def views(usage: Name, tables: Sequence[OtelTable], days: int = 0) -> tuple[SystemView, ...]:
    """The views, beside the usage table, each after those that it reads. Any number of tables will do, none too; spans are not read.

    `days` bounds what they look back on: a pair is found in memory, so all time is for small histories. 0 is all time.
    """
    place = usage.parent
    requests, tools, sessions = place.child("client_requests"), place.child("client_tools"), place.child("client_sessions")
    exchanges = place.child("exchanges")
    return (
        SystemView(requests, ledger_requests.text(tables, days), ledger_requests.SCHEMA, ledger_requests.COMMENT),
        SystemView(tools, ledger_tools.text(tables, days), ledger_tools.SCHEMA, ledger_tools.COMMENT),
        SystemView(sessions, ledger_clients.text(tables, tools, days), ledger_clients.SCHEMA, ledger_clients.COMMENT),
        SystemView(exchanges, ledger_exchanges.text(usage, requests, days), ledger_exchanges.SCHEMA, ledger_exchanges.COMMENT),
        SystemView(place.child("coverage"), ledger_coverage.text(exchanges), ledger_coverage.SCHEMA, ledger_coverage.COMMENT),
        SystemView(place.child("sessions"), ledger_sessions.text(exchanges, sessions, days), ledger_sessions.SCHEMA, ledger_sessions.COMMENT),
    )
