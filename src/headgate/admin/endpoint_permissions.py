"""Reads and changes the permissions on one endpoint, as one list. Grants of the file and of patterns are shown with where they come from, and never changed here.

Requires `CAN_MANAGE` on the endpoint, which administrators have.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec

from headgate.admin.declared import DeclaredObject, refuse_declared
from headgate.admin.object_edit import ObjectEdit
from headgate.admin.objects import ObjectAdmin
from headgate.admin.principals import PrincipalAdmin
from headgate.catalog import holders
from headgate.core.endpoint_grant import CAN_MANAGE, CAN_QUERY
from headgate.core.errors import BadRequest, NotFound
from headgate.core.group import is_group
from headgate.core.model_names import matches_one_of
from headgate.core.principal import ADMINS, ALL_USERS, EVERYONE, USER, Principal
from headgate.core.principal_name import GROUP, PrincipalName, principal_name
from headgate.core.spelling import did_you_mean, nearest
from headgate.policy.permissions import CatalogService, PermissionTable
from headgate.policy.permit import require_manage
from headgate.routing.known_models import VENDORS
from headgate.routing.table import EndpointTable

LEVELS: Mapping[str, str] = {CAN_QUERY: "Can send requests to the endpoint", CAN_MANAGE: "Can also change the endpoint and its permissions"}

_GRANT = "grant"
_ENTRIES_MAX = 500
_ADMINISTRATORS, _EVERYONE = PrincipalName(ADMINS, GROUP), PrincipalName(EVERYONE, GROUP)
_RANK = ("", CAN_QUERY, CAN_MANAGE)


class Permission(msgspec.Struct, frozen=True):
    """A principal's permission on an endpoint. `source` is where it comes from, if it is not one of the store for this very endpoint."""

    principal: PrincipalName
    level: str
    source: str = ""


class PermissionChange(msgspec.Struct, frozen=True):
    """The levels that one principal or group, by its plain name, is given on an endpoint, and those that are taken from it after that."""

    name: str
    add: frozenset[str] = frozenset()
    remove: frozenset[str] = frozenset()


class Governed(msgspec.Struct, frozen=True):
    """What is in force at one moment: the endpoints, the permissions on them (`None`: no grant, and open), and the names of all groups."""

    endpoints: EndpointTable
    permissions: PermissionTable | None
    groups: frozenset[str] = frozenset()


