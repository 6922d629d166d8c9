"""The port of the use-cases of principals: a store of users, service principals and groups, and of who is in which group. Adapters implement the Protocols."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

import msgspec

from headgate.core.roles import MEMBER


class PrincipalRow(msgspec.Struct, frozen=True, kw_only=True):
    """A user, a service principal or a group as it is stored. Times are wall-clock milliseconds. `roles` are its own, without those of its groups.

    `deleted_at_ms` is 0 unless it is deleted. A deleted principal keeps its id and its name for ever: tokens and records refer to them.
    """

    id: str
    name: str
    kind: str
    active: bool = True
    display_name: str = ""
    external_id: str = ""
    roles: tuple[str, ...] = (MEMBER,)
    created_at_ms: int = 0
    updated_at_ms: int = 0
    deleted_at_ms: int = 0


class PrincipalPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of a long list of principals of one kind: those after a name, by name. `search` is a part of the name or the display name, in any case."""

    kind: str
    search: str = ""
    after: str = ""
    limit: int = 50


class PrincipalReading(Protocol):
    """The stored principals at one moment. Deleted ones are found by `named` alone."""

    def page(self, asked: PrincipalPage) -> Sequence[PrincipalRow]:
        """Those of one page."""

    def groups_of_each(self, member_ids: Collection[str]) -> Mapping[str, Sequence[str]]:
        """The names of the groups that principals are direct members of, by the ids of the principals. One that is in none is left out."""

    def member_counts(self, group_ids: Collection[str]) -> Mapping[str, int]:
        """How many direct members groups have, by the ids of the groups. One that has none is left out."""

    def all(self, kinds: Iterable[str]) -> Sequence[PrincipalRow]:
        """Those of these kinds, by name."""

    def get(self, principal_id: str) -> PrincipalRow | None:
        """The one with this id."""

    def named(self, name: str) -> PrincipalRow | None:
        """The one of this name, deleted or not."""

    def members(self, group_id: str) -> Sequence[PrincipalRow]:
        """The direct members of a group, by name."""

    def groups_of(self, member_id: str) -> Sequence[PrincipalRow]:
        """The groups that a principal is a direct member of, by name."""

    def memberships(self) -> Sequence[tuple[str, str]]:
        """All pairs of a group's id and a direct member's id."""

    def roles_of(self, principal_id: str) -> frozenset[str]:
        """The roles of a principal: its own, and those of all groups that it is in, through other groups too."""

    def with_roles(self, roles: frozenset[str]) -> frozenset[str]:
        """The ids of the active users and service principals that have one of these roles, of their own or through groups."""


class PrincipalEditing(PrincipalReading, Protocol):
    """One transaction that changes principals. It is kept as a whole, or not at all if an exception ends it."""

    def put(self, row: PrincipalRow) -> None:
        """Store a principal: a new one, or the new state of the one with this id."""

    def change_members(self, group_id: str, add: Iterable[str] = (), remove: Iterable[str] = ()) -> None:
        """Add and remove direct members, by their ids. A member that is there already, or is not, changes nothing."""

    def owned_by(self, row: PrincipalRow) -> Sequence[str]:
        """The names of the catalog's objects that a principal owns."""

    def strip(self, row: PrincipalRow, at_ms: int) -> None:
        """Take from a principal what it has: revoke its tokens, end its memberships and those in it, and revoke its privileges in the catalog."""


class PrincipalState(Protocol):
    """The store. Raises `Unavailable` when it cannot be reached."""

    def reading(self) -> AbstractContextManager[PrincipalReading]:
        """Read at one moment."""

    def editing(self) -> AbstractContextManager[PrincipalEditing]:
        """Change in one transaction, which other processes notice."""
