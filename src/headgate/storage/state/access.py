"""Reads what a snapshot is made of: tokens with their principals, and groups with their members; and finds or makes the principal of a new token."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import msgspec
from sqlalchemy import Connection, select

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

ACCESS_COLUMNS = (
    tokens.c.id, tokens.c.name, tokens.c.digest, tokens.c.scopes, tokens.c.endpoints, tokens.c.networks, tokens.c.expires_at_ms, tokens.c.principal_id,
    principals.c.name.label("principal_name"), principals.c.kind, principals.c.roles, principals.c.active,
)  # fmt: skip


def access_tokens(rows: Iterable[Any]) -> dict[bytes, AccessToken]:
    """The tokens of rows with `ACCESS_COLUMNS`, by their digest."""
    return {bytes(row.digest): _access_token(row) for row in rows}


def stored_groups(connection: Connection) -> tuple[tuple[Group, ...], dict[str, frozenset[str]]]:
    """All groups with their direct members, and their roles by their names."""
    live = (principals.c.kind == GROUP) & (principals.c.deleted_at_ms == 0)
    rows = connection.execute(select(principals.c.id, principals.c.name, principals.c.roles).where(live)).all()
    if not rows:
        return (), {}
    member = principals.alias()
    pairs = select(memberships.c.group_id, member.c.name, member.c.kind).join(member, memberships.c.member_id == member.c.id)
    members: dict[str, list[PrincipalName]] = defaultdict(list)
    for group_id, name, kind in connection.execute(pairs):
        members[group_id].append(PrincipalName(name, kind))
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


def _access_token(row: Any) -> AccessToken:  # ruff: ignore[any-type] - see `access_tokens`
    return AccessToken(
        id=row.id,
        name=row.name,
        principal=Principal(
            id=row.principal_id,
            name=row.principal_name,
            kind=row.kind,
            scopes=frozenset(row.scopes),
            roles=frozenset(row.roles),
            active=bool(row.active),
        ),
        endpoints=tuple(row.endpoints),
        expires_at_s=row.expires_at_ms / 1000,
        networks=tuple(map(network_of, row.networks)),
    )
