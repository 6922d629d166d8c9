"""The joined ledger as each principal may read it: of every view of the ledger, the rows that are the asker's own. Text alone; nothing is run here.

A tool call, and a report of a request, name no principal who was authenticated: they are the asker's where the gateway saw their agent session, and saw
it used by the asker alone.
"""

from headgate.catalog import holders
from headgate.catalog.ledger import client_requests_view, client_tools_view, coverage_view, exchanges_view, sessions_view
from headgate.catalog.privileges import SELECT
from headgate.catalog.system import AI_GATEWAY, SystemView
from headgate.catalog.types import Structure
from headgate.core.principal import EVERYONE

_OWN_SESSIONS = """SELECT session_id
  FROM system.ai_gateway.usage_hours
  WHERE session_id IS NOT NULL
  GROUP BY session_id
  HAVING bool_and(requester = current_user())"""
_OTHERS = "SELECT session_id FROM system.ai_gateway.usage_hours WHERE session_id IS NOT NULL AND requester <> current_user()"


def _own(leaf: str, schema: Structure, condition: str) -> SystemView:
    text = f"SELECT * FROM {AI_GATEWAY.child(leaf).sql} WHERE {condition}"  # ruff: ignore[hardcoded-sql-expression] - all of it is written in this file
    return SystemView(AI_GATEWAY.child(f"my_{leaf}"), text, schema, f"The rows of system.ai_gateway.{leaf} that are the asker's own.")


OWN_VIEWS = (
    _own("exchanges", exchanges_view.SCHEMA, "requester = current_user()"),
    _own("sessions", sessions_view.SCHEMA, f"principal = current_user() AND session_id NOT IN ({_OTHERS})"),
    _own("coverage", coverage_view.SCHEMA, "requester = current_user()"),
    _own("client_tools", client_tools_view.SCHEMA, f"session_id IN ({_OWN_SESSIONS})"),
    _own("client_requests", client_requests_view.SCHEMA, f"session_id IN ({_OWN_SESSIONS})"),
)
OWN_GRANTS = tuple((view.name, holders.group(EVERYONE), SELECT) for view in OWN_VIEWS)
