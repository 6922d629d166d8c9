"""Decides what a holder may do: Unity Catalog's privileges, their inheritance and ownership, as one pure decision that names what is missing.

A privilege granted on a catalog or schema holds for everything in it. An owner has every privilege on what is owned and all that is in it.
Reaching an object also takes `USE CATALOG` and `USE SCHEMA` on its parents; the privilege to read is not enough alone.
"""

import difflib
from collections import defaultdict
from collections.abc import Iterable, Mapping

import msgspec

from headgate.catalog import holders
from headgate.catalog.holders import Holder
from headgate.catalog.names import METASTORE, MODEL_SERVICE, Name
from headgate.core.errors import BadRequest, Forbidden
from headgate.core.principal import Principal

ALL_PRIVILEGES = "ALL PRIVILEGES"
MANAGE = "MANAGE"
USE_CATALOG = "USE CATALOG"
USE_SCHEMA = "USE SCHEMA"
SELECT = "SELECT"
MODIFY = "MODIFY"
EXECUTE = "EXECUTE"
CREATE_CATALOG = "CREATE CATALOG"
CREATE_SCHEMA = "CREATE SCHEMA"
CREATE_TABLE = "CREATE TABLE"

# Where each privilege may be granted; above a table or model service it is inherited.
GRANTABLE_ON = {
    USE_CATALOG: ("CATALOG",),
    USE_SCHEMA: ("CATALOG", "SCHEMA"),
    SELECT: ("CATALOG", "SCHEMA", "TABLE"),
    MODIFY: ("CATALOG", "SCHEMA", "TABLE"),
    EXECUTE: ("CATALOG", "SCHEMA", MODEL_SERVICE),
    CREATE_CATALOG: ("METASTORE",),
    CREATE_SCHEMA: ("CATALOG",),
    CREATE_TABLE: ("CATALOG", "SCHEMA"),
    MANAGE: ("METASTORE", "CATALOG", "SCHEMA", "TABLE", MODEL_SERVICE),
    ALL_PRIVILEGES: ("CATALOG", "SCHEMA", "TABLE", MODEL_SERVICE),
}
# Spellings of older catalogs that scripts still use.
_ALIASES = {"USAGE": USE_SCHEMA, "CREATE": CREATE_TABLE, "ALL": ALL_PRIVILEGES, "WRITE": MODIFY, "READ": SELECT}

Grants = Mapping[Name, Mapping[Holder, frozenset[str]]]  # securable -> holder -> privileges
Owners = Mapping[Name, Holder]

_WORD_CHARS_MAX = 64


class MissingPrivilege(msgspec.Struct, frozen=True):
    """The first privilege that a principal lacks, from the catalog down, and where."""

    name: str  # the principal's
    privilege: str
    securable: Name

    @property
    def message(self) -> str:
        """What is missing, and the statement that would give it."""
        where = "the metastore" if self.securable == METASTORE else f"{self.securable.kind.capitalize()} '{self.securable}'"
        target = "METASTORE" if self.securable == METASTORE else f"{self.securable.kind} {self.securable.sql}"
        return (
            f"[INSUFFICIENT_PERMISSIONS] {self.name} does not have {self.privilege} on {where}. "
            f"An owner can run: GRANT {self.privilege} ON {target} TO `{self.name.replace('`', '``')}`"
        )


def parse(word: str, kind: str = "") -> str:
    """A privilege from any of its spellings (`USE CATALOG`, `USE_CATALOG`, `use catalog`), checked for the kind of securable if one is given."""
    if len(word) > _WORD_CHARS_MAX:
        raise BadRequest(f"The privilege {word[:_WORD_CHARS_MAX]!r}… is not known.", code="INVALID_PRIVILEGE")
    privilege = " ".join(word.replace("_", " ").split()).upper()
    privilege = _ALIASES.get(privilege, privilege)
    if privilege not in GRANTABLE_ON:
        nearest = difflib.get_close_matches(privilege, GRANTABLE_ON, n=1, cutoff=0.5)
        hint = f"; did you mean {nearest[0]}?" if nearest else f"; known are {', '.join(GRANTABLE_ON)}."
        raise BadRequest(f"The privilege {word!r} is not known{hint}", code="INVALID_PRIVILEGE")
    if kind and kind not in GRANTABLE_ON[privilege]:
        places = " or ".join(place.lower() for place in GRANTABLE_ON[privilege])
        raise BadRequest(f"{privilege} is granted on a {places}, not on a {kind.lower()}.", code="INVALID_PRIVILEGE")
    return privilege


