"""Stores users, service principals and groups, and their memberships. The callers create ids and times and decide; this module stores unchanged."""

import contextlib
from collections.abc import Collection, Generator, Iterable, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import CTE, Connection, Row, String, cast, delete, func, insert, or_, select, update

from headgate.admin.principal_ports import PrincipalPage, PrincipalRow
from headgate.catalog import holders
from headgate.core.principal_name import GROUP
from headgate.storage.state.audit_acts import members_act, principal_act, strip_act
from headgate.storage.state.audit_outbox import note
from headgate.storage.state.database import Database
from headgate.storage.state.schema import (
    grants,
    holder_columns,
    memberships,
    owner_columns,
    principals,
    securables,
    sign_in_links,
    state_version,
    tokens,
)

_LIVE = principals.c.deleted_at_ms == 0
_CHUNK = 500  # ids in one statement: databases bound the parameters of one


class PrincipalStore:
    """Implements `PrincipalState` in the database of the control state."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @contextlib.contextmanager
    def reading(self) -> Generator["StoredPrincipals", None, None]:
        """Read at one moment."""
        with self._database.reading() as connection:
            yield StoredPrincipals(connection)

    @contextlib.contextmanager
    def editing(self) -> Generator["StoredPrincipals", None, None]:
        """Change in one transaction, which other processes notice."""
        with self._database.writing("access") as connection:
            yield StoredPrincipals(connection)


class StoredPrincipals:
    """The principals in one transaction. Implements `PrincipalEditing`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def page(self, asked: PrincipalPage) -> Sequence[PrincipalRow]:
        """Those of one page."""
        found = select(principals).where(_LIVE & (principals.c.kind == asked.kind) & (principals.c.name > asked.after))
        if asked.search:
            names = (principals.c.name, principals.c.display_name)
            found = found.where(or_(*(name.icontains(asked.search, autoescape=True) for name in names)))
        return [_row(row) for row in self._connection.execute(found.order_by(principals.c.name).limit(asked.limit))]

    def groups_of_each(self, member_ids: Collection[str]) -> Mapping[str, Sequence[str]]:
        """The names of the groups that principals are direct members of, by the ids of the principals."""
        named = select(memberships.c.member_id, principals.c.name).join(principals, memberships.c.group_id == principals.c.id)
        found: dict[str, list[str]] = {}
        for member_id, name in self._connection.execute(named.where(memberships.c.member_id.in_(member_ids)).order_by(principals.c.name)):
            found.setdefault(member_id, []).append(name)
        return found

    def member_counts(self, group_ids: Collection[str]) -> Mapping[str, int]:
        """How many direct members groups have, by the ids of the groups."""
        counted = select(memberships.c.group_id, func.count()).where(memberships.c.group_id.in_(group_ids)).group_by(memberships.c.group_id)
        return {row[0]: row[1] for row in self._connection.execute(counted)}

    def all(self, kinds: Iterable[str]) -> Sequence[PrincipalRow]:
        """Those of these kinds, by name."""
        return self._rows(principals.c.kind.in_(list(kinds)))

    def get(self, principal_id: str) -> PrincipalRow | None:
        """The one with this id."""
        return next(iter(self._rows(principals.c.id == principal_id)), None)

    def named(self, name: str) -> PrincipalRow | None:
        """The one of this name, deleted or not."""
        row = self._connection.execute(select(principals).where(principals.c.name == name)).one_or_none()
        return None if row is None else _row(row)

    def members(self, group_id: str) -> Sequence[PrincipalRow]:
        """The direct members of a group, by name."""
        return self._rows(principals.c.id.in_(select(memberships.c.member_id).where(memberships.c.group_id == group_id)))

    def groups_of(self, member_id: str) -> Sequence[PrincipalRow]:
        """The groups that a principal is a direct member of, by name."""
        return self._rows(principals.c.id.in_(select(memberships.c.group_id).where(memberships.c.member_id == member_id)))

    def memberships(self) -> Sequence[tuple[str, str]]:
        """All pairs of a group's id and a direct member's id."""
        return [(row.group_id, row.member_id) for row in self._connection.execute(select(memberships))]

    def roles_of(self, principal_id: str) -> frozenset[str]:
        """The roles of a principal: its own, and those of all groups that it is in, through other groups too."""
        up = select(memberships.c.group_id.label("id")).where(memberships.c.member_id == principal_id).cte("up", recursive=True)
        up = up.union(select(memberships.c.group_id).join(up, memberships.c.member_id == up.c.id))
        found = select(principals.c.roles).where((principals.c.id == principal_id) | principals.c.id.in_(select(up.c.id)))
        return frozenset(role for roles in self._connection.execute(found).scalars() for role in roles)

    def with_roles(self, roles: frozenset[str]) -> frozenset[str]:
        """The ids of the active users and service principals that have one of these roles, of their own or through groups."""
        return active_with_roles(self._connection, roles)

    def put(self, row: PrincipalRow) -> None:
        """Store a principal: a new one, or the new state of the one with this id."""
        before = self._connection.execute(select(principals).where(principals.c.id == row.id)).one_or_none()
        note(self._connection, principal_act(None if before is None else _row(before), row))
        values = msgspec.structs.asdict(row) | {"roles": list(row.roles)}
        if self._connection.execute(update(principals).where(principals.c.id == row.id).values(**values)).rowcount != 1:
            self._connection.execute(insert(principals).values(**values))

    def change_members(self, group_id: str, add: Iterable[str] = (), remove: Iterable[str] = ()) -> None:
        """Add and remove direct members, by their ids. A member that is there already, or is not, changes nothing."""
        there = memberships.c.group_id == group_id
        known = set(self._connection.execute(select(memberships.c.member_id).where(there)).scalars())
        new = [{"group_id": group_id, "member_id": member_id} for member_id in dict.fromkeys(add) if member_id not in known]
        if new:
            self._connection.execute(insert(memberships), new)
        gone = sorted(known.intersection(remove))
        for start in range(0, len(gone), _CHUNK):
            self._connection.execute(delete(memberships).where(there & memberships.c.member_id.in_(gone[start : start + _CHUNK])))
        group = self.get(group_id)
        if group is not None and (new or gone):
            note(self._connection, members_act(group, [row["member_id"] for row in new], gone))

    def owned_by(self, row: PrincipalRow) -> Sequence[str]:
        """The names of the catalog's objects that a principal owns."""
        owner = owner_columns(_holder(row))
        mine = (securables.c.owner == owner["owner"]) & (securables.c.owner_kind == owner["owner_kind"])
        return list(self._connection.execute(select(securables.c.name).where(mine).order_by(securables.c.name)).scalars())

    def strip(self, row: PrincipalRow, at_ms: int) -> None:
        """Take from a principal what it has: revoke its tokens, end its memberships and those in it, and revoke its privileges in the catalog."""
        live = (tokens.c.principal_id == row.id) & (tokens.c.revoked_at_ms == 0)
        note(self._connection, strip_act(row, list(self._connection.execute(select(tokens.c.id).where(live)).scalars())))
        self._connection.execute(update(tokens).where(live).values(revoked_at_ms=at_ms))
        self._connection.execute(delete(sign_in_links).where(sign_in_links.c.principal_id == row.id))
        self._connection.execute(delete(memberships).where((memberships.c.member_id == row.id) | (memberships.c.group_id == row.id)))
        holder = holder_columns(_holder(row))
        held = (grants.c.principal == holder["principal"]) & (grants.c.kind == holder["kind"])
        if self._connection.execute(delete(grants).where(held)).rowcount:
            self._connection.execute(update(state_version).values(catalog_version=state_version.c.catalog_version + 1))

    def _rows(self, which: Any) -> list[PrincipalRow]:  # ruff: ignore[any-type] - SQLAlchemy's conditions have several types
        return [_row(row) for row in self._connection.execute(select(principals).where(_LIVE & which).order_by(principals.c.name))]


def active_with_roles(connection: Connection, roles: frozenset[str]) -> frozenset[str]:
    """The ids of the active users and service principals that have one of these roles, of their own or through groups."""
    stated = cast(principals.c.roles, String)
    first = select(principals.c.id).where(_LIVE & or_(*(stated.like(f'%"{role}"%') for role in sorted(roles))))
    down: CTE = first.cte("down", recursive=True)
    down = down.union(select(memberships.c.member_id).join(down, memberships.c.group_id == down.c.id))
    alive = _LIVE & principals.c.active & (principals.c.kind != GROUP)
    return frozenset(connection.execute(select(principals.c.id).where(alive & principals.c.id.in_(select(down.c.id)))).scalars())


def _holder(row: PrincipalRow) -> holders.Holder:
    return holders.group(row.name) if row.kind == GROUP else holders.user(row.name)


def _row(row: Row[Any]) -> PrincipalRow:
    return PrincipalRow(
        id=row.id,
        name=row.name,
        kind=row.kind,
        active=row.active,
        display_name=row.display_name,
        external_id=row.external_id,
        roles=tuple(row.roles),
        created_at_ms=row.created_at_ms,
        updated_at_ms=row.updated_at_ms,
        deleted_at_ms=row.deleted_at_ms,
    )
