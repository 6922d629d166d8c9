"""Reads what a snapshot is made of: tokens with their principals, and groups with their members; and finds or makes the principal of a new token."""

import json
from collections import defaultdict
from collections.abc import Callable
from functools import cache

import msgspec
from sqlalchemy import Connection, Text, select, type_coerce

from headgate.admin.principal_ports import PrincipalRow
from headgate.admin.token_ports import NewToken
from headgate.core.access_token import AccessToken
from headgate.core.errors import BadRequest
from headgate.core.group import Group
from headgate.core.principal import Principal
from headgate.core.principal_name import GROUP, PrincipalName
from headgate.core.roles import ADMINISTRATORS, in_order
from headgate.policy.networks import network_of
from headgate.storage.state.principals import StoredPrincipals
from headgate.storage.state.schema import memberships, principals, tokens

# JSON as it is stored: thousands of tokens have the same few scopes, endpoints and roles, so each text is decoded once.
_ACCESS = select(
    tokens.c.digest, tokens.c.id, tokens.c.name, type_coerce(tokens.c.scopes, Text), type_coerce(tokens.c.endpoints, Text),
    type_coerce(tokens.c.networks, Text), tokens.c.expires_at_ms, principals.c.id, principals.c.name, principals.c.kind,
    type_coerce(principals.c.roles, Text), principals.c.active,
).join(principals).where(tokens.c.revoked_at_ms == 0)  # fmt: skip


def access_tokens(connection: Connection) -> dict[bytes, AccessToken]:
    """The tokens that are not revoked, by their digest."""
    values: Callable[[str], tuple[str, ...]] = cache(lambda text: tuple(json.loads(text)))
    sets = cache(lambda text: frozenset(values(text)))
    networks = cache(lambda text: tuple(map(network_of, values(text))))
    return {
        bytes(digest): AccessToken(
            id=token_id,
            name=name,
            principal=Principal(id=principal_id, name=principal, kind=kind, scopes=sets(scopes), roles=sets(roles), active=bool(active)),
            endpoints=values(endpoints),
            expires_at_s=expires_at_ms / 1000,
            networks=networks(allowed),
        )
        for digest, token_id, name, scopes, endpoints, allowed, expires_at_ms, principal_id, principal, kind, roles, active in connection.execute(
            _ACCESS
        ).all()  # row by row takes twice as long
    }


def stored_groups(connection: Connection) -> tuple[tuple[Group, ...], dict[str, frozenset[str]]]:
    """All groups with their direct members, and their roles by their names."""
    live = (principals.c.kind == GROUP) & (principals.c.deleted_at_ms == 0)
    rows = connection.execute(select(principals.c.id, principals.c.name, principals.c.roles).where(live)).all()
    if not rows:
        return (), {}
    named = select(principals.c.id, principals.c.name, principals.c.kind).where(principals.c.id.in_(select(memberships.c.member_id)))
    names = {member_id: PrincipalName(name, kind) for member_id, name, kind in connection.execute(named).all()}  # one for all of its groups
    members: dict[str, list[PrincipalName]] = defaultdict(list)
    for group_id, member_id in connection.execute(select(memberships.c.group_id, memberships.c.member_id)).all():
        members[group_id].append(names[member_id])
    groups = tuple(Group(name, tuple(members[group_id])) for group_id, name, _ in rows)
    return groups, {name: frozenset(roles) for _, name, roles in rows}


def holder_of_token(stored: StoredPrincipals, token: NewToken) -> Principal:
    """The principal of a new token: the one of its name, or a new one. Raises BadRequest if it can have no token."""
    asked, at_ms = token.principal, token.created_at_ms
    row = stored.named(asked.name)
    if row is not None and row.kind == GROUP:
        raise BadRequest(f"{asked.name!r} is a group, and a group has no tokens. Name a user or a service principal.", code="INVALID_PARAMETER_VALUE")
    if row is not None and not row.active and not row.deleted_at_ms:
        raise BadRequest(f"{asked.name} is deactivated, so a token of theirs could do nothing. Activate them first.", code="INVALID_PARAMETER_VALUE")
    if row is None or row.deleted_at_ms:
        known = (asked.id, asked.kind) if row is None else (row.id, row.kind)
        row = PrincipalRow(id=known[0], name=asked.name, kind=known[1], created_at_ms=at_ms, updated_at_ms=at_ms)
        stored.put(row)
    if token.role and not stored.roles_of(row.id) & ADMINISTRATORS:
        stored.put(msgspec.structs.replace(row, roles=in_order((*row.roles, token.role)), updated_at_ms=at_ms))
    return Principal(id=row.id, name=row.name, kind=row.kind)
