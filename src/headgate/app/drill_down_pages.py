"""The pages that look closer: puts together what the pages of requests are given. Makes no page itself."""

from headgate.app.control import Control
from headgate.app.explaining import governance
from headgate.app.health import Health
from headgate.app.workspace_api import WorkspaceApi
from headgate.core.clock import Clock
from headgate.web.ui.one_request import OneRequest, one_request_routes
from headgate.web.ui.requests import RequestPages, request_routes
from headgate.web.ui.routes import PageRoute


def drill_down_routes(control: Control, health: Health, api: WorkspaceApi, clock: Clock) -> tuple[PageRoute, ...]:
    """The routes of requests."""
    return (
        *request_routes(RequestPages(api.page_queries, control.members_of, clock)),
        *one_request_routes(OneRequest(api.page_queries, governance(control, health.exchanges).explain)),
    )
