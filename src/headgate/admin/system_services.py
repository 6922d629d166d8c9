"""Privileges on the model services of `system.ai`, which are the endpoints that are in no schema of the catalog: their permissions in Unity Catalog's words.

`EXECUTE` is `CAN_QUERY`, and `MANAGE` is `CAN_MANAGE`. An endpoint that is open to every token has `EXECUTE` for `account users`.
"""

from collections.abc import Callable, Iterator, Sequence

from headgate.admin.endpoint_permissions import EndpointPermissions, Permission, PermissionChange
from headgate.admin.grants import Granted, HolderChange
from headgate.catalog import privileges
from headgate.catalog.names import MODEL_SERVICE, Name
from headgate.catalog.privileges import ALL_PRIVILEGES, EXECUTE, MANAGE
from headgate.core.endpoint_grant import CAN_MANAGE, CAN_QUERY
from headgate.core.principal import Principal

SYSTEM_AI = Name(("system", "ai"))

_LEVELS = {EXECUTE: CAN_QUERY, ALL_PRIVILEGES: CAN_QUERY, MANAGE: CAN_MANAGE}

MayQuery = Callable[[Principal, str], bool]


class SystemServices:
    """The use-cases over the permissions on endpoints. `may_query` is what requests are decided by."""

    def __init__(self, permissions: EndpointPermissions, may_query: MayQuery) -> None:
        self._permissions = permissions
        self._may_query = may_query

    def listed(self, principal: Principal, endpoint: str, holder: str = "") -> list[Granted]:
        """What is granted on the endpoint itself. Without `CAN_MANAGE`, only to the principal and its groups. Raises NotFound for one that it may not use."""
        name, found = self._permissions.visible(principal, endpoint)
        return sorted(each for one in found if not one.source for each in _granted(one, name) if holder in {"", each.holder})

    def effective(self, principal: Principal, endpoint: str, holder: str = "") -> list[Granted]:
        """The same, with what the file and patterns grant, as inherited. For the principal itself it says whether it may use the endpoint, however it may."""
        name, found = self._permissions.visible(principal, endpoint)
        granted = {each for one in found for each in _granted(one, name) if holder in {"", each.holder}}
        if holder == principal.name and not any(each.privilege == EXECUTE for each in granted) and self._may_query(principal, name):
            granted.add(Granted(holder, EXECUTE, SYSTEM_AI))
        return sorted(granted)

    def change(self, principal: Principal, endpoint: str, changes: Sequence[HolderChange]) -> None:
        """Grant and revoke for several holders, all of it or nothing. Requires `CAN_MANAGE`."""
        self._permissions.adjust(principal, endpoint, [PermissionChange(each.holder, _levels(each.add), _levels(each.remove)) for each in changes])


def own_name(endpoint: str) -> Name:
    """The name of the endpoint as a model service of `system.ai`. It may have dots, which no other name of the catalog has."""
    return Name((*SYSTEM_AI.parts, endpoint), service=True)


def _granted(one: Permission, name: str) -> Iterator[Granted]:
    place = SYSTEM_AI if one.source else own_name(name)
    yield Granted(one.principal.name, EXECUTE, place)
    if one.level == CAN_MANAGE:
        yield Granted(one.principal.name, MANAGE, place)


def _levels(words: Sequence[str]) -> frozenset[str]:
    return frozenset(_LEVELS[privileges.parse(word, MODEL_SERVICE)] for word in words)
