"""Principals in the shapes of SCIM 2.0 (RFC 7643) as Databricks' workspace interface has them. Formats only."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from headgate.admin.principal_ports import PrincipalRow
from headgate.admin.principals import Described
from headgate.catalog.holders import groups_of
from headgate.core.group import DeclaredGroup
from headgate.core.principal import ADMINS, EVERYONE, SERVICE_PRINCIPAL, USER, VIEWERS, Principal
from headgate.core.principal_name import GROUP
from headgate.core.roles import in_order
from headgate.core.time_text import utc_text

Info = dict[str, Any]

ROOT: Final = "/api/2.0/preview/scim/v2"
COLLECTIONS: Mapping[str, str] = {USER: "Users", GROUP: "Groups", SERVICE_PRINCIPAL: "ServicePrincipals"}
# The attribute that has the name: what grants, limits and records call a principal.
NAMES: Mapping[str, str] = {USER: "userName", GROUP: "displayName", SERVICE_PRINCIPAL: "applicationId"}
_SCHEMAS: Mapping[str, str] = {
    USER: "urn:ietf:params:scim:schemas:core:2.0:User",
    GROUP: "urn:ietf:params:scim:schemas:core:2.0:Group",
    SERVICE_PRINCIPAL: "urn:ietf:params:scim:schemas:core:2.0:ServicePrincipal",
}
_RESOURCES: Mapping[str, str] = {USER: "User", GROUP: "WorkspaceGroup", SERVICE_PRINCIPAL: "ServicePrincipal"}
_LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
_ALWAYS = ("schemas", "id")


def whole(one: Described) -> Info:
    """Everything that is known of a principal."""
    row = one.row
    found = brief(row) | {"displayName": row.name if row.kind == GROUP else row.display_name or row.name}
    if row.kind != GROUP:
        found["active"] = row.active
    if row.kind == USER:
        found["emails"] = _emails(row.name)
    if row.external_id:
        found["externalId"] = row.external_id
    found["roles"] = [{"value": role} for role in row.roles]
    found["groups"] = [_reference(group) | {"type": "direct"} for group in one.groups]
    if row.kind == GROUP:
        found["members"] = [_reference(member) for member in one.members]
    times = {"created": utc_text(row.created_at_ms), "lastModified": utc_text(row.updated_at_ms)}
    return found | {"meta": {"resourceType": _RESOURCES[row.kind], **times}}


def brief(row: PrincipalRow) -> Info:
    """What everyone may know of a principal whose name or id they know already."""
    return {"schemas": [_SCHEMAS[row.kind]], "id": row.id, NAMES[row.kind]: row.name}


def declared(group: DeclaredGroup, *, members: bool) -> Info:
    """A group of the configuration file. Its id is its name."""
    found = {"schemas": [_SCHEMAS[GROUP]], "id": group.name, "displayName": group.name, "meta": {"resourceType": _RESOURCES[GROUP]}}
    return found | {"members": [{"display": name, "value": name} for name in group.members]} if members else found


def me(principal: Principal) -> Info:
    """The caller, with all its groups: through others, and those that its roles put it in."""
    name, member_of = principal.name, groups_of(principal)
    built_in = [group for group in (ADMINS, VIEWERS, EVERYONE) if group in member_of]
    return {
        "schemas": [_SCHEMAS[USER]],
        "id": principal.id,
        "userName": name,
        "displayName": name.partition("@")[0],
        "active": True,
        "emails": _emails(name),
        "groups": [{"display": group, "value": group, "type": "direct"} for group in (*built_in, *sorted(principal.groups))],
        "roles": [{"value": role} for role in in_order(principal.roles)],
    }


def page(found: Sequence[Info], start: int, count: int, shown: Callable[[Info], Info]) -> Info:
    """One page of a list. `start` is the number of its first entry, the first of all being 1."""
    resources = [shown(one) for one in found[start - 1 : start - 1 + count]]
    return {"schemas": [_LIST], "totalResults": len(found), "startIndex": start, "itemsPerPage": len(resources), "Resources": resources}


def projection(wanted: str, excluded: str) -> Callable[[Info], Info]:
    """Leaves the attributes that a request asks for: names with commas between them, of whole attributes or of parts of one."""
    keep, drop = _roots(wanted), _roots(excluded)

    def shown(one: Info) -> Info:
        return {name: value for name, value in one.items() if name in _ALWAYS or ((not keep or name.lower() in keep) and name.lower() not in drop)}

    return shown if keep or drop else lambda one: one


def _roots(names: str) -> frozenset[str]:
    return frozenset(name.strip().partition(".")[0].lower() for name in names.split(",") if name.strip())


def _reference(row: PrincipalRow) -> Info:
    return {"display": row.name, "value": row.id, "$ref": f"{COLLECTIONS[row.kind]}/{row.id}"}


def _emails(name: str) -> list[Info]:
    return [{"type": "work", "value": name, "primary": True}] if "@" in name else []
