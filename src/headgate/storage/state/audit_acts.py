"""The acts of the control state as its audit events tell them: what a principal, a token, an entry of the catalog, its grants and a governed object are, without anything secret."""

from collections.abc import Sequence

import msgspec

from headgate.admin.catalog_ports import GrantChange
from headgate.admin.principal_ports import PrincipalRow
from headgate.admin.token_ports import TokenRow
from headgate.catalog.entries import Entry
from headgate.catalog.holders import name_of
from headgate.catalog.names import METASTORE, Name
from headgate.core.audit_event import ACCOUNTS, CATALOG, GATEWAY, Act
from headgate.core.stored_object import ObjectChange

_TOKEN_SECRETS = frozenset({"last4"})


def token_act(action: str, *, before: TokenRow | None = None, after: TokenRow | None = None) -> Act:
    """A token is made or changed."""
    row = after or before
    params = {"token_name": row.name, "user": row.principal.name, "token_id": row.id} if row is not None else {}
    return Act(service=ACCOUNTS, action=action, params=params, before=_token(before), after=_token(after))


def principal_act(before: PrincipalRow | None, after: PrincipalRow) -> Act:
    """A user, service principal or group is made, changed or deleted: `createUser`, `updateServicePrincipal`, `deleteGroup`."""
    alive = before is not None and not before.deleted_at_ms
    verb = "delete" if after.deleted_at_ms else "update" if alive else "create"
    return Act(
        service=ACCOUNTS,
        action=verb + _word(after.kind),
        params=_principal(after),
        before=before if alive else None,
        after=None if after.deleted_at_ms else after,
    )


def members_act(group: PrincipalRow, added: Sequence[str], removed: Sequence[str]) -> Act:
    """Members are added to a group or removed from it, by their ids."""
    return Act(service=ACCOUNTS, action="updateGroupMembers", params=_principal(group), after={"added": list(added), "removed": list(removed)})


def strip_act(row: PrincipalRow, token_ids: Sequence[str]) -> Act:
    """Everything that a principal has is taken from it: tokens, memberships, privileges."""
    return Act(service=ACCOUNTS, action="revokeEverything", params=_principal(row), before={"token_ids": list(token_ids)})


def entry_act(verb: str, *, before: Entry | None = None, after: Entry | None = None) -> Act:
    """A catalog, schema, table, view or model service is made, changed or dropped: `createTable`, `updateSchema`, `deleteModelService`."""
    entry = after or before
    name = entry.name if entry is not None else METASTORE
    run_as = after.updated_by if after is not None else ""
    return Act(service=CATALOG, action=_action(verb, name), params=_params(name), before=_entry(before), after=_entry(after), run_as=run_as)


def tree_act(going: Sequence[Entry]) -> Act:
    """A catalog or schema is dropped with everything in it; the outermost is the last."""
    name = going[-1].name
    return Act(service=CATALOG, action=_action("delete", name), params=_params(name), before=[str(entry.name) for entry in going])


def grants_act(name: Name, changes: Sequence[GrantChange], held: tuple[object, object]) -> Act:
    """Privileges on an entry are granted or revoked. `held` is what was granted on it before and after."""
    params = _params(name) | {"holders": ", ".join(name_of(change.holder) for change in changes)}
    return Act(service=CATALOG, action="updatePermissions", params=params, before=held[0], after=held[1])


def object_act(change: ObjectChange) -> Act:
    """A governed object is declared, changed or removed: `createEndpoint`, `updateLimit`, `deletePreview`."""
    before, after = change.before, change.after
    one = after or before
    verb = "create" if before is None else "delete" if after is None else "update"
    return Act(
        service=GATEWAY,
        action=verb + _word(one.kind) if one is not None else verb,
        params={"name": one.name, "id": one.id} if one is not None else {},
        before=before.document if before is not None else None,
        after=after.document if after is not None else None,
    )


def _principal(row: PrincipalRow) -> dict[str, str]:
    return {"name": row.name, "kind": row.kind, "principal_id": row.id}


def _word(kind: str) -> str:
    return "".join(word.capitalize() for word in kind.split("_"))


def _action(verb: str, name: Name) -> str:
    return verb + _word(name.kind.replace(" ", "_"))


def _params(name: Name) -> dict[str, str]:
    return {"securable_type": name.kind.replace(" ", "_"), "full_name": str(name)}


def _token(row: TokenRow | None) -> object:
    if row is None:
        return None
    told = msgspec.to_builtins(row)
    return {name: value for name, value in told.items() if name not in _TOKEN_SECRETS} | {"principal": row.principal.name}


def _entry(entry: Entry | None) -> object:
    if entry is None:
        return None
    return {
        "name": str(entry.name),
        "owner": name_of(entry.owner),
        "comment": entry.comment,
        "location": entry.location,
        "properties": entry.properties,
        "table": msgspec.to_builtins(entry.table),
    }
