"""Creates, changes and deletes users, service principals and groups, and says who they are. The same use-cases serve REST and the command line.

The caller decides what may be read. Permission to change is decided here, since it depends on what is stored: administrators change principals, and only
account administrators make and unmake administrators.
"""

from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import NamedTuple

import msgspec

from headgate.admin.declared import refuse_declared
from headgate.admin.principal_names import checked_name, checked_text
from headgate.admin.principal_ports import PrincipalEditing, PrincipalPage, PrincipalReading, PrincipalRow, PrincipalState
from headgate.core.clock import Clock
from headgate.core.errors import BadRequest, Forbidden, NotFound
from headgate.core.group import DeclaredGroup
from headgate.core.ids import new_id
from headgate.core.principal import SERVICE_PRINCIPAL, USER, Principal
from headgate.core.principal_name import GROUP
from headgate.core.roles import ACCOUNT_ADMIN, ADMINISTRATORS, ROLES, in_order

KINDS = (USER, SERVICE_PRINCIPAL, GROUP)
WORDS = {USER: "user", SERVICE_PRINCIPAL: "service principal", GROUP: "group"}
_PREFIXES = {USER: "usr", SERVICE_PRINCIPAL: "svp", GROUP: "grp"}
_OWNED_SHOWN = 5


class NewPrincipal(msgspec.Struct, frozen=True, kw_only=True):
    """What a new user, service principal or group shall be. `members` are names or ids, for a group only."""

    name: str
    kind: str = USER
    active: bool = True
    display_name: str = ""
    external_id: str = ""
    roles: tuple[str, ...] = ()
    members: tuple[str, ...] = ()


class PrincipalChange(msgspec.Struct, frozen=True, kw_only=True):
    """What of a principal shall change; `None` leaves it as it is. `roles` and `members` replace what is there, before others are added and removed.

    `seen_at_ms` is when the principal had been changed last as the caller saw it: a later change refuses this one.
    """

    seen_at_ms: int | None = None
    active: bool | None = None
    display_name: str | None = None
    external_id: str | None = None
    roles: Collection[str] | None = None
    add_roles: Collection[str] = ()
    remove_roles: Collection[str] = ()
    members: Collection[str] | None = None
    add_members: Collection[str] = ()
    remove_members: Collection[str] = ()


class ListedPrincipals(msgspec.Struct, frozen=True):
    """A page of principals. `groups` are the names of the groups that each is directly in, `members` how many direct members each has, by ids.

    `more` says that others follow.
    """

    rows: Sequence[PrincipalRow]
    groups: Mapping[str, Sequence[str]]
    members: Mapping[str, int]
    more: bool = False


class Described(NamedTuple):
    """A principal, the groups that it is directly in, and the direct members of a group."""

    row: PrincipalRow
    groups: Sequence[PrincipalRow]
    members: Sequence[PrincipalRow]


