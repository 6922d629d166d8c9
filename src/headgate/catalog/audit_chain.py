"""The hash chain of the audit table: each row has a number, the hash of the row before and its own. Finds what was changed, removed or inserted.

The hash has no key: a reader with a copy of the table can check it. A user who can write the table can therefore make a new chain, so the last hash is
kept elsewhere too (`Head`).
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

import msgspec

from headgate.catalog.audit_table import AUDIT, AUDIT_VERSION

Row = Mapping[str, Any]
_NOTED = re.compile(r"([0-9]{1,18}):([0-9a-f]{64})")

# The columns that a row's hash is made of, by its version. A version that is here never changes.
_HASHED: Final[Mapping[str, tuple[str, ...]]] = {
    AUDIT_VERSION: tuple(field.name for field in AUDIT.schema.fields if field.name != "row_hash"),
}


class Head(msgspec.Struct, frozen=True):
    """The end of a chain. An empty chain ends at 0 with an empty hash."""

    sequence: int = 0
    hash: str = ""


class Break(msgspec.Struct, frozen=True):
    """One place where the chain does not hold. `sequence` is the row's number, or that of the first row that is missing."""

    sequence: int
    what: str


class AuditVerdict(msgspec.Struct, frozen=True):
    """What a check of the table found. `head` is the end of its chain: what is written down elsewhere can be compared with it later."""

    rows: int
    head: Head
    breaks: tuple[Break, ...]

    @property
    def holds(self) -> bool:
        """Whether the chain is whole."""
        return not self.breaks


def noted_head(text: str) -> Head | None:
    """An end of a chain as a person wrote it down, `NUMBER:HASH`; `None` for any other text."""
    found = _NOTED.fullmatch(text.strip())
    return None if found is None else Head(int(found[1]), found[2])


class Link(NamedTuple):
    """What the chain needs of a row that was read. `computed` is the hash that it should have; empty for a version that is unknown."""

    sequence: int
    previous_hash: str
    row_hash: str
    computed: str


def chained(rows: Iterable[dict[str, Any]], head: Head) -> Iterator[dict[str, Any]]:
    """The rows with their places in the chain that ends at `head`. Times are in microseconds, days are counted from 1970."""
    for row in rows:
        placed = row | {"chain_sequence": head.sequence + 1, "previous_hash": head.hash}
        head = Head(head.sequence + 1, hash_of(placed))
        yield placed | {"row_hash": head.hash}


def hash_of(row: Row) -> str:
    """The hash of a row: SHA-256 of its columns as a JSON list, without the hash itself. Empty for a version that is unknown."""
    columns = _HASHED.get(str(row.get("version")))
    if columns is None:
        return ""
    return hashlib.sha256(msgspec.json.encode([_plain(row.get(name)) for name in columns])).hexdigest()


def link_of(row: Row) -> Link:
    """What the chain needs of a row."""
    return Link(row.get("chain_sequence") or 0, row.get("previous_hash") or "", row.get("row_hash") or "", hash_of(row))


def breaks(links: Iterable[Link], head: Head) -> list[Break]:
    """Every place where the chain does not hold. `head` is its end as it is kept outside of the table; the table may have more."""
    found: list[Break] = []
    expected = Head()
    kept = ""
    for link in sorted(links):
        if link.sequence <= expected.sequence:
            found.append(Break(link.sequence, "inserted: another row has this number, or the row has none"))
            continue
        if link.computed != link.row_hash:
            found.append(Break(link.sequence, "changed: its columns do not give its hash"))
        if link.sequence > expected.sequence + 1:
            found.append(Break(expected.sequence + 1, f"removed: rows {expected.sequence + 1} to {link.sequence - 1} are missing"))
        elif link.previous_hash != expected.hash:
            found.append(Break(link.sequence, "changed: it does not follow the row before, which was changed or replaced"))
        expected = Head(link.sequence, link.row_hash)
        kept = link.row_hash if link.sequence == head.sequence else kept
    if expected.sequence < head.sequence:
        found.append(Break(expected.sequence + 1, f"removed: rows {expected.sequence + 1} to {head.sequence} are missing at the end"))
    elif head.sequence and kept and kept != head.hash:
        found.append(Break(head.sequence, "changed: its hash is not the one that is kept outside of the table"))
    return found


def _plain(value: object) -> object:
    """The value in the one form that is hashed: maps and structures as sorted pairs."""
    if isinstance(value, Mapping):
        return sorted([str(key), _plain(item)] for key, item in value.items())
    if isinstance(value, list):
        return sorted([str(key), item] for key, item in value)
    return value