class EndpointPermissions:
    """The use-cases. `governed` returns what is in force."""

    def __init__(self, objects: ObjectAdmin, principals: PrincipalAdmin, governed: Callable[[], Governed]) -> None:
        self._objects = objects
        self._principals = principals
        self._governed = governed

    def shown(self, principal: Principal, which: str) -> tuple[str, list[Permission]]:
        """The name of the endpoint with this id or name, and the permissions on it: those of the store first, each principal as a group, a user or a service
        principal.
        """
        name = self._managed(principal, which)
        return name, self._permissions(name)

    def replace(self, principal: Principal, which: str, wanted: Sequence[Permission]) -> tuple[str, list[Permission]]:
        """Let the store have these permissions on the endpoint and no others. With an empty list only administrators may use it."""
        name = self._managed(principal, which)
        levels = self._levels(wanted) or {_ADMINISTRATORS: CAN_MANAGE}
        groups = self._governed().groups
        with self._objects.editing(principal.name) as edit:
            for grant in _direct(edit.all_of(_GRANT), name):
                if grant.stored is not None and not any(_means(grant, who, groups) for who in levels):
                    edit.delete(_GRANT, grant.id)
            self._set(edit, name, levels)
        return name, self._permissions(name)

    def update(self, principal: Principal, which: str, wanted: Sequence[Permission]) -> tuple[str, list[Permission]]:
        """Give these principals these permissions, and leave the others as they are."""
        name = self._managed(principal, which)
        with self._objects.editing(principal.name) as edit:
            self._set(edit, name, self._levels(wanted))
        return name, self._permissions(name)

    def visible(self, principal: Principal, which: str) -> tuple[str, list[Permission]]:
        """The name of the endpoint, and those of its permissions that the principal may see: all with `CAN_MANAGE`, else its own and its groups'.

        An endpoint that is open has one for everybody. Raises NotFound for one that the principal may not use.
        """
        governed = self._governed()
        name = self._name_of(governed, principal, which)
        table = governed.permissions
        found = self._permissions(name) + ([Permission(_EVERYONE, CAN_QUERY)] if table is None or table.is_open(name) else [])
        if principal.is_administrator or (table is not None and table.may_manage(principal, name)):
            return name, found
        if table is not None and not table.may_query(principal, name):
            raise NotFound(f"No endpoint has the id or name {which!r}, or you may not use it.", code="RESOURCE_DOES_NOT_EXIST")
        groups = holders.groups_of(principal)
        return name, [
            each for each in found if (each.principal.name in groups if each.principal.kind == GROUP else each.principal.name == principal.name)
        ]

    def adjust(self, principal: Principal, which: str, changes: Sequence[PermissionChange]) -> None:
        """Give and take levels, all of it or nothing. Everybody keeps what an open endpoint lets them do, unless that is taken from `account users`."""
        name = self._managed(principal, which)
        governed = self._governed()
        wanted = [(self._meant(change, governed.groups), change) for change in changes]
        is_open = governed.permissions is None or governed.permissions.is_open(name)
        with self._objects.editing(principal.name) as edit:
            if is_open and wanted:
                self._set(edit, name, {_EVERYONE: CAN_QUERY})
            had = _direct(edit.all_of(_GRANT), name)
            for who, change in wanted:
                self._change(edit, name, who, change)
            if had and not _direct(edit.all_of(_GRANT), name):
                self._set(edit, name, {_ADMINISTRATORS: CAN_MANAGE})  # without any grant it would be open

    def levels(self, principal: Principal, which: str) -> Mapping[str, str]:
        """The levels that there are for an endpoint, with what they mean."""
        self._managed(principal, which)
        return LEVELS

    def _meant(self, change: PermissionChange, groups: frozenset[str]) -> PrincipalName:
        """The principal of this name. Only of one that is given something it is required that it exists."""
        if change.name in groups or change.name in ALL_USERS or change.name in holders.GROUPS:
            return PrincipalName(EVERYONE if change.name in ALL_USERS else change.name, GROUP)
        try:
            row = self._principals.show(change.name).row
        except NotFound:
            if change.add:
                raise
            return PrincipalName(change.name, USER)
        return PrincipalName(row.name, row.kind)

    def _change(self, edit: ObjectEdit, name: str, who: PrincipalName, change: PermissionChange) -> None:
        groups = self._governed().groups
        same = [grant for grant in _direct(edit.all_of(_GRANT), name) if _means(grant, who, groups)]
        level = max((grant.document.get("permission", CAN_QUERY) for grant in same), key=_RANK.index, default="")
        held = set(_RANK[1 : _RANK.index(level) + 1])
        left = max((held | change.add) - change.remove, key=_RANK.index, default="")
        if left:
            self._set(edit, name, {who: left})
            return
        for grant in same:
            edit.delete(_GRANT, grant.id)

    def _managed(self, principal: Principal, which: str) -> str:
        """The name of an endpoint that the principal manages."""
        governed = self._governed()
        name = self._name_of(governed, principal, which)
        require_manage(principal, name, governed.permissions)
        return name

    def _name_of(self, governed: Governed, principal: Principal, which: str) -> str:
        names = [endpoint.name for endpoint in governed.endpoints.everything()]
        if which in names or any((found := governed.endpoints.resolve(which, dialect)) and found.name == which for dialect in VENDORS):
            return which
        stored = next((one for one in self._objects.all_of("endpoint") if one.id == which), None)
        if stored is not None:
            return stored.name
        table = governed.permissions
        known = [name for name in names if principal.is_administrator or (table is not None and table.may_manage(principal, name))]
        meant = nearest(which, sorted(known))
        raise NotFound(f"No endpoint has the id or name {which!r}.{did_you_mean(meant)}", code="RESOURCE_DOES_NOT_EXIST")

    def _permissions(self, name: str) -> list[Permission]:
        governed = self._governed()
        names, groups = governed.endpoints.names_of(name), governed.groups
        found = [
            _permission(grant, name, groups) for grant in self._objects.all_of(_GRANT) if matches_one_of(grant.document.get("endpoint", ""), names)
        ]
        service = governed.permissions.service(name) if governed.permissions is not None else None
        return sorted(found, key=lambda each: (bool(each.source), each.principal)) + (_of_catalog(service) if service is not None else [])

    def _levels(self, wanted: Iterable[Permission]) -> dict[PrincipalName, str]:
        """The highest level that is wanted for each principal. Raises NotFound for one that is not known."""
        levels: dict[PrincipalName, str] = {}
        for each in wanted:
            if each.level not in LEVELS:
                raise BadRequest(f"{each.level!r} is no permission on an endpoint: {', '.join(LEVELS)}.", code="INVALID_PARAMETER_VALUE")
            who = self._known(each.principal)
            levels[who] = CAN_MANAGE if CAN_MANAGE in {each.level, levels.get(who)} else CAN_QUERY
        if len(levels) > _ENTRIES_MAX:
            raise BadRequest(f"At most {_ENTRIES_MAX} principals have a permission of their own; use groups.", code="INVALID_PARAMETER_VALUE")
        return levels

    def _known(self, who: PrincipalName) -> PrincipalName:
        if who.kind == GROUP and (who.name in ALL_USERS or who.name == ADMINS or who.name in {group.name for group in self._principals.declared()}):
            return who
        return PrincipalName(self._principals.show(who.name, who.kind).row.name, who.kind)

    def _set(self, edit: ObjectEdit, name: str, levels: Mapping[PrincipalName, str]) -> None:
        groups = self._governed().groups
        there = _direct(edit.all_of(_GRANT), name)
        for who, level in levels.items():
            same = [grant for grant in there if _means(grant, who, groups)]
            for grant in same:
                if grant.document.get("permission", CAN_QUERY) == level:
                    continue
                if grant.stored is None:
                    raise refuse_declared(f"The permission of {who} on {name}", grant.place)
                edit.change(_GRANT, grant.id, {"permission": level})
            if not same:
                edit.create(_GRANT, {"principal": str(who), "endpoint": name, "permission": level})


