"""What the catalog says of endpoints whose names are those of services in a schema: `catalog.schema.service`. Reads a catalog, and nothing else."""

from collections.abc import Iterable

from headgate.catalog.catalog import Catalog
from headgate.catalog.holders import Holder
from headgate.catalog.names import Name
from headgate.catalog.privileges import EXECUTE, MANAGE, USE_CATALOG, USE_SCHEMA
from headgate.config.load import Configuration
from headgate.core.model_names import is_open
from headgate.core.principal import EVERYONE, VIEWERS
from headgate.policy.permissions import CatalogService, Holders, Need, Services

_PARTS = 3


def may_have_services(declared: Configuration) -> bool:
    """Whether an endpoint may have such a name. Only then the catalog is worth its memory here."""
    names = [endpoint.name for endpoint in declared.endpoints] + [model for provider in declared.providers for model in provider.models]
    return any(name.count(".") >= _PARTS - 1 or is_open(name) for name in names)


def services_in(catalog: Catalog) -> Services:
    """Finds what a catalog says of an endpoint. One whose schema the catalog does not have is none of its services, however its name looks."""

    def service(endpoint: str) -> CatalogService | None:
        parts = tuple(endpoint.lower().split("."))  # as the catalog's names are
        schema = Name(parts[:-1])
        if len(parts) != _PARTS or not parts[-1] or catalog.find(schema) is None:
            return None
        way = (_need(catalog, USE_CATALOG, schema.parent), _need(catalog, USE_SCHEMA, schema))
        return CatalogService(way, _need(catalog, EXECUTE, schema), _need(catalog, MANAGE, schema))

    return service


def _need(catalog: Catalog, privilege: str, place: Name) -> Need:
    return Need(privilege, f"{place.kind.lower()} {place}", _holders(catalog.holders_with(privilege, place)))


def _holders(keys: Iterable[Holder]) -> Holders:
    """The catalog has users and service principals as one kind."""
    pairs = [key.partition(":") for key in keys]
    users = frozenset(name for kind, _, name in pairs if kind == "user")
    groups = frozenset(name for kind, _, name in pairs if kind == "group")
    return Holders(users, users, groups, everyone=EVERYONE in groups, viewers=VIEWERS in groups)
