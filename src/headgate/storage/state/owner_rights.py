"""The principals that own views, with what they may do without a token: their groups, and their roles with those of their groups."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec
from sqlalchemy import select

from headgate.catalog import holders
from headgate.catalog.holders import Holder
from headgate.core.group import DeclaredGroup, Group
from headgate.core.principal import ADMINS, HEADGATE, HEADGATE_KIND, Principal
from headgate.core.principal_name import GROUP, principal_name
from headgate.core.scopes import ADMIN, SCOPES
from headgate.policy.belonging import Belonging
from headgate.storage.state.access import stored_groups
from headgate.storage.state.database import Database, part_version_of
from headgate.storage.state.schema import principals
from headgate.storage.state.stated_groups import StatedGroups


class Owners(NamedTuple):
    """The principals that may own a view, at one moment. `known` are the users and service principals by their names, with their own roles alone."""

    belonging: Belonging
    known: Mapping[str, Principal]

    def principal(self, owner: Holder) -> Principal | None:
        """The owner as a principal; `None` for one that does not exist."""
        name = holders.name_of(owner)
        if owner == holders.holder_of(HEADGATE):
            return HEADGATE
        if owner == holders.group(name):
            return self._group(name)
        found = self.known.get(name)
        return None if found is None else self.belonging.principal(found)

    def _group(self, name: str) -> Principal | None:
        # Of Headgate's own kind: a user that has the group's name must not lend it what is granted to the user.
        group = Principal(id="", name=name, kind=HEADGATE_KIND, scopes=SCOPES)
        if name in self.belonging.names:
            return self.belonging.group(group)
        scopes = frozenset({ADMIN}) if name == ADMINS else frozenset()
        return msgspec.structs.replace(group, groups=frozenset({name}), scopes=scopes) if name in holders.GROUPS else None


class OwnerRights:
    """Reads owners from the store and from the groups of the file, again when either has changed."""

    def __init__(self, database: Database, declared: StatedGroups) -> None:
        self._database = database
        self._declared = declared
        self._read: tuple[int, Sequence[DeclaredGroup], Owners] | None = None

    def read(self) -> Owners:
        """The owners as they are now. Waits for the database."""
        declared = self._declared.groups()
        with self._database.reading() as connection:
            version = part_version_of(connection, "access")
            if self._read is not None and self._read[0] == version and self._read[1] is declared:
                return self._read[2]
            live = (principals.c.deleted_at_ms == 0) & (principals.c.kind != GROUP)
            rows = connection.execute(select(principals).where(live)).all()
            stored, roles = stored_groups(connection)
        written = [Group(group.name, tuple(map(principal_name, group.members))) for group in declared]
        known = {
            row.name: Principal(id=row.id, name=row.name, kind=row.kind, scopes=SCOPES, roles=frozenset(row.roles), active=bool(row.active))
            for row in rows
        }
        owners = Owners(Belonging(written, stored, roles), known)
        self._read = (version, declared, owners)
        return owners