class PrincipalAdmin:
    """The use-cases over one store. `declared` are the groups of the configuration file, which are read-only here."""

    def __init__(self, state: PrincipalState, clock: Clock, declared: Callable[[], Sequence[DeclaredGroup]] = tuple) -> None:
        self._state = state
        self._clock = clock
        self._declared = declared

    def create(self, actor: Principal, new: NewPrincipal) -> Described:
        """Create a principal. Its name must be free: no group of the file has it, and no deleted principal of another kind had it."""
        _check_actor(actor, (), f"create the {WORDS[new.kind]} {new.name!r}")
        self._check_new(new)
        now_ms = self._now_ms()
        with self._state.editing() as edit:
            found = edit.named(new.name)
            if found is not None and (not found.deleted_at_ms or found.kind != new.kind):
                raise _taken(found)
            row = PrincipalRow(
                id=found.id if found is not None else new_id(_PREFIXES[new.kind], self._clock.wall_ns()),
                name=new.name,
                kind=new.kind,
                created_at_ms=now_ms,
                updated_at_ms=now_ms,
            )
            made = PrincipalChange(active=new.active, display_name=new.display_name, external_id=new.external_id, roles=new.roles)
            row = _edited(row, made, now_ms)
            _check_actor(actor, ADMINISTRATORS & set(row.roles), f"create the {WORDS[new.kind]} {new.name!r}")
            edit.put(row)
            return self._changed(actor, edit, row, PrincipalChange(add_members=new.members))

    def show(self, which: str, kind: str = "") -> Described:
        """The principal with this id or name. Raises NotFound."""
        with self._state.reading() as read:
            return _described(read, self._find(read, which, kind))

    def find(self, name: str, kind: str) -> Described | None:
        """The principal of this name and kind; `None` if there is none in the store."""
        with self._state.reading() as read:
            row = read.named(name)
            return None if row is None or row.deleted_at_ms or row.kind != kind else _described(read, row)

    def page(self, asked: PrincipalPage) -> ListedPrincipals:
        """A page of the principals of one kind."""
        with self._state.reading() as read:
            rows = read.page(msgspec.structs.replace(asked, limit=asked.limit + 1))
            shown = rows[: asked.limit]
            ids = [row.id for row in shown]
            return ListedPrincipals(shown, read.groups_of_each(ids), read.member_counts(ids), more=len(rows) > len(shown))

    def list(self, *kinds: str) -> Sequence[Described]:
        """All principals of these kinds, by name; of all kinds if none is named."""
        with self._state.reading() as read:
            rows = {row.id: row for row in read.all(KINDS)}
            groups: dict[str, list[PrincipalRow]] = {}
            members: dict[str, list[PrincipalRow]] = {}
            for group_id, member_id in read.memberships():
                if group_id in rows and member_id in rows:
                    groups.setdefault(member_id, []).append(rows[group_id])
                    members.setdefault(group_id, []).append(rows[member_id])
        wanted = kinds or KINDS
        return [
            Described(row, sorted(groups.get(row.id, ()), key=_name), sorted(members.get(row.id, ()), key=_name))
            for row in rows.values()
            if row.kind in wanted
        ]

    def declared(self) -> Sequence[DeclaredGroup]:
        """The groups of the configuration file, by name."""
        return sorted(self._declared(), key=lambda group: group.name)

    def change(self, actor: Principal, which: str, change: PrincipalChange, kind: str = "") -> Described:
        """Change a principal as one step."""
        _check_actor(actor, (), f"change {which!r}")
        with self._state.editing() as edit:
            return self._changed(actor, edit, self._find(edit, which, kind), change)

    def delete(self, actor: Principal, which: str, kind: str = "") -> PrincipalRow:
        """Delete a principal: its tokens are revoked, and its memberships, its roles and its privileges in the catalog end. Its name stays its own."""
        _check_actor(actor, (), f"delete {which!r}")
        with self._state.editing() as edit:
            row = self._find(edit, which, kind)
            _check_actor(actor, edit.roles_of(row.id) & ADMINISTRATORS, f"delete the {WORDS[row.kind]} {row.name!r}")
            owned = edit.owned_by(row)
            if owned:
                names = ", ".join(owned[:_OWNED_SHOWN]) + (f" and {len(owned) - _OWNED_SHOWN} more" if len(owned) > _OWNED_SHOWN else "")
                raise BadRequest(
                    f"{row.name} owns {names}. Give what it owns another owner first: ALTER TABLE … OWNER TO `…`, and likewise for schemas and catalogs.",
                    status=409,
                    code="RESOURCE_CONFLICT",
                )
            now_ms = self._now_ms()
            was = edit.with_roles(frozenset({ACCOUNT_ADMIN}))
            edit.strip(row, now_ms)
            gone = msgspec.structs.replace(row, active=False, external_id="", roles=in_order(()), updated_at_ms=now_ms, deleted_at_ms=now_ms)
            edit.put(gone)
            _check_account_administrators(edit, was)
        return row

    def _changed(self, actor: Principal, edit: PrincipalEditing, row: PrincipalRow, change: PrincipalChange) -> Described:
        """Make a change in a transaction, and check what it means for administrators."""
        if row.kind == GROUP:
            self._refuse_declared(row.name)
        if change.seen_at_ms not in {None, row.updated_at_ms}:
            raise BadRequest(
                f"The {WORDS[row.kind]} {row.name!r} was changed meanwhile. Load the page again, look at what it is now, then repeat the change.",
                status=409,
                code="ABORTED",
            )
        after = _edited(row, change, self._now_ms())
        was = edit.with_roles(frozenset({ACCOUNT_ADMIN}))
        had = edit.roles_of(row.id) & ADMINISTRATORS
        if after.roles != row.roles or after.active != row.active:
            # An active administrator's roles, the new ones too: none is given, taken or stopped by anyone but an account administrator.
            _check_actor(actor, had | (ADMINISTRATORS & set(after.roles)), f"change roles or activity of {row.name!r}")
        if after != row:
            edit.put(after)
        if change.members is not None or change.add_members or change.remove_members:
            _check_actor(actor, (had | set(after.roles)) & ADMINISTRATORS, f"change the members of {row.name!r}")
            self._change_members(edit, after, change)
        _check_account_administrators(edit, was)
        return _described(edit, after)

    def _change_members(self, edit: PrincipalEditing, group: PrincipalRow, change: PrincipalChange) -> None:
        if group.kind != GROUP:
            raise BadRequest(f"The {WORDS[group.kind]} {group.name!r} has no members; a group has.", code="INVALID_PARAMETER_VALUE")
        add = [self._find(edit, which, "") for which in (*(change.members or ()), *change.add_members)]
        for member in add:
            path = _path(edit, member, group)
            if path:
                circle = " contains ".join((group.name, *path))
                raise BadRequest(f"No group may contain itself, and that would make it so: {circle}.", code="INVALID_PARAMETER_VALUE")
        remove = {self._find(edit, which, "").id for which in change.remove_members}
        if change.members is not None:
            remove |= {member.id for member in edit.members(group.id)} - {member.id for member in add}
        edit.change_members(group.id, [member.id for member in add if member.id not in remove], remove)

    def _find(self, read: PrincipalReading, which: str, kind: str) -> PrincipalRow:
        """The principal of an id or a name. Raises NotFound, and says so where the file declares the group."""
        row = read.get(which) or read.named(which)
        if row is not None and not row.deleted_at_ms and kind in {"", row.kind}:
            return row
        self._refuse_declared(which)
        what = WORDS.get(kind, "user, service principal or group")
        other = f"; {which!r} is a {WORDS[row.kind]}" if row is not None and not row.deleted_at_ms else ""
        raise NotFound(f"No {what} has the name or id {which!r}{other}.", code="RESOURCE_DOES_NOT_EXIST")

    def _check_new(self, new: NewPrincipal) -> None:
        checked_name(new.name, WORDS[new.kind])
        self._refuse_declared(new.name)

    def _refuse_declared(self, name: str) -> None:
        """Refuse to create, change or delete what the file declares."""
        for group in self._declared():
            if group.name == name:
                raise refuse_declared(f"The group {name!r}", group.place)

    def _now_ms(self) -> int:
        return self._clock.wall_ns() // 1_000_000


