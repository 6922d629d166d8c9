"""The pages of access: puts together what each is given. Makes no page itself."""

from headgate.app.control import Control
from headgate.app.explaining import governance
from headgate.app.health import Health
from headgate.app.workspace_api import WorkspaceApi
from headgate.core.clock import Clock
from headgate.web.ui.access import access_routes
from headgate.web.ui.access_parts import AccessParts
from headgate.web.ui.access_principals import principal_page_routes
from headgate.web.ui.access_tokens import token_page_routes
from headgate.web.ui.routes import PageRoute
from headgate.web.ui.shown_once import ShownOnce


def governance_routes(control: Control, health: Health, api: WorkspaceApi, clock: Clock) -> tuple[PageRoute, ...]:
    """The routes."""
    governed = governance(control, health.exchanges)
    access = AccessParts(api.principals, control.store.admin, governed, control.store.follow, clock, ShownOnce(clock))
    return (*access_routes(access), *principal_page_routes(access), *token_page_routes(access))
