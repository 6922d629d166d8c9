"""The workspace API of a serving process: the catalog's use-cases in it, statements in a process beside it."""

import asyncio
import os
import sys
from collections.abc import Callable, Iterable, Sequence

import msgspec

from headgate.admin.catalog import CatalogAdmin
from headgate.admin.endpoint_permissions import EndpointPermissions, Governed
from headgate.admin.objects import ObjectAdmin
from headgate.admin.page_queries import PageQueries, PageQuery
from headgate.admin.previews import PreviewAdmin
from headgate.admin.principals import PrincipalAdmin
from headgate.admin.statement_ports import StatementCall, StatementService
from headgate.admin.system_services import SystemServices
from headgate.app.catalog import catalog_cases
from headgate.app.control import Control
from headgate.app.options import StatementProcessOptions
from headgate.app.page_reading import PageReading
from headgate.app.statement_link import IDLE_S, StatementLink
from headgate.config.effective import EffectiveValue, effective_values
from headgate.config.load import Configuration
from headgate.config.previews import PREVIEW
from headgate.core.clock import Clock
from headgate.core.principal import HEADGATE, Principal
from headgate.storage.state.objects import ObjectStore
from headgate.storage.state.principals import PrincipalStore
from headgate.storage.state.stated_groups import StatedGroups
from headgate.web.api.identity import identity_routes
from headgate.web.api.model_services import model_service_routes
from headgate.web.api.object_calls import ObjectCalls
from headgate.web.api.objects import object_routes
from headgate.web.api.permissions import permission_routes
from headgate.web.api.previews import preview_routes
from headgate.web.api.routes import ApiRoute
from headgate.web.api.scim import scim_routes
from headgate.web.api.service import PREFIXES, Api
from headgate.web.api.serving_endpoints import serving_routes
from headgate.web.api.statements import statement_routes
from headgate.web.api.tokens import token_routes
from headgate.web.api.unity import Unity, unity_routes
from headgate.web.api.unity_grants import ServiceGrants
from headgate.web.authenticator import Authenticator
from headgate.web.denied_requests import DeniedRequests
from headgate.web.path_table import PathTable
from headgate.web.service import Service

_READY_AFTER_S = 5.0  # the gateway's first exchanges are served first


class WorkspaceApi:
    """Owns the catalog and the link to the statement process. `close` ends that."""

    def __init__(self, control: Control, clock: Clock) -> None:
        settings = control.configuration.settings
        self._control = control
        self._store = store = ObjectStore(control.store.database)
        self.objects = ObjectAdmin(store, self._configuration, clock)
        self.previews = PreviewAdmin(store, self._configuration, clock)
        self.cases = catalog_cases(control.catalog_state, control.data, settings.storage.warehouse, clock)
        options = StatementProcessOptions(
            data_dir=str(control.data.root), parent_pid=os.getpid(), storage=settings.storage, sql=settings.sql, log=settings.log
        )
        told = msgspec.json.encode(options).decode()
        self._link = StatementLink((sys.executable, "-m", "headgate.app.statement_process", told), None if settings.sql.keep_ready else IDLE_S)
        self.settling_command = (sys.executable, "-m", "headgate.app.settling_process", told)
        self.page_queries: PageQueries = PageReading(self._link, settings.sql.workers + 1)  # one more is compiled while the workers are busy
        self._token_routes = token_routes(control.store.admin, control.store.follow, clock)
        self.principals = PrincipalAdmin(PrincipalStore(control.store.database), clock, StatedGroups(str(control.data.root)).groups)
        self._public_url = settings.server.public_url.rstrip("/")
        self._clock = clock

    @property
    def catalog(self) -> CatalogAdmin:
        """The catalog, for every API that needs it."""
        return self.cases.catalog

    @property
    def statements(self) -> StatementService:
        """What runs statements, for every page that needs it."""
        return self._link

    @property
    def unprotected(self) -> tuple[str, ...]:
        """The protections that the sandbox of SQL lacks on this machine, as far as a statement has shown."""
        return self._link.unprotected

    def routes(self, authenticator: Authenticator, more: Iterable[ApiRoute] = ()) -> tuple[ApiRoute, ...]:
        """Every route of the API. `more` are those over what others own."""
        control, cases, follow = self._control, self.cases, self._control.store.follow
        objects, permissions = self._object_calls(), self.permissions
        services = ServiceGrants(SystemServices(permissions, self._may_query), follow)
        return (
            *statement_routes(self._link, authenticator.live_token),
            *unity_routes(Unity(cases.catalog, cases.tables, cases.grants, cases.locations, self._clock, services)),
            *scim_routes(self.principals, follow),
            *identity_routes(),
            *self._token_routes,
            *permission_routes(permissions, follow),
            *object_routes(objects),
            *model_service_routes(objects, cases.catalog),
            *preview_routes(self.previews, follow),
            *serving_routes(objects, lambda: control.snapshot().endpoints),
            *more,
        )

    def services(self, authenticator: Authenticator, denied: DeniedRequests, more: Iterable[ApiRoute]) -> dict[str, Service]:
        """The API's service, by the prefixes of its paths. `more` are routes over what others own."""
        return dict.fromkeys(PREFIXES, Api(PathTable(self.routes(authenticator, more)), authenticator, self._public_url, denied))

    @property
    def permissions(self) -> EndpointPermissions:
        """The permissions on endpoints, for every API and page that needs them."""
        control = self._control

        def governed() -> Governed:
            snapshot = control.snapshot()
            return Governed(snapshot.endpoints, snapshot.permissions, snapshot.groups)

        return EndpointPermissions(self.objects, self.principals, governed)

    def _object_calls(self) -> ObjectCalls:
        control = self._control
        return ObjectCalls(
            self.objects,
            control.store.follow,
            lambda: control.snapshot().permissions,
            lambda: control.providers,
            self._names_of,
        )

    def _may_query(self, principal: Principal, name: str) -> bool:
        table = self._control.snapshot().permissions
        return table is None or table.may_query(principal, name)

    def _names_of(self, name: str) -> tuple[str, ...]:
        return self._control.snapshot().endpoints.names_of(name)

    def _configuration(self) -> Configuration:
        """The file's configuration with the providers in use, which are those of the demo in the demo."""
        return msgspec.structs.replace(self._control.configuration, providers=self._control.providers)

    def effective_values(self) -> list[EffectiveValue]:
        """Every setting that is in force, with what set it."""
        return effective_values(self._control.configuration, self._store.list_objects(PREVIEW))

    @property
    def statement_restarts(self) -> int:
        """How often the statement process ended by itself and another one was started."""
        return self._link.restarts

    def begin(self) -> None:
        """Start the statement process soon, where it is kept ready. Called in the running event loop, once the gateway serves."""
        if self._control.configuration.settings.sql.keep_ready:
            asyncio.get_running_loop().call_later(_READY_AFTER_S, self._link.warm)

    def warm(self) -> None:
        """Start the statement process, so that the first query of a page does not wait for that."""
        self._link.warm()

    def compile_ahead(self, queries: Callable[[], Sequence[PageQuery]]) -> None:
        """Have each statement process compile these soon after its start. They are made on a thread."""

        async def opening() -> StatementCall:
            return StatementCall(kind="compile", principal=HEADGATE, body=msgspec.msgpack.encode(await asyncio.to_thread(queries)))

        self._link.opening = opening

    async def close(self) -> None:
        """End the statement process."""
        await self._link.close()
