"""What all principals belong to: their groups, from the file and from the store, and the roles that groups give; and what their tokens may do by that.
Pure, and used where a snapshot is made, never on the way of a request.
"""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from headgate.core.access_token import AccessToken
from headgate.core.group import Group, Memberships
from headgate.core.principal import Principal
from headgate.core.roles import MEMBER, allowed_scopes

_EVERY = frozenset({MEMBER})  # what every principal has


class Belonging:
    """Groups and roles as they are at one moment. A group that the file declares replaces the stored one of the same name, whose roles count for nothing.

    `names` are those of all groups, `declared_twice` those that both have.
    """

    def __init__(self, declared: Sequence[Group], stored: Sequence[Group], roles: Mapping[str, Iterable[str]]) -> None:
        written = frozenset(group.name for group in declared)
        self.declared_twice = written.intersection(group.name for group in stored)
        self._memberships = Memberships((*declared, *(group for group in stored if group.name not in written)))
        self.names = self._memberships.names
        self._roles = {name: given for name, given in roles.items() if name not in written and frozenset(given) != _EVERY}
        self._with_roles = frozenset(self._roles)
        self._known: dict[tuple[frozenset[str], frozenset[str]], tuple[frozenset[str], frozenset[str]]] = {}

    def members_of(self, name: str) -> tuple[str, ...]:
        """The names of all principals in a group."""
        return self._memberships.members_of(name)

    def applied(self, token: AccessToken) -> AccessToken:
        """The token of a principal with its own roles and no groups, once its groups, all its roles and the scopes that they allow are in it."""
        principal = self.principal(token.principal)
        return token if principal is token.principal else msgspec.structs.replace(token, principal=principal)

    def principal(self, principal: Principal) -> Principal:
        """The same of a principal; itself if nothing changes."""
        return self._within(principal, self._memberships.of(principal))

    def group(self, principal: Principal) -> Principal:
        """The same of a principal that is used for the group of its name."""
        return self._within(principal, self._memberships.around(principal.name))

    def _within(self, principal: Principal, groups: frozenset[str]) -> Principal:
        key = (principal.roles, groups & self._with_roles)  # of which there are few
        if key not in self._known:
            roles = principal.roles.union(*(self._roles[name] for name in key[1]))
            self._known[key] = (roles, allowed_scopes(roles))
        roles, allowed = self._known[key]
        if not groups and roles == principal.roles and principal.scopes <= allowed:
            return principal
        return msgspec.structs.replace(principal, groups=groups, roles=roles, scopes=principal.scopes & allowed)
