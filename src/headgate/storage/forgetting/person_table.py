"""The rows of one table that are of a person: how they are found there, and what becomes of them.

Usage and the settled ledger get a pseudonym, so that sums of money stay what they were. Requests, answers, telemetry and traces are deleted. The audit
table is left alone: each row of it has the hash of the one before.
"""

import functools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
import pyarrow as pa
from deltalake import DeltaTable, QueryBuilder
from deltalake.exceptions import CommitFailedError

from headgate.catalog.audit_table import AUDIT
from headgate.catalog.ledger.settled import SETTLED_TABLES
from headgate.catalog.otel_tables import METRICS, recognise
from headgate.catalog.types import Structure
from headgate.catalog.usage_table import USAGE
from headgate.core.errors import Unavailable
from headgate.storage.delta import delta_table
from headgate.storage.forgetting.person import POINTS, NamedPerson, of_attributes, of_columns
from headgate.storage.otlp import variant

_ATTEMPTS = 5
_IDS_AT_ONCE = 1000
_CHANGED = {USAGE.name} | {table.name for table in SETTLED_TABLES}
_SETTLED_NAMES = ("principal", "client_user", "requester")
_PAYLOAD_COLUMNS = frozenset({"request_id", "request", "response", "requester"})


class PersonTable(msgspec.Struct, frozen=True, kw_only=True):
    """A table. `kind` says how its rows are found: usage, settled, payload, v1, v2, or nothing of it where it is `left_out`, with the reason."""

    name: str
    location: str
    columns: Structure
    kind: str
    left_out: str = ""

    @property
    def keeps_rows(self) -> bool:
        """Whether rows stay, with a pseudonym."""
        return self.kind in {"usage", "settled"}


def person_table(name: str, location: str, columns: Structure) -> PersonTable:
    """A table of the catalog as it is looked at."""
    kind, left_out = _kind(name, columns)
    return PersonTable(name=name, location=location, columns=columns, kind=kind, left_out=left_out)


def _kind(name: str, columns: Structure) -> tuple[str, str]:
    if name == str(USAGE.name):
        return "usage", ""
    if name == str(AUDIT.name):
        return "", "each row has the hash of the one before"
    names = {field.name for field in columns.fields}
    if name in map(str, _CHANGED):
        return ("settled", "") if names & set(_SETTLED_NAMES) else ("", "it names no user")
    telemetry = recognise(columns)
    if telemetry is not None:
        return telemetry.version, ""
    if names >= _PAYLOAD_COLUMNS:
        return "payload", ""
    return "", "Headgate did not define its columns: look for the name yourself"


def count(table: PersonTable, person: NamedPerson) -> int:
    """How many rows are of the person."""
    opened = delta_table.open_table(table.location)
    if opened is None:
        return 0
    if table.kind == "v2":
        return len(_record_ids(table, opened, person))
    return _counted(opened, _condition(table, person))


def forget(table: PersonTable, person: NamedPerson) -> int:
    """Delete the person's rows, or give them the pseudonym. Returns their number. Tries again where another writer was first."""
    opened = delta_table.open_table(table.location)
    if opened is None:
        return 0
    if table.kind == "v2":
        ids = _record_ids(table, opened, person)
        return sum(_again(functools.partial(_deleted, table, f"record_id IN ({part})")) for part in _parts(ids))
    condition = _condition(table, person)
    if not table.keeps_rows:
        return _again(lambda: _deleted(table, condition))
    with delta_table.changeable(table.location):
        return _again(lambda: _renamed(table, person, condition))


def sessions_of(location: str, person: NamedPerson) -> tuple[str, ...]:
    """The agent sessions in the usage table that are of the person and of no other."""
    opened = delta_table.open_table(location)
    if opened is None:
        return ()
    mine = of_columns(person, ["requester"], "principal_id")
    theirs = f"WHERE session_id IS NOT NULL GROUP BY session_id HAVING bool_and(coalesce({mine}, false))"
    return tuple(sorted(str(row["s"]) for row in _rows(opened, "session_id AS s", theirs)))


def files_of(table: PersonTable, person: NamedPerson) -> list[str]:
    """The files of bodies that rows of a payload table name, below the data directory."""
    opened = delta_table.open_table(table.location)
    names = [name for name in ("request_file", "response_file") if name in {field.name for field in table.columns.fields}]
    if opened is None or table.kind != "payload" or not names:
        return []
    rows = _rows(opened, ", ".join(names), f"WHERE {_condition(table, person)}")
    return [str(row[name]) for row in rows for name in names if row[name]]


