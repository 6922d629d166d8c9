"""Principals and memberships in memory; the contract suite holds them to the same behaviour as the database."""

import contextlib
from collections.abc import Callable, Collection, Generator, Iterable, Mapping, Sequence

from headgate.admin.principal_ports import PrincipalPage, PrincipalRow
from headgate.core.principal import Principal
from headgate.core.principal_name import GROUP


class MemoryPrincipals:
    """Implements `PrincipalState` and `PrincipalEditing`: nothing else reads while a test changes it. `owned` are objects by the names of their owners."""

    def __init__(self, revoke_all_of: Callable[[str, int], None] = lambda _id, _at_ms: None, moved: Callable[[], None] = lambda: None) -> None:
        self._rows: dict[str, PrincipalRow] = {}
        self._pairs: set[tuple[str, str]] = set()
        self._revoke_all_of = revoke_all_of
        self._moved = moved
        self.owned: dict[str, list[str]] = {}

    @contextlib.contextmanager
    def reading(self) -> Generator["MemoryPrincipals", None, None]:
        yield self

    @contextlib.contextmanager
    def editing(self) -> Generator["MemoryPrincipals", None, None]:
        rows, pairs = dict(self._rows), set(self._pairs)
        try:
            yield self
        except BaseException:
            self._rows, self._pairs = rows, pairs
            raise
        self._moved()

    def page(self, asked: PrincipalPage) -> Sequence[PrincipalRow]:
        search = asked.search.lower()
        rows = [row for row in self.all([asked.kind]) if search in row.name.lower() or search in row.display_name.lower()]
        return [row for row in rows if row.name > asked.after][: asked.limit]

    def groups_of_each(self, member_ids: Collection[str]) -> Mapping[str, Sequence[str]]:
        return {member_id: [row.name for row in rows] for member_id in member_ids if (rows := self.groups_of(member_id))}

    def member_counts(self, group_ids: Collection[str]) -> Mapping[str, int]:
        return {group_id: len(rows) for group_id in group_ids if (rows := self.members(group_id))}

    def all(self, kinds: Iterable[str]) -> Sequence[PrincipalRow]:
        wanted = set(kinds)
        return self._sorted(row for row in self._rows.values() if row.kind in wanted)

    def get(self, principal_id: str) -> PrincipalRow | None:
        return next(iter(self._sorted(row for row in self._rows.values() if row.id == principal_id)), None)

    def named(self, name: str) -> PrincipalRow | None:
        return next((row for row in self._rows.values() if row.name == name), None)

    def members(self, group_id: str) -> Sequence[PrincipalRow]:
        return self._sorted(self._rows[member] for group, member in self._pairs if group == group_id)

    def groups_of(self, member_id: str) -> Sequence[PrincipalRow]:
        return self._sorted(self._rows[group] for group, member in self._pairs if member == member_id)

    def memberships(self) -> Sequence[tuple[str, str]]:
        return sorted(self._pairs)

    def roles_of(self, principal_id: str) -> frozenset[str]:
        around, waiting = {principal_id}, [principal_id]
        while waiting:
            inner = waiting.pop()
            found = {group for group, member in self._pairs if member == inner} - around
            around |= found
            waiting += found
        return frozenset(role for each in around for role in self._rows[each].roles)

    def with_roles(self, roles: frozenset[str]) -> frozenset[str]:
        acting = (row for row in self._rows.values() if row.active and not row.deleted_at_ms and row.kind != GROUP)
        return frozenset(row.id for row in acting if self.roles_of(row.id) & roles)

    def put(self, row: PrincipalRow) -> None:
        self._rows[row.id] = row

    def change_members(self, group_id: str, add: Iterable[str] = (), remove: Iterable[str] = ()) -> None:
        self._pairs |= {(group_id, member) for member in add}
        self._pairs -= {(group_id, member) for member in remove}

    def owned_by(self, row: PrincipalRow) -> Sequence[str]:
        return self.owned.get(row.name, [])

    def strip(self, row: PrincipalRow, at_ms: int) -> None:
        self._revoke_all_of(row.id, at_ms)
        self._pairs = {pair for pair in self._pairs if row.id not in pair}

    def _sorted(self, rows: Iterable[PrincipalRow]) -> list[PrincipalRow]:
        return sorted((row for row in rows if not row.deleted_at_ms), key=lambda row: row.name)


def new_row(principal: Principal, at_ms: int, deleted: PrincipalRow | None = None) -> PrincipalRow:
    """The row of a new principal, or of one that is there again."""
    known = principal if deleted is None else deleted
    return PrincipalRow(id=known.id, name=known.name, kind=known.kind, created_at_ms=at_ms, updated_at_ms=at_ms)
