"""Which principals may query and which may manage an endpoint. Pure, immutable, built once from all grants.

An endpoint that no grant names may be queried by every principal, unless the default is closed. One that a grant names may be queried only by those that a
grant names with it. Administrators may query and manage every endpoint.
"""

from collections.abc import Iterable, Sequence

import msgspec

from headgate.core.endpoint_grant import CAN_MANAGE, EndpointGrant
from headgate.core.group import is_group
from headgate.core.model_names import is_open, matches
from headgate.core.principal import ADMINS, ALL_USERS, SERVICE_PRINCIPAL, USER, Principal

_NAMES_MAX = 4096  # endpoints whose grants are remembered


class _Holders(msgspec.Struct, frozen=True):
    """Principals by the sets that they are looked up in."""

    users: frozenset[str]
    service_principals: frozenset[str]
    groups: frozenset[str]
    everyone: bool

    def have(self, principal: Principal) -> bool:
        """Whether the principal is one of them, itself or by a group."""
        if self.everyone or not self.groups.isdisjoint(principal.groups):
            return True
        if principal.kind == SERVICE_PRINCIPAL:
            return principal.name in self.service_principals or principal.id in self.service_principals
        return principal.name in self.users


class _Rule(msgspec.Struct, frozen=True):
    """What holds for one endpoint."""

    open: bool
    query: _Holders
    manage: _Holders


class PermissionTable:
    """All grants on endpoints. `groups` are the names of all groups: a plain name that is one of them means the group."""

    def __init__(self, grants: Iterable[EndpointGrant], groups: frozenset[str] = frozenset(), *, closed: bool = False) -> None:
        self.grants = tuple(dict.fromkeys(grants))
        self._groups = groups | ALL_USERS | {ADMINS}
        self._closed = closed
        self._exact: dict[str, list[EndpointGrant]] = {}
        self._patterns: dict[str, list[EndpointGrant]] = {}
        for grant in self.grants:
            (self._patterns if is_open(grant.endpoint) else self._exact).setdefault(grant.endpoint, []).append(grant)
        self._rules: dict[str, _Rule] = {}  # what was found before

    def may_query(self, principal: Principal, endpoint: str) -> bool:
        """Whether the principal may send requests to the endpoint of this name."""
        rule = self._rules.get(endpoint) or self._look_up(endpoint)
        return rule.open or rule.query.have(principal) or principal.is_administrator

    def may_manage(self, principal: Principal, endpoint: str) -> bool:
        """Whether the principal may change the endpoint of this name, and who may use it."""
        rule = self._rules.get(endpoint) or self._look_up(endpoint)
        return rule.manage.have(principal) or principal.is_administrator

    def on(self, endpoint: str) -> list[EndpointGrant]:
        """The grants that apply to the endpoint of this name: those that name it, then those whose pattern matches."""
        found = list(self._exact.get(endpoint, ()))
        for pattern, grants in self._patterns.items():
            if matches(pattern, endpoint):
                found += grants
        return found

    def managing_groups(self, endpoint: str) -> list[str]:
        """The groups that manage the endpoint, by name."""
        return sorted((self._rules.get(endpoint) or self._look_up(endpoint)).manage.groups)

    def _look_up(self, endpoint: str) -> _Rule:
        grants = self.on(endpoint)
        if len(self._rules) >= _NAMES_MAX:
            self._rules = {}  # never emptied in place: another thread may be reading it
        managing = [grant for grant in grants if grant.permission == CAN_MANAGE]
        rule = self._rules[endpoint] = _Rule(not grants and not self._closed, self._holders(grants), self._holders(managing))
        return rule

    def _holders(self, grants: Sequence[EndpointGrant]) -> _Holders:
        groups = {grant.principal.name for grant in grants if is_group(grant.principal, self._groups)}
        others = [grant.principal for grant in grants if not is_group(grant.principal, self._groups)]
        return _Holders(
            users=frozenset(each.name for each in others if each.kind in {"", USER}),
            service_principals=frozenset(each.name for each in others if each.kind in {"", SERVICE_PRINCIPAL}),
            groups=frozenset(groups - ALL_USERS),
            everyone=not groups.isdisjoint(ALL_USERS),
        )