def _condition(table: PersonTable, person: NamedPerson) -> str:
    names = {field.name for field in table.columns.fields}
    if table.kind == "usage":
        return of_columns(person, ["requester"], "principal_id")
    if table.kind == "settled":
        return of_columns(person, [name for name in _SETTLED_NAMES if name in names], "principal_id" if "principal_id" in names else "")
    if table.kind == "payload":
        return of_columns(person, ["requester"])
    return of_attributes(person, _bags(table))


def _bags(table: PersonTable) -> list[str]:
    """The columns of attributes in a table of telemetry."""
    telemetry = recognise(table.columns)
    of_rows = [f"{point}['attributes']" for point in POINTS] if telemetry is not None and telemetry.signal == METRICS else ["attributes"]
    return [*of_rows, "resource['attributes']"]


def _renamed(table: PersonTable, person: NamedPerson, condition: str) -> int:
    text = f"'{person.pseudonym}'"
    if table.kind == "usage":
        gone = ("ip_address", "user_agent", "token_id", "error_message")
        values = {"requester": text, "principal_id": text, **dict.fromkeys(gone, "NULL")}
    else:
        names = [name for name in _SETTLED_NAMES if name in {field.name for field in table.columns.fields}]
        of_person = {name: of_columns(person, [name]) for name in names}
        values = {name: f"CASE WHEN {found} THEN {text} ELSE {name} END" for name, found in of_person.items()}
        if "principal_id" in {field.name for field in table.columns.fields}:
            values |= {"principal": text, "principal_id": text, "token_id": "NULL"}
    opened = DeltaTable(table.location)
    wanted, version = _counted(opened, condition), opened.version()
    return _checked(table, wanted, int(opened.update(updates=values, predicate=condition)["num_updated_rows"]), version) if wanted else 0


def _deleted(table: PersonTable, condition: str) -> int:
    opened = DeltaTable(table.location)
    wanted, version = _counted(opened, condition), opened.version()
    return _checked(table, wanted, delta_table.delete_rows(opened, condition), version) if wanted else 0


def _checked(table: PersonTable, wanted: int, changed: int, version: int) -> int:
    """The number of rows that were changed. It is compared with a count of its own, because delta-rs has been seen to leave a condition on attributes out."""
    if changed != wanted:
        DeltaTable(table.location).restore(version)
        raise Unavailable(f"{changed} rows of {table.name} were changed where {wanted} are the user's. That was undone; please report it.")
    return changed


def _counted(opened: DeltaTable, condition: str) -> int:
    """How many rows meet a condition. As a sum, because delta-rs 1.6 leaves a condition on parts of several columns out of a WHERE."""
    [row] = _rows(opened, f"sum(CASE WHEN {condition} THEN 1 ELSE 0 END) AS n")
    return int(row["n"] or 0)


def _again(act: Callable[[], int]) -> int:
    for _ in range(_ATTEMPTS - 1):
        try:
            return act()
        except CommitFailedError:  # another writer was first
            continue
    return act()


def _record_ids(table: PersonTable, opened: DeltaTable, person: NamedPerson) -> list[str]:
    """The ids of rows whose attributes hold the name or a session as a text. VARIANT has no condition that delta-rs knows, so the values are read here."""
    texts = [variant.flat(text) or b"" for text in (person.name, *person.sessions)]
    pattern = re.compile(b"|".join(re.escape(text) for text in texts))
    bags = ", ".join(f"{place} AS bag_{number}" for number, place in enumerate(_bags(table)))
    found = []
    text = f"SELECT record_id, {bags} FROM t"  # ruff: ignore[hardcoded-sql-expression] - names of columns that Headgate defined
    for batch in QueryBuilder().register("t", opened).execute(text):
        for row in pa.record_batch(batch).to_pylist():
            values = [bag["value"] for name, bag in row.items() if name != "record_id" and bag is not None]
            if any(pattern.search(value) for value in values):
                found.append(str(row["record_id"]))
    return found


def _parts(ids: Sequence[str]) -> Iterator[str]:
    for start in range(0, len(ids), _IDS_AT_ONCE):
        yield ", ".join(f"'{each}'" for each in ids[start : start + _IDS_AT_ONCE])


def _rows(opened: DeltaTable, columns: str, rest: str = "") -> list[Mapping[str, Any]]:
    """Columns of the table's rows. What is put together here are hashes, ids and names of columns, which Headgate made."""
    found = QueryBuilder().register("t", opened).execute(f"SELECT {columns} FROM t {rest}")  # ruff: ignore[hardcoded-sql-expression] - see above
    return list(pa.table(found.read_all()).to_pylist())
