"""What becomes of a person's rows in each kind of table: theirs are found by name, id or session; everybody else's stay as they are."""

import msgspec
import pytest
from deltalake import DeltaTable
from deltalake.exceptions import CommitFailedError

from headgate.catalog import types
from headgate.catalog.audit_table import AUDIT
from headgate.catalog.ledger.settled import COVERAGE, SESSIONS, TOOLS
from headgate.catalog.types import Structure
from headgate.catalog.usage_table import USAGE
from headgate.core.batch import PAYLOADS
from headgate.core.errors import Unavailable
from headgate.core.payload import LoggedPayload
from headgate.storage.delta import delta_table
from headgate.storage.forgetting import person_table as of_person
from headgate.storage.forgetting.person import NamedPerson
from headgate.storage.forgetting.person_table import count, files_of, forget, person_table, sessions_of
from headgate.telemetry.exchange_spans import spans_of
from tests.fakes import exports
from tests.fakes.landing_place import LandingPlace
from tests.fakes.records import intent, outcome

ADA, BEN = "ada@example.com", "ben@example.com"
PERSON = NamedPerson(name=ADA, ids=("u-ada",), pseudonym="forgotten-1", salt="salt")
KINDS = [(signal, version) for signal in ("metrics", "logs", "spans") for version in ("v1", "v2")]


@pytest.fixture
def place(tmp_path):
    """A data directory."""
    made = LandingPlace(tmp_path)
    made.open()
    yield made
    made.close()


def export(signal, user, session):
    """Two rows or more of a user; of spans the first alone names them."""
    if signal == "spans":
        return spans_of(outcome(f"req_{session}", intent=intent(f"req_{session}", requester=user, session_id=session)))
    return getattr(exports, signal)(user, 2, **{"user.email": user, "session.id": session})


def telemetry(place, signal, version):
    """A table with rows of two users, one of whom sent rows without a name too."""
    place.create("t", signal, version)
    for user, session in ((ADA, "s-ada"), (BEN, "s-ben"), ("", "s-ada"), ("", "s-other"), (f"{ADA}.org", "s-long")):
        place.put(place.batch(export(signal, user, session), "t", signal))
    place.carrier().round()
    return looked_at("main.default.t", place.location("t"))


def looked_at(name, location):
    """A table as it is in the catalog."""
    return person_table(name, location, types.from_delta_json(DeltaTable(location).schema().to_json()))


def usage(place):
    """Three exchanges of one user, under two ids, and two of another; the last session is both users'."""
    for number, (user, principal_id, session) in enumerate([
        (ADA, "u-ada", "s-ada"),
        (ADA, "u-old", "s-old"),
        ("", "u-ada", "s-both"),
        (BEN, "u-ben", "s-ben"),
        (BEN, "u-ben", "s-both"),
    ]):
        given = {"requester": user, "principal_id": principal_id, "session_id": session}
        place.journal.outcome(outcome(f"r-{number}", intent=intent(f"r-{number}", **given), error_message=f"{user} may not"))
    place.journal._end.log.roll()
    place.carrier().round()
    return looked_at(str(USAGE.name), place.carrier().tables.usage)


@pytest.mark.parametrize(("signal", "version"), KINDS)
def test_telemetry_is_deleted(place, signal, version):
    """By the name in attributes or resource, and by their sessions; a name that only begins like theirs is another one."""
    table = telemetry(place, signal, version)
    before = DeltaTable(table.location).count()
    alone = count(table, PERSON)
    person = msgspec.structs.replace(PERSON, sessions=("s-ada",))
    both = count(table, person)

    assert 0 < alone < both < before
    assert forget(table, person) == both
    assert DeltaTable(table.location).count() == before - both
    assert count(table, person) == 0
    assert forget(table, person) == 0
    assert count(table, msgspec.structs.replace(PERSON, name=BEN)) == alone


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_deleted_for_a_name_that_no_row_has(place, kind):
    """A condition that is left out would delete all."""
    table = telemetry(place, *kind)
    nobody = msgspec.structs.replace(PERSON, name="carol@example.com")
    assert (count(table, nobody), forget(table, nobody)) == (0, 0)


