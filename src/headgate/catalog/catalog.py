"""The whole catalog as one immutable value: every entry by its name, who owns it, what is granted on it. Answers who may do what; changes nothing.

A name is reached step by step, so that no principal learns what exists inside a catalog or schema that it may not use.
"""

import bisect
import copy
import difflib
from collections import defaultdict
from collections.abc import Iterable

from headgate.catalog import holders, privileges
from headgate.catalog.entries import Entry
from headgate.catalog.holders import Holder
from headgate.catalog.names import METASTORE, MODEL_SERVICE, Name
from headgate.catalog.privileges import Grants, Reach
from headgate.core.errors import NotFound
from headgate.core.principal import Principal

_SHOWS = {
    "TABLE": frozenset({privileges.SELECT, privileges.MODIFY, privileges.MANAGE}),
    MODEL_SERVICE: frozenset({privileges.EXECUTE, privileges.MANAGE}),
}
_FIRST_NEEDED = {"CATALOG": privileges.USE_CATALOG, "SCHEMA": privileges.USE_SCHEMA, MODEL_SERVICE: privileges.EXECUTE}
_NEAR = 50  # names before and behind a missing one that may be what was meant
_NEAR_CHARS_MAX = 64  # comparing longer ones takes too long
_CODES = {
    "METASTORE": ("METASTORE_DOES_NOT_EXIST", "metastore"),
    "CATALOG": ("NO_SUCH_CATALOG_EXCEPTION", "catalog"),
    "SCHEMA": ("SCHEMA_NOT_FOUND", "schema"),
    "TABLE": ("TABLE_OR_VIEW_NOT_FOUND", "table or view"),
    MODEL_SERVICE: ("MODEL_SERVICE_NOT_FOUND", "model service"),
}