def _edited(row: PrincipalRow, change: PrincipalChange, now_ms: int) -> PrincipalRow:
    """The principal after a change. Its time moves only if something else does."""
    if row.kind == GROUP and change.active is False:
        raise BadRequest("A group cannot be deactivated: remove its members, or delete it.", code="INVALID_PARAMETER_VALUE")
    for role in (*(change.roles or ()), *change.add_roles, *change.remove_roles):
        if role not in ROLES:
            raise BadRequest(f"There is no role {role!r}; the roles are {', '.join(ROLES)}.", code="INVALID_PARAMETER_VALUE")
    roles = {*(row.roles if change.roles is None else change.roles), *change.add_roles} - set(change.remove_roles)
    after = msgspec.structs.replace(
        row,
        active=row.active if change.active is None else change.active,
        display_name=row.display_name if change.display_name is None else checked_text(change.display_name, "display name"),
        external_id=row.external_id if change.external_id is None else checked_text(change.external_id, "external id"),
        roles=in_order(roles),
    )
    return row if after == row else msgspec.structs.replace(after, updated_at_ms=now_ms)


def _check_actor(actor: Principal, concerned: Collection[str], act: str) -> None:
    """Raise Forbidden unless an administrator acts, and an account administrator where the act concerns the roles of administrators."""
    if not actor.is_administrator:
        raise Forbidden(f"Only an administrator may {act}.", code="PERMISSION_DENIED")
    if concerned and not actor.is_account_administrator:
        raise Forbidden(
            f"Only an account administrator may {act}: that concerns the role {' and '.join(sorted(concerned))}.", code="PERMISSION_DENIED"
        )


def _check_account_administrators(edit: PrincipalEditing, was: frozenset[str]) -> None:
    """Refuse to leave an account without a principal that can give roles."""
    if was and not edit.with_roles(frozenset({ACCOUNT_ADMIN})):
        raise BadRequest(
            "That would leave no active account administrator. Give another user the role account_admin first.", status=409, code="RESOURCE_CONFLICT"
        )


def _described(read: PrincipalReading, row: PrincipalRow) -> Described:
    return Described(row, read.groups_of(row.id), read.members(row.id) if row.kind == GROUP else ())


def _path(read: PrincipalReading, start: PrincipalRow, end: PrincipalRow) -> tuple[str, ...]:
    """The names of the groups from one down to another that it contains, or is; then the first again, which would contain it. Empty if it is not there."""
    if start.kind != GROUP:
        return ()
    paths: deque[tuple[PrincipalRow, ...]] = deque([(start,)])
    seen = {start.id}
    while paths:
        path = paths.popleft()  # shorter paths come first
        if path[-1].id == end.id:
            return tuple(row.name for row in path)
        inner = [member for member in read.members(path[-1].id) if member.kind == GROUP and member.id not in seen]
        seen.update(member.id for member in inner)
        paths.extend((*path, member) for member in inner)
    return ()


def _taken(row: PrincipalRow) -> BadRequest:
    what = f"a {WORDS[row.kind]}" if not row.deleted_at_ms else f"a {WORDS[row.kind]} that was deleted, and records name it"
    return BadRequest(f"The name {row.name!r} is taken: it is that of {what}.", status=409, code="RESOURCE_ALREADY_EXISTS")


def _name(row: PrincipalRow) -> str:
    return row.name
