"""The pages that look closer: puts together what the pages of requests and of agent sessions are given. Makes no page itself."""

from headgate.app.control import Control
from headgate.app.explaining import governance
from headgate.app.health import Health
from headgate.app.workspace_api import WorkspaceApi
from headgate.catalog import payload_tables
from headgate.catalog.catalog import Catalog
from headgate.core.clock import Clock
from headgate.web.ui.agent_sessions import SessionPages, session_routes
from headgate.web.ui.one_request import OneRequest, one_request_routes
from headgate.web.ui.one_session import OneSession, one_session_routes
from headgate.web.ui.payload_reading import PayloadReader
from headgate.web.ui.requests import RequestPages, request_routes
from headgate.web.ui.routes import PageRoute


def drill_down_routes(control: Control, health: Health, api: WorkspaceApi, clock: Clock) -> tuple[PageRoute, ...]:
    """The routes of requests and of agent sessions."""
    payloads = PayloadReader(api.page_queries, lambda endpoint: _payload_tables(control, api.catalog.known, endpoint))
    return (
        *session_routes(SessionPages(api.page_queries, payloads, control.members_of, clock)),
        *one_session_routes(OneSession(api.page_queries, payloads)),
        *request_routes(RequestPages(api.page_queries, control.members_of, clock)),
        *one_request_routes(OneRequest(api.page_queries, payloads, governance(control, health.exchanges).explain)),
    )


def _payload_tables(control: Control, catalog: Catalog, endpoint: str) -> tuple[str, ...]:
    """The tables that an endpoint's requests and answers may be in, as SQL names them: those that are declared, then every other table of this shape."""
    general = control.configuration.settings.payloads.table
    own = [each.payload.table for each in control.snapshot().endpoints.written if each.payload.table and endpoint in {"", each.name}]
    declared = [payload_tables.table_name(prefix) for prefix in (*own, general) if prefix]
    others = [entry.name for entry in catalog.tables() if entry.name.leaf.endswith(payload_tables.SUFFIX)]
    return tuple(dict.fromkeys(name.sql for name in (*declared, *others)))
