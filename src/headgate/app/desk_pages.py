"""The pages on which administrators run the gateway: puts together what each is given. Makes no page itself."""

from headgate.app.control import Control
from headgate.app.health import Health
from headgate.app.system_facts import SystemReport
from headgate.app.workspace_api import WorkspaceApi
from headgate.core.clock import Clock
from headgate.web.ui.previews import preview_page_routes
from headgate.web.ui.routes import PageRoute
from headgate.web.ui.settings import SettingsParts, settings_routes


def desk_routes(control: Control, health: Health, api: WorkspaceApi, clock: Clock) -> tuple[PageRoute, ...]:
    """The routes of previews and settings."""
    settings = SettingsParts(
        values=api.effective_values,
        facts=SystemReport(control, health, clock).facts,
        settings=lambda: control.configuration.settings,
        endpoints=lambda: control.snapshot().endpoints.written,
    )
    return (*preview_page_routes(api.previews, control.store.follow), *settings_routes(settings))
