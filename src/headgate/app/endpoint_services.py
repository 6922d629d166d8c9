"""Endpoints whose names are those of model services in a schema of the catalog, `catalog.schema.service`: gives each an entry there, and finds what is granted."""

import logging
from collections.abc import Collection, Iterable, Mapping, Sequence

from headgate.admin.catalog_ports import CatalogState
from headgate.catalog import holders
from headgate.catalog.catalog import Catalog
from headgate.catalog.entries import Entry
from headgate.catalog.holders import Holder
from headgate.catalog.names import Name, service_of_endpoint
from headgate.catalog.privileges import EXECUTE, MANAGE, USE_CATALOG, USE_SCHEMA
from headgate.config.load import Configuration
from headgate.core.clock import Clock
from headgate.core.errors import Unavailable
from headgate.core.ids import new_uuid
from headgate.core.model_names import is_open
from headgate.core.principal import ADMINS, EVERYONE, VIEWERS
from headgate.core.stored_object import StoredObject
from headgate.policy.permissions import CatalogService, Holders, Need, Services

_PARTS = 3
_ENDPOINT = "endpoint"
_FILE = "headgate.toml"  # who made an entry for an endpoint of the file

_log = logging.getLogger("headgate.app")


def may_have_services(declared: Configuration) -> bool:
    """Whether an endpoint may have such a name. Only then the catalog is worth its memory here."""
    names = [endpoint.name for endpoint in declared.endpoints] + [model for provider in declared.providers for model in provider.models]
    return any(name.count(".") >= _PARTS - 1 or is_open(name) for name in names)


def services_in(catalog: Catalog) -> Services:
    """Finds what a catalog says of an endpoint. One whose schema the catalog does not have is none of its services, however its name looks.

    One that has no entry, as those that a pattern makes, has what is granted on its schema.
    """
    ways: dict[Name, tuple[Need, ...]] = {}  # by schema, since a listing asks for all services of one

    def service(endpoint: str) -> CatalogService | None:
        parts = tuple(endpoint.lower().split("."))  # as the catalog's names are
        schema = Name(parts[:-1])
        if len(parts) != _PARTS or not parts[-1] or catalog.find(schema) is None:
            return None
        own = Name(parts, service=True)
        place = own if catalog.find(own) is not None else schema
        if schema not in ways:
            ways[schema] = (_need(catalog, USE_CATALOG, schema.parent), _need(catalog, USE_SCHEMA, schema))
        return CatalogService(ways[schema], _need(catalog, EXECUTE, place), _need(catalog, MANAGE, place))

    return service


class ServiceEntries:
    """Lets the catalog have an entry for each endpoint that is one of its model services, and no others. To be called on a thread."""

    def __init__(self, state: CatalogState, clock: Clock) -> None:
        self._state = state
        self._clock = clock

    def read(self, known: Catalog | None) -> Catalog:
        """The catalog as it is now."""
        return self._state.load(known)

    def settle(self, known: Catalog | None, endpoints: Iterable[str], stored: Sequence[StoredObject]) -> Catalog:
        """The catalog with entries for these endpoints and for those of the store, of which some may not be usable now; `stored` are its objects.

        A deleted endpoint takes its entry and the grants on it along, and so does one that was deleted and made again. Where the entries cannot be
        written, the catalog is returned as it is: a full disk must not keep a revoked token alive.
        """
        catalog = self._state.load(known)
        wanted = _wanted(catalog, endpoints, [one for one in stored if one.kind == _ENDPOINT])
        gone = {entry.id for entry in catalog.all_services() if not _is_same(entry, wanted)}
        new = [self._entry(catalog, name, one) for name, one in wanted.items() if (there := catalog.find(name)) is None or there.id in gone]
        if not (gone or new):
            return catalog
        return self._state.load(catalog) if self._written(gone, new) else catalog

    def clear(self) -> None:
        """Delete all entries: there are no such endpoints."""
        if self._state.has_services():
            self._written({entry.id for entry in self._state.load().all_services()}, ())

    def _written(self, gone: Collection[str], new: Sequence[Entry]) -> bool:
        try:
            self._state.change_services(gone, new)
        except Unavailable as error:
            _log.error("the catalog's entries for endpoints cannot be written: %s", error.message)
            return False
        return True

    def _entry(self, catalog: Catalog, name: Name, stored: StoredObject | None) -> Entry:
        """A new entry. The principal that made the endpoint owns it; administrators own one of the file."""
        now_ns = self._clock.wall_ns()
        maker = stored.created_by if stored is not None else _FILE
        return Entry(
            id=stored.id if stored is not None else new_uuid(now_ns),
            name=name,
            owner=holders.user(maker) if stored is not None and maker in catalog.principals else holders.group(ADMINS),
            created_at_ms=now_ns // 1_000_000,
            created_by=maker,
            updated_at_ms=now_ns // 1_000_000,
            updated_by=maker,
        )


def _wanted(catalog: Catalog, endpoints: Iterable[str], stored: Sequence[StoredObject]) -> dict[Name, StoredObject | None]:
    """The names of the services that the endpoints are, with the endpoint's object where the store has it."""
    own = {one.name: one for one in stored}
    found: dict[Name, StoredObject | None] = {}
    for endpoint in (*endpoints, *own):
        name = service_of_endpoint(endpoint)
        if name is not None and catalog.find(name.parent) is not None:
            found.setdefault(name, own.get(endpoint))
    return found


def _is_same(entry: Entry, wanted: Mapping[Name, StoredObject | None]) -> bool:
    """Whether the entry is for the endpoint that has its name now, and not for one before it."""
    if entry.name not in wanted:
        return False
    stored = wanted[entry.name]
    return stored is None or stored.id == entry.id


def _need(catalog: Catalog, privilege: str, place: Name) -> Need:
    return Need(privilege, f"{place.kind.lower()} {place}", _holders(catalog.holders_with(privilege, place)))


def _holders(keys: Iterable[Holder]) -> Holders:
    """The catalog has users and service principals as one kind."""
    pairs = [key.partition(":") for key in keys]
    users = frozenset(name for kind, _, name in pairs if kind == "user")
    groups = frozenset(name for kind, _, name in pairs if kind == "group")
    return Holders(users, users, groups, everyone=EVERYONE in groups, viewers=VIEWERS in groups)