def _direct(grants: Iterable[DeclaredObject], name: str) -> list[DeclaredObject]:
    return [grant for grant in grants if grant.document.get("endpoint") == name]


def _means(grant: DeclaredObject, who: PrincipalName, groups: frozenset[str]) -> bool:
    """Whether a grant is one to this principal, with or without its kind."""
    named = principal_name(grant.document["principal"])
    return named.name == who.name and (named.kind == who.kind if named.kind else is_group(named, groups) == (who.kind == GROUP))


def _of_catalog(service: CatalogService) -> list[Permission]:
    """What the catalog grants on an endpoint that is one of its model services, the owners' among it; the way to it is not looked at."""
    found: dict[PrincipalName, Permission] = {}
    for need, level in ((service.execute, CAN_QUERY), (service.manage, CAN_MANAGE)):
        names = [*(PrincipalName(name, USER) for name in need.holders.users), *(PrincipalName(name, GROUP) for name in need.holders.groups)]
        found |= {who: Permission(who, level, f"{need.privilege} on {need.place}") for who in names if who != _ADMINISTRATORS}
    return sorted(found.values(), key=lambda each: each.principal)


def _permission(grant: DeclaredObject, name: str, groups: frozenset[str]) -> Permission:
    named = principal_name(grant.document["principal"])
    kind = named.kind or (GROUP if is_group(named, groups) else USER)
    source = grant.place or ("" if grant.document["endpoint"] == name else f"grant {grant.name}")
    return Permission(PrincipalName(named.name, kind), grant.document.get("permission", CAN_QUERY), source)
