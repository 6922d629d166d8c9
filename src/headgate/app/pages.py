"""The pages of a serving process: puts together what each page is given. Makes no page itself."""

import datetime as dt
import importlib

from headgate.admin.page_queries import PageQuery
from headgate.app.control import Control
from headgate.app.cost_pages import cost_page_routes
from headgate.app.desk_pages import desk_routes
from headgate.app.drill_down_pages import drill_down_routes
from headgate.app.governance_pages import governance_routes
from headgate.app.health import Health
from headgate.app.workspace_api import WorkspaceApi
from headgate.core.access_token import AccessToken
from headgate.core.clock import Clock
from headgate.web.authenticator import Authenticator
from headgate.web.session import Sessions
from headgate.web.ui.catalog import CatalogParts, catalog_routes
from headgate.web.ui.dashboard_folder import DashboardFolder
from headgate.web.ui.dashboard_pages import DashboardPages, dashboard_routes
from headgate.web.ui.dashboard_queries import everyones_queries
from headgate.web.ui.event_streams import EventStreams
from headgate.web.ui.events import event_routes
from headgate.web.ui.health_pages import HealthReport, health_routes
from headgate.web.ui.public_texts import public_text_routes
from headgate.web.ui.routes import PageRoute
from headgate.web.ui.service import Browsers, Pages
from headgate.web.ui.sign_in import SignIn, sign_in_routes
from headgate.web.ui.sql import sql_routes
from headgate.web.ui.statement_runs import StatementRuns
from headgate.web.ui.static_files import STATIC_ROUTES
from headgate.web.ui.tile_reading import TileReader

_LIBRARIES = ("jinja2", "markdown_it")


def load_page_libraries() -> None:
    """Load what templates and the documentation are made with, which the requests of agents do not need. For any thread."""
    for library in _LIBRARIES:
        importlib.import_module(library)


class PagesParts:
    """What pages are made from. `url` is where the gateway listens; `demo` says that it shows the demo's data."""

    def __init__(self, control: Control, health: Health, authenticator: Authenticator, api: WorkspaceApi, url: str, *, demo: bool) -> None:
        self._control = control
        self._api = api
        self._authenticator = authenticator
        self._report = HealthReport(health.troubles, health.warnings, health.heartbeat.restarts)
        self._url = url
        self._demo = demo
        self._runs = StatementRuns(api.statements)
        self._health = health
        self._contact = control.configuration.settings.server.contact

    def service(self, clock: Clock, events: EventStreams) -> Pages:
        """The service of all pages. `events` are what browsers hear while a page is open."""
        control = self._control
        sessions = Sessions(control.store.pepper, clock, control.snapshot)
        public_url = control.configuration.settings.server.public_url.rstrip("/")
        browsers = Browsers(
            sessions, self._url, public_url, looked=self._api.warm, demo=self._demo, contact=self._contact, notices=self._report.notices
        )
        desk = desk_routes(self._control, self._health, self._api, clock)
        governed = governance_routes(self._control, self._health, self._api, clock)
        closer = drill_down_routes(self._control, self._health, self._api, clock)
        return Pages((*event_routes(events, sessions), *self._routes(sessions, clock), *desk, *governed, *closer), browsers, clock)

    def _routes(self, sessions: Sessions, clock: Clock) -> tuple[PageRoute, ...]:
        dashboards = self._dashboards(clock)
        return (
            *health_routes(self._report),
            *sign_in_routes(self._sign_in(sessions)),
            *STATIC_ROUTES,
            *public_text_routes(),
            *sql_routes(self._runs, self._api.catalog),
            *catalog_routes(CatalogParts(self._api.catalog, self._api.cases.grants, self._api.page_queries, self._runs)),
            *dashboard_routes(dashboards),
            *cost_page_routes(self._control, self._health, self._api, dashboards, clock),
        )

    def _dashboards(self, clock: Clock) -> DashboardPages:
        control = self._control
        file = control.configuration.file
        beside = file.parent if file is not None else control.data.root
        folder = DashboardFolder(str(beside / control.configuration.settings.pages.dashboards))

        def shown() -> tuple[PageQuery, ...]:
            now = dt.datetime.fromtimestamp(clock.wall_ns() / 1e9, dt.UTC)
            return everyones_queries([*folder.shipped().values(), *folder.own().values()], now)

        self._api.compile_ahead(shown)
        return DashboardPages(folder, TileReader(self._api.page_queries, control.members_of), clock)

    def _sign_in(self, sessions: Sessions) -> SignIn:
        control, authenticator = self._control, self._authenticator
        return SignIn(
            sessions=sessions,
            guesses=authenticator.guesses,
            redeem=self._redeem,
            present=lambda secret, address: authenticator.token([], secret, address),
            end_session=control.store.end_session,
            link_refused=control.audit.link_refused,
            contact=self._contact,
        )

    async def _redeem(self, code: str) -> AccessToken | None:
        """The token of a one-time code. The browser that signs in with it looks at a page next: what answers queries starts meanwhile."""
        token = await self._control.redeem(code)
        if token is not None:
            self._api.warm()
        return token
