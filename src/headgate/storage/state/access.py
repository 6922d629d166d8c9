"""Reads what a snapshot is made of: tokens with their principals, and groups with their members; and finds or makes the principal of a new token."""

import json
from collections import defaultdict
from functools import lru_cache

import msgspec
from sqlalchemy import Connection, Text, select, type_coerce

from headgate.admin.principal_ports import PrincipalRow
from headgate.admin.token_ports import NewToken
from headgate.core.access_token import AccessToken, Network
from headgate.core.errors import BadRequest
from headgate.core.group import Group
from headgate.core.late_tokens import LateTokens
from headgate.core.principal import Principal
from headgate.core.principal_name import GROUP, PrincipalName
from headgate.core.roles import ADMINISTRATORS, in_order
from headgate.policy.networks import network_of
from headgate.storage.state.principals import StoredPrincipals
from headgate.storage.state.schema import memberships, principals, tokens

_TEXTS_MAX = 1024
_TOKENS = select(
    tokens.c.digest, tokens.c.id, tokens.c.principal_id, tokens.c.name, type_coerce(tokens.c.scopes, Text), type_coerce(tokens.c.endpoints, Text),
    type_coerce(tokens.c.networks, Text), tokens.c.expires_at_ms,
).where(tokens.c.revoked_at_ms == 0)  # fmt: skip
_OWNERS = select(principals.c.id, principals.c.name, principals.c.kind, type_coerce(principals.c.roles, Text), principals.c.active)


class _KeptToken(msgspec.Struct, frozen=True, array_like=True):
    """A token as it is kept until it is used. Lists are the JSON that the store has."""

    id: str
    principal_id: str
    name: str
    scopes: str
    endpoints: str
    networks: str
    expires_at_ms: int
    principal: str
    kind: str
    roles: str
    active: bool


def access_tokens(connection: Connection) -> LateTokens:
    """The tokens that are not revoked, by their digest."""
    # Two reads side by side take half as long as a join.
    owners = {row[0]: row[1:] for row in connection.execute(_OWNERS).all()}
    encode = msgspec.msgpack.Encoder().encode
    rows: dict[bytes, bytes] = {}
    digests: dict[str, bytes] = {}
    for row in connection.execute(_TOKENS).all():
        owner = owners.get(row[2])
        if owner is not None:
            key = digests[row[1]] = bytes(row[0])
            rows[key] = encode((*row[1:], *owner))
    return LateTokens(rows, digests, _made)


def _made(encoded: bytes) -> AccessToken:
    row = _DECODER.decode(encoded)
    return AccessToken(
        id=row.id,
        name=row.name,
        principal=Principal(
            id=row.principal_id, name=row.principal, kind=row.kind, scopes=_set(row.scopes), roles=_set(row.roles), active=row.active
        ),
        endpoints=_values(row.endpoints),
        expires_at_s=row.expires_at_ms / 1000,
        networks=_networks(row.networks),
    )


_DECODER = msgspec.msgpack.Decoder(_KeptToken)


# Thousands of tokens have the same few scopes, endpoints and roles, so each text is decoded once.
@lru_cache(_TEXTS_MAX)
def _values(text: str) -> tuple[str, ...]:
    return tuple(json.loads(text))


@lru_cache(_TEXTS_MAX)
def _set(text: str) -> frozenset[str]:
    return frozenset(_values(text))


@lru_cache(_TEXTS_MAX)
def _networks(text: str) -> tuple[Network, ...]:
    return tuple(map(network_of, _values(text)))


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
