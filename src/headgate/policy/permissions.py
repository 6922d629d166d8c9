"""Which principals may query and which may manage an endpoint. Pure, immutable, built once from all grants.

An endpoint that no grant names may be queried by every principal, unless the default is closed. One that a grant names may be queried only by those that a
grant names with it. Administrators may query and manage every endpoint. One that is named like a service in a schema of the catalog takes privileges of the
catalog, whatever the default.
"""

from collections.abc import Callable, Iterable, Sequence

import msgspec

from headgate.core.endpoint_grant import CAN_MANAGE, EndpointGrant
from headgate.core.group import is_group
from headgate.core.model_names import NamesOf, is_open, matches_one_of, only_itself
from headgate.core.principal import ADMINS, ALL_USERS, SERVICE_PRINCIPAL, USER, VIEWERS, Principal
from headgate.core.roles import VIEWER

_NAMES_MAX = 4096  # endpoints whose grants are remembered
_QUERYING_MAX = 20_000  # principals with an endpoint that they may query


class Holders(msgspec.Struct, frozen=True):
    """Principals by the sets that they are looked up in. Built-in groups are in `groups` too, by their names."""

    users: frozenset[str]
    service_principals: frozenset[str]
    groups: frozenset[str]
    everyone: bool = False
    viewers: bool = False

    def have(self, principal: Principal) -> bool:
        """Whether the principal is one of them, itself or by a group."""
        if self.everyone or not self.groups.isdisjoint(principal.groups) or (self.viewers and VIEWER in principal.roles):
            return True
        if principal.kind == SERVICE_PRINCIPAL:
            return principal.name in self.service_principals or principal.id in self.service_principals
        return principal.name in self.users


class Need(msgspec.Struct, frozen=True):
    """A privilege of the catalog that using an endpoint takes, on which place, and the principals that have it."""

    privilege: str
    place: str
    holders: Holders


class CatalogService(msgspec.Struct, frozen=True):
    """What the catalog says of an endpoint whose name is that of a service in a schema. All of `way` are needed, and `execute` or a grant that names it."""

    way: tuple[Need, ...]
    execute: Need
    manage: Need


class _Rule(msgspec.Struct, frozen=True):
    """What holds for one endpoint."""

    open: bool
    query: Holders
    manage: Holders
    service: CatalogService | None = None

    def lets_query(self, principal: Principal) -> bool:
        """Whether the principal may send requests to it."""
        service = self.service
        if service is None:
            return self.open or self.query.have(principal)
        if not all(need.holders.have(principal) for need in service.way):
            return False
        return service.execute.holders.have(principal) or self.query.have(principal)

    def lets_manage(self, principal: Principal) -> bool:
        """Whether the principal may change it."""
        return self.manage.have(principal) or (self.service is not None and self.service.manage.holders.have(principal))


Services = Callable[[str], CatalogService | None]


def _no_service(_endpoint: str) -> None:
    return None


class PermissionTable:
    """All grants on endpoints. `groups` are the names of all groups: a plain name that is one of them means the group.

    `services` says for the name of an endpoint what the catalog says of it; `None` where it is no service in a schema.
    """

    def __init__(
        self,
        grants: Iterable[EndpointGrant],
        groups: frozenset[str] = frozenset(),
        names_of: NamesOf = only_itself,
        *,
        closed: bool = False,
        services: Services = _no_service,
    ) -> None:
        self._names_of = names_of
        self.grants = tuple(dict.fromkeys(grants))
        self._groups = groups | ALL_USERS | {ADMINS, VIEWERS}
        self._closed = closed
        self._services = services
        self._exact: dict[str, list[EndpointGrant]] = {}
        self._patterns: dict[str, list[EndpointGrant]] = {}
        for grant in self.grants:
            (self._patterns if is_open(grant.endpoint) else self._exact).setdefault(grant.endpoint, []).append(grant)
        self._rules: dict[str, _Rule] = {}  # what was found before
        self._querying: set[tuple[Principal, str]] = set()  # those that may query

    def may_query(self, principal: Principal, endpoint: str) -> bool:
        """Whether the principal may send requests to the endpoint of this name."""
        key = (principal, endpoint)
        if key in self._querying:
            return True
        rule = self._rules.get(endpoint) or self._look_up(endpoint)
        if not (rule.lets_query(principal) or principal.is_administrator):
            return False
        if len(self._querying) >= _QUERYING_MAX:
            self._querying = set()
        self._querying.add(key)
        return True

    def may_manage(self, principal: Principal, endpoint: str) -> bool:
        """Whether the principal may change the endpoint of this name, and who may use it."""
        rule = self._rules.get(endpoint) or self._look_up(endpoint)
        return rule.lets_manage(principal) or principal.is_administrator

    def is_open(self, endpoint: str) -> bool:
        """Whether every principal may query the endpoint of this name because no grant names it."""
        rule = self._rules.get(endpoint) or self._look_up(endpoint)
        return rule.open and rule.service is None

    def lacked(self, principal: Principal, endpoint: str) -> Need | None:
        """The first privilege of the catalog that a principal lacks who may not query the endpoint; `None` where it lacks a grant."""
        return next((need for need in self.needs(endpoint) if not need.holders.have(principal)), None)

    def service(self, endpoint: str) -> CatalogService | None:
        """What the catalog says of the endpoint; `None` where it is no service of the catalog."""
        return (self._rules.get(endpoint) or self._look_up(endpoint)).service

    def needs(self, endpoint: str) -> tuple[Need, ...]:
        """The privileges of the catalog that using the endpoint takes, from the catalog down; none where it is no service of the catalog."""
        service = self.service(endpoint)
        return (*service.way, service.execute) if service is not None else ()

    def on(self, endpoint: str) -> list[EndpointGrant]:
        """The grants that apply to the endpoint of this name: those that name it, then those whose pattern matches."""
        names = self._names_of(endpoint)
        found = [grant for name in names for grant in self._exact.get(name, ())]
        for pattern, grants in self._patterns.items():
            if matches_one_of(pattern, names):
                found += grants
        return found

    def of(self, principal: Principal) -> list[EndpointGrant]:
        """The grants that name a principal, itself or by a group."""
        return [grant for grant in self.grants if self._holders([grant]).have(principal)]

    def managing_groups(self, endpoint: str) -> list[str]:
        """The groups that manage the endpoint, by name."""
        return sorted((self._rules.get(endpoint) or self._look_up(endpoint)).manage.groups)

    def _look_up(self, endpoint: str) -> _Rule:
        grants = self.on(endpoint)
        if len(self._rules) >= _NAMES_MAX:
            self._rules = {}  # never emptied in place: another thread may be reading it
        managing = [grant for grant in grants if grant.permission == CAN_MANAGE]
        rule = self._rules[endpoint] = _Rule(
            not grants and not self._closed, self._holders(grants), self._holders(managing), self._services(endpoint)
        )
        return rule

    def _holders(self, grants: Sequence[EndpointGrant]) -> Holders:
        groups = {grant.principal.name for grant in grants if is_group(grant.principal, self._groups)}
        others = [grant.principal for grant in grants if not is_group(grant.principal, self._groups)]
        return Holders(
            users=frozenset(each.name for each in others if each.kind in {"", USER}),
            service_principals=frozenset(each.name for each in others if each.kind in {"", SERVICE_PRINCIPAL}),
            groups=frozenset(groups - ALL_USERS),
            everyone=not groups.isdisjoint(ALL_USERS),
            viewers=VIEWERS in groups,
        )
