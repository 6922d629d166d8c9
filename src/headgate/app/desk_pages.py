"""The pages on which administrators run the gateway: puts together what each is given. Makes no page itself."""

from headgate.agents.registry import TELEMETRY_TABLES
from headgate.app.control import Control
from headgate.app.health import Health
from headgate.app.price_lookup import PriceLookup
from headgate.app.provider_tests import ProviderTests
from headgate.app.system_facts import SystemReport
from headgate.app.workspace_api import WorkspaceApi
from headgate.catalog.names import Name
from headgate.config.objects import declared_providers
from headgate.core.clock import Clock
from headgate.core.endpoint import Endpoint
from headgate.web.ui.connect import ConnectParts, connect_routes
from headgate.web.ui.endpoints import EndpointParts, endpoint_routes
from headgate.web.ui.previews import preview_page_routes
from headgate.web.ui.providers import ProviderParts, provider_routes
from headgate.web.ui.routes import PageRoute
from headgate.web.ui.settings import SettingsParts, settings_routes
from headgate.web.ui.shown_once import ShownOnce

_SIGNALS = ("metrics", "logs", "spans")


def desk_routes(control: Control, health: Health, api: WorkspaceApi, clock: Clock) -> tuple[PageRoute, ...]:
    """The routes of connecting agents, endpoints, providers, previews and settings."""
    settings = SettingsParts(
        values=api.effective_values,
        facts=SystemReport(control, health, clock).facts,
        settings=lambda: control.configuration.settings,
        endpoints=lambda: control.snapshot().endpoints.written,
    )
    return (
        *connect_routes(_connect_parts(control, api, clock)),
        *endpoint_routes(_endpoint_parts(control, health, api)),
        *provider_routes(_provider_parts(control, health, api, clock)),
        *preview_page_routes(api.previews, control.store.follow),
        *settings_routes(settings),
    )


def _connect_parts(control: Control, api: WorkspaceApi, clock: Clock) -> ConnectParts:
    def telemetry_ready() -> bool:
        known = api.catalog.known
        tables = (Name(tuple(f"{TELEMETRY_TABLES}_otel_{signal}".split("."))) for signal in _SIGNALS)
        return control.configuration.settings.telemetry.create_tables or all(known.find(table) is not None for table in tables)

    return ConnectParts(
        snapshot=control.snapshot,
        tokens=control.store.admin,
        follow=control.store.follow,
        queries=api.page_queries,
        telemetry_ready=telemetry_ready,
        secrets=ShownOnce(clock),
        clock=clock,
    )


def _endpoint_parts(control: Control, health: Health, api: WorkspaceApi) -> EndpointParts:
    return EndpointParts(
        objects=api.objects,
        permissions=api.permissions,
        snapshot=control.snapshot,
        providers=lambda: control.providers,
        circuit=health.exchanges.failures.circuits.state,
        queries=api.page_queries,
        follow=control.store.follow,
    )


def _provider_parts(control: Control, health: Health, api: WorkspaceApi, clock: Clock) -> ProviderParts:
    exchanges = health.exchanges

    def endpoints() -> list[Endpoint]:
        return control.snapshot().endpoints.everything()

    return ProviderParts(
        configuration=lambda: control.configuration,
        places=lambda: declared_providers(control.configuration),
        providers=lambda: control.providers,
        endpoints=endpoints,
        refused_keys=exchanges.memory.refused_keys,
        circuit=exchanges.failures.circuits.state,
        prices=PriceLookup(str(control.data.root), clock).prices,
        tests=ProviderTests(exchanges.checking(), lambda: control.providers, control.audit.note, clock),
        queries=api.page_queries,
    )