def test_usage_gets_a_pseudonym(place):
    """By name or id. Sums, sessions and other users' rows stay; addresses, programs, tokens and texts of errors go; and it is append-only again."""
    table = usage(place)
    before = {row["request_id"]: row for row in DeltaTable(table.location).to_pyarrow_table().to_pylist()}
    assert sessions_of(table.location, PERSON) == ("s-ada", "s-old")
    assert (count(table, PERSON), forget(table, PERSON)) == (3, 3)
    after = {row["request_id"]: row for row in DeltaTable(table.location).to_pyarrow_table().to_pylist()}

    gone = {
        "requester": "forgotten-1",
        "principal_id": "forgotten-1",
        "ip_address": None,
        "user_agent": None,
        "token_id": None,
        "error_message": None,
    }
    assert [after[request] for request in ("r-0", "r-1", "r-2")] == [before[request] | gone for request in ("r-0", "r-1", "r-2")]
    assert [after[request] for request in ("r-3", "r-4")] == [before[request] for request in ("r-3", "r-4")]
    assert DeltaTable(table.location).metadata().configuration["delta.appendOnly"] == "true"
    assert count(table, PERSON) == 0
    assert ADA not in str(DeltaTable(table.location).history())


def test_the_settled_ledger_gets_it_too(place):
    """In each column that names a user; a table without one is left out, and so is the audit table."""
    path = delta_table.table_path(place.data_dir, COVERAGE)
    opened = delta_table.ensure_table(path, COVERAGE)
    rows = [{field.name: None for field in COVERAGE.schema.fields} | {"edition": 0, "requester": user} for user in (ADA, BEN)]
    delta_table.append(opened, of_person.pa.Table.from_pylist(rows, of_person.pa.schema(opened.schema().to_arrow())), "test", 1)
    table = looked_at(str(COVERAGE.name), path)

    assert forget(table, PERSON) == 1
    assert sorted(row["requester"] for row in DeltaTable(path).to_pyarrow_table().to_pylist()) == [BEN, "forgotten-1"]
    assert person_table(str(SESSIONS.name), "", SESSIONS.schema).kind == "settled"
    assert person_table(str(TOOLS.name), "", TOOLS.schema).left_out == "it names no user"
    assert "hash" in person_table(str(AUDIT.name), "", AUDIT.schema).left_out
    assert "did not define" in person_table("main.default.mine", "", Structure(())).left_out


def test_requests_and_answers_are_deleted(place):
    """With the files of bodies that are too large for a row."""
    place.create("t", PAYLOADS)
    for user, file in ((ADA, "payloads/2026-11-30/a.request"), (ADA, ""), (BEN, "payloads/2026-11-30/b.request")):
        row = LoggedPayload(request_id=user, event_time_ns=exports.AT_NS, requester=user, request_file=file)
        place.put(place.batch(msgspec.msgpack.encode(row), "t", PAYLOADS))
    place.carrier().round()
    table = looked_at("main.default.t", place.location("t"))

    assert files_of(table, PERSON) == ["payloads/2026-11-30/a.request"]
    assert forget(table, PERSON) == 2
    assert [row["requester"] for row in place.rows("t")] == [BEN]


def test_a_table_without_files_has_no_rows(place):
    """It was made in the catalog alone, or its place is gone."""
    table = person_table(str(USAGE.name), place.location("none"), USAGE.schema)
    assert (count(table, PERSON), forget(table, PERSON), sessions_of(table.location, PERSON), files_of(table, PERSON)) == (0, 0, (), [])


def test_another_writer_may_be_first(place, monkeypatch):
    """Then it is tried again."""
    table = usage(place)
    real, tries = of_person._renamed, []

    def renamed(*given):
        tries.append(1)
        if len(tries) < 3:
            raise CommitFailedError("a concurrent transaction")
        return real(*given)

    monkeypatch.setattr(of_person, "_renamed", renamed)
    assert forget(table, PERSON) == 3
    monkeypatch.setattr(of_person, "_renamed", lambda *_given: (_ for _ in ()).throw(CommitFailedError("again and again")))
    with pytest.raises(CommitFailedError, match="again and again"):
        forget(table, PERSON)


def test_more_rows_than_are_theirs_are_given_back(place, monkeypatch):
    """A library that leaves a condition out costs no row."""
    table = telemetry(place, "logs", "v1")
    before = DeltaTable(table.location).count()
    real = delta_table.delete_rows
    monkeypatch.setattr(delta_table, "delete_rows", lambda opened, _condition: real(opened, "true"))
    with pytest.raises(Unavailable, match="That was undone"):
        forget(table, PERSON)
    assert DeltaTable(table.location).count() == before