class Catalog:
    """The catalog at one version of the control state."""

    def __init__(
        self,
        version: int,
        entries: Iterable[Entry],
        grants: Grants,
        principals: Iterable[str] = (),
        groups: Iterable[str] = (),
        *,
        content_version: int = 0,
    ) -> None:
        self.version = version
        self.content_version = content_version  # moves with entries and grants alone
        self.grants = grants
        self.principals = frozenset(principals)
        self.groups = frozenset(groups).union(holders.GROUPS)
        self._entries = {entry.name: entry for entry in entries}
        self._by_id = {entry.id: entry for entry in self._entries.values()}
        self._owners = {name: entry.owner for name, entry in self._entries.items()}
        self._reach = Reach(grants, self._owners)
        inside: dict[tuple[Name, bool], list[Entry]] = defaultdict(list)
        for name in sorted(self._entries):
            if name != METASTORE:
                inside[name.parent, name.service].append(self._entries[name])
        self._inside = {place: tuple(found) for place, found in inside.items()}

    def moved(self, version: int, principals: Iterable[str], groups: Iterable[str]) -> "Catalog":
        """The same catalog at a later version of the control state, in which perhaps other principals and groups are known."""
        later = copy.copy(self)
        later.version = version
        later.principals = frozenset(principals)
        later.groups = frozenset(groups).union(holders.GROUPS)
        return later

    @property
    def metastore(self) -> Entry:
        """The root of everything."""
        return self._entries[METASTORE]

    @property
    def count(self) -> int:
        """How many entries there are."""
        return len(self._entries)

    def find(self, name: Name) -> Entry | None:
        """The entry of this name, without a check of privileges."""
        return self._entries.get(name)

    def find_id(self, entry_id: str) -> Entry | None:
        """The entry of this id, without a check of privileges."""
        return self._by_id.get(entry_id)

    def inside(self, name: Name) -> tuple[Entry, ...]:
        """The entries directly in it but model services, by name, without a check of privileges."""
        return self._inside.get((name, False), ())

    def services(self, schema: Name) -> tuple[Entry, ...]:
        """The model services of a schema, by name, without a check of privileges."""
        return self._inside.get((schema, True), ())

    def all_services(self) -> tuple[Entry, ...]:
        """Every model service, without a check of privileges."""
        return tuple(entry for entry in self._entries.values() if entry.name.service)

    def tables(self) -> tuple[Entry, ...]:
        """Every table and view, without a check of privileges."""
        return tuple(entry for entry in self._entries.values() if entry.table is not None)

    def containers(self) -> tuple[Entry, ...]:
        """Every catalog and schema, without a check of privileges."""
        return tuple(entry for entry in self._entries.values() if entry.name.kind in {"CATALOG", "SCHEMA"})

    def require(self, principal: Principal, privilege: str, name: Name) -> Entry:
        """The entry, if the principal has the privilege on it; else `Forbidden` that names what is missing, or `NotFound`."""
        self._walk(principal, name)
        privileges.require(principal, privilege, name, self.grants, self._owners)
        return self._entries[name]

    def allows(self, principal: Principal, privilege: str, name: Name) -> bool:
        """Whether the entry is there and the principal has the privilege on it."""
        return name in self._entries and privileges.missing(principal, privilege, name, self.grants, self._owners) is None

    def holders_with(self, privilege: str, name: Name) -> frozenset[Holder]:
        """The holders that have the privilege on the entry, without those that lack the way to it."""
        return privileges.holders_with(privilege, name, self.grants, self._owners)

    def require_visible(self, principal: Principal, name: Name) -> Entry:
        """The entry, if the principal may know of it."""
        self._walk(principal, name)
        if not self.visible(principal, name):
            needed = _FIRST_NEEDED.get(name.kind, privileges.SELECT)
            privileges.require(principal, needed, name, self.grants, self._owners)
        return self._entries[name]

    def visible(self, principal: Principal, name: Name) -> bool:
        """Whether a listing shows it: a table or model service to those who may do something with it, not to all who may enter its schema."""
        if name.kind in _SHOWS:
            return any(self.allows(principal, privilege, name) for privilege in _SHOWS[name.kind])
        return self._reach.sees(principal, name)

    def listed(self, principal: Principal, within: Name) -> list[Entry]:
        """The catalogs, schemas or tables directly in it that the principal may know of, by name. Takes time proportional to their number."""
        if within.kind != "SCHEMA":
            return [entry for entry in self.inside(within) if self.visible(principal, entry.name)]
        return self._listed(principal, within, "TABLE")

    def listed_services(self, principal: Principal, schema: Name) -> list[Entry]:
        """The model services of a schema that the principal may know of, by name."""
        return self._listed(principal, schema, MODEL_SERVICE)

    def _listed(self, principal: Principal, within: Name, kind: str) -> list[Entry]:
        # The way to all that is in a schema is the same, and so is what it inherits: both are asked for once.
        if privileges.missing(principal, privileges.USE_SCHEMA, within, self.grants, self._owners) is not None:
            return []
        who, wanted, there = holders.holders_of(principal), _SHOWS[kind], self._inside.get((within, kind == MODEL_SERVICE), ())
        if any(privileges.holds_some(who, wanted, place, self.grants, self._owners) for place in within.lineage()):
            return list(there)
        return [entry for entry in there if privileges.holds_some(who, wanted, entry.name, self.grants, self._owners)]

    def holder_of(self, name: str) -> Holder | None:
        """The holder that a person means by this name: a group, or a user who has had a token. A group's name is always the group."""
        if name in self.groups:
            return holders.group(name)
        return holders.user(name) if name in self.principals else None

    def holder_on(self, place: Name, name: str) -> Holder:
        """The holder of this name, known or not: what is left of one that does not exist any more can be revoked."""
        gone = holders.group(name)
        return self.holder_of(name) or (gone if gone in self.grants.get(place, {}) else holders.user(name))

    def _walk(self, principal: Principal, name: Name) -> None:
        """Go from the catalog to the name; each missing step is reported to principals that may use its parent."""
        doors = {"CATALOG": privileges.USE_CATALOG, "SCHEMA": privileges.USE_SCHEMA}
        for place in name.lineage()[1:]:
            if place not in self._entries:
                raise self._missing(principal, place)
            if place != name:
                privileges.require(principal, doors[place.kind], place, self.grants, self._owners)

    def _missing(self, principal: Principal, name: Name) -> NotFound:
        code, words = _CODES[name.kind]
        nearest = difflib.get_close_matches(name.leaf, self._near(principal, name), n=1) if len(name.leaf) <= _NEAR_CHARS_MAX else []
        hint = f" Did you mean {name.parent.child(nearest[0]).sql}?" if nearest else ""
        return NotFound(f"[{code}] The {words} {name.sql} cannot be found.{hint}", code=code)

    def _near(self, principal: Principal, name: Name) -> list[str]:
        """Names beside a missing one in the order of names, as far as the principal may know of them: a few, however many lie there."""
        there = self._inside.get((name.parent, name.service), ())
        place = bisect.bisect_left(there, name.leaf, key=lambda entry: entry.name.leaf)
        beside = there[max(0, place - _NEAR) : place + _NEAR]
        return [entry.name.leaf for entry in beside if len(entry.name.leaf) <= _NEAR_CHARS_MAX and self.visible(principal, entry.name)]