def api_spelling(privilege: str) -> str:
    """As Databricks' REST interface writes it: `USE_CATALOG`."""
    return privilege.replace(" ", "_")


def missing(principal: Principal, privilege: str, securable: Name, grants: Grants, owners: Owners) -> MissingPrivilege | None:
    """`None` if the principal has the privilege, else the first one that it lacks."""
    who = holders.holders_of(principal)
    for needed, place in _route(privilege, securable):
        if not _holds(who, needed, place, grants, owners):
            return MissingPrivilege(principal.name, needed, place)
    return None


def require(principal: Principal, privilege: str, securable: Name, grants: Grants, owners: Owners) -> None:
    """Raise `Forbidden` that names the missing privilege, if one is missing."""
    lacked = missing(principal, privilege, securable, grants, owners)
    if lacked is not None:
        raise Forbidden(lacked.message, code="INSUFFICIENT_PERMISSIONS")


def holders_with(privilege: str, securable: Name, grants: Grants, owners: Owners) -> frozenset[Holder]:
    """The holders that have the privilege on this very place or by inheritance. The way to it counts for nothing here."""
    found = {owners[place] for place in securable.lineage() if place in owners}
    enough = {privilege} if privilege == MANAGE else {privilege, ALL_PRIVILEGES}
    for place in securable.lineage():
        found.update(holder for holder, held in grants.get(place, {}).items() if not enough.isdisjoint(held))
    return frozenset(found)


def holds_some(who: frozenset[Holder], wanted: frozenset[str], place: Name, grants: Grants, owners: Owners) -> bool:
    """Whether one of the wanted privileges is held on this very place, by a grant or by owning it. What the place is in counts for nothing here."""
    if owners.get(place) in who:
        return True
    held = _granted(who, place, grants)
    return not held.isdisjoint(wanted) or (ALL_PRIVILEGES in held and wanted != {MANAGE})


def _route(privilege: str, securable: Name) -> Iterable[tuple[str, Name]]:
    """What must be held on the way from the catalog to the securable, and then on it."""
    doors = {"CATALOG": USE_CATALOG, "SCHEMA": USE_SCHEMA}
    for place in securable.lineage()[1:-1]:
        yield doors[place.kind], place
    own = doors.get(securable.kind)
    if own is not None and privilege not in {own, MANAGE}:
        yield own, securable
    yield privilege, securable


def _holds(who: frozenset[Holder], privilege: str, securable: Name, grants: Grants, owners: Owners) -> bool:
    for place in securable.lineage():
        if owners.get(place) in who:
            return True
        held = _granted(who, place, grants)
        if privilege in held:
            return True
        if ALL_PRIVILEGES in held and privilege != MANAGE:
            return True
    return False


def _granted(who: frozenset[Holder], place: Name, grants: Grants) -> frozenset[str]:
    """Looks up each holder that the principal counts as, of which there are a few; a place may have thousands."""
    there = grants.get(place)
    return frozenset().union(*(there.get(holder, ()) for holder in who)) if there else frozenset()


class Reach:
    """Which places each holder has something in. Made once for a state of the catalog, in time proportional to its size; then each question is a few look-ups."""

    def __init__(self, grants: Grants, owners: Owners) -> None:
        self._held: dict[Holder, set[Name]] = defaultdict(set)
        for place, there in grants.items():
            for holder in there:
                self._held[holder].add(place)
        for place, owner in owners.items():
            self._held[owner].add(place)
        self._above = {holder: _with_parents(places) for holder, places in self._held.items()}

    def sees(self, principal: Principal, securable: Name) -> bool:
        """Whether a listing shows it: something is granted on it, above it or inside it, or is owned."""
        who = [holder for holder in holders.holders_of(principal) if holder in self._above]
        if any(securable in self._above[holder] for holder in who):
            return True
        return any(place in self._held[holder] for holder in who for place in securable.lineage())


def _with_parents(places: Iterable[Name]) -> set[Name]:
    """The places and everything they are in. Going up ends at an object that was visited before."""
    found: set[Name] = set()
    for place in places:
        step = place
        while step not in found:
            found.add(step)
            step = step.parent
    return found
