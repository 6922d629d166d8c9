"""Forgetting a person everywhere: the journal first, then each table, and later the files of older versions."""

import os

import msgspec
import pytest

from headgate.catalog import types
from headgate.catalog.usage_table import USAGE
from headgate.core.batch import PAYLOADS
from headgate.core.errors import Unavailable
from headgate.core.payload import LoggedPayload
from headgate.storage.delta import delta_table
from headgate.storage.flusher import offline, vacuums_due
from headgate.storage.forgetting import forget_all as everywhere
from headgate.storage.forgetting.forget_all import count_all, forget_all, with_sessions, write_journal
from headgate.storage.forgetting.person import NamedPerson, pseudonym_of
from headgate.storage.forgetting.person_table import person_table
from headgate.storage.settling.standing import lock_settling
from tests.fakes import exports
from tests.fakes.landing_place import LandingPlace
from tests.fakes.records import intent, outcome

ADA = "ada@example.com"
PERSON = NamedPerson(name=ADA, ids=("u-1",), pseudonym="forgotten-1", salt="salt")
HOUR_NS = 3_600_000_000_000


@pytest.fixture
def place(tmp_path):
    """A data directory with an exchange, its payload and telemetry of its session, none of which is in a table yet."""
    made = LandingPlace(tmp_path)
    made.create("m")
    made.create("p", PAYLOADS)
    made.open().outcome(outcome("r-1", intent=intent("r-1", session_id="s-1")))
    file = "payloads/2026-11-30/r-1.request"
    os.makedirs(tmp_path / "payloads/2026-11-30")
    (tmp_path / file).touch()
    (tmp_path / "state.db").touch()
    rows = [
        LoggedPayload(request_id="r-1", event_time_ns=exports.AT_NS, requester=ADA, request_file=file),
        LoggedPayload(request_id="r-2", event_time_ns=exports.AT_NS, requester=ADA, request_file="payloads/../state.db"),
    ]
    made.put(*(made.batch(msgspec.msgpack.encode(row), "p", PAYLOADS) for row in rows))
    made.put(made.batch(exports.metrics("m", 2, **{"user.email": "", "session.id": "s-1"})))
    yield made
    made.close()


def tables(place):
    """What the catalog has."""
    found = [(str(USAGE.name), place.carrier().tables.usage), ("main.default.m", place.location("m")), ("main.default.p", place.location("p"))]
    schemas = [types.from_delta_json(opened.schema().to_json()) for _, path in found if (opened := delta_table.open_table(path)) is not None]
    return [person_table(name, path, schema) for (name, path), schema in zip(found, schemas, strict=True)]


def test_all_of_a_person(place):
    """What is in the journal is written first; files of bodies go with their rows, and none outside of their folder."""
    place.close()
    write_journal(place.data_dir, place.clock)
    found = tables(place)
    person = with_sessions(found, PERSON)
    counted = count_all(found, person)
    done = forget_all(place.data_dir, found, person, place.clock)

    assert person.sessions == ("s-1",)
    assert {one.table.name: (one.rows, one.files) for one in counted} == {
        str(USAGE.name): (1, 0), "main.default.m": (2, 0), "main.default.p": (2, 2),
    }  # fmt: skip
    assert {one.table.name: (one.rows, one.files) for one in done} == {
        "main.default.m": (2, 0), "main.default.p": (2, 1), str(USAGE.name): (1, 0),
    }  # fmt: skip
    assert os.listdir(f"{place.data_dir}/payloads/2026-11-30") == []
    assert os.path.exists(f"{place.data_dir}/state.db")
    assert all(one.rows == 0 for one in count_all(found, person))


def test_files_of_older_versions_go_when_no_reader_needs_them(place, monkeypatch):
    """Half a day later, once, also if the table is gone by then."""
    place.close()
    write_journal(place.data_dir, place.clock)
    forget_all(place.data_dir, tables(place), PERSON, place.clock)
    vacuums_due.add(place.data_dir, place.location("gone"), place.clock)
    vacuumed = []
    monkeypatch.setattr(delta_table, "vacuum", lambda path: vacuumed.append(path) or 1)
    vacuums_due.work_off(place.data_dir, place.clock)
    assert not vacuumed
    place.clock.now_ns += 13 * HOUR_NS
    carrier = place.carrier()
    place.clock.now_ns += HOUR_NS
    carrier.tables.expire()
    assert sorted(vacuumed) == sorted([place.location("p"), carrier.tables.usage])
    carrier.tables.expire()
    assert len(vacuumed) == 2
    assert os.listdir(f"{place.data_dir}/vacuums_due") == []


def test_a_running_gateways_flusher_writes_the_journal(place, monkeypatch):
    """It is waited for, for a minute; a journal that cannot be written is an error, because rows in it may be the person's."""
    lock_fd = offline.lock_flusher(place.data_dir)
    try:
        monkeypatch.setattr(everywhere, "_pause", lambda: place.carrier().round())
        write_journal(place.data_dir, place.clock)
        assert place.carrier().round().segments == 0
        place.journal.outcome(outcome("r-3"))
        monkeypatch.setattr(everywhere, "_pause", lambda: setattr(place.clock, "now_ns", place.clock.now_ns + 30_000_000_000))
        with pytest.raises(Unavailable, match="for a minute"):
            write_journal(place.data_dir, place.clock)
    finally:
        os.close(lock_fd)
    place.close()
    monkeypatch.setattr(offline, "write_all", lambda *_given: (0, "the disk is full"))
    with pytest.raises(Unavailable, match="the disk is full"):
        write_journal(place.data_dir, place.clock)


def test_the_ledger_is_not_settled_meanwhile(place, monkeypatch):
    """The process that settles is waited for."""
    lock_fd = lock_settling(place.data_dir)
    monkeypatch.setattr(everywhere, "_pause", lambda: setattr(place.clock, "now_ns", place.clock.now_ns + 30_000_000_000))
    with pytest.raises(Unavailable, match="is being settled"):
        forget_all(place.data_dir, [], PERSON, place.clock)
    monkeypatch.setattr(everywhere, "_pause", lambda: os.close(lock_fd))
    assert forget_all(place.data_dir, [], PERSON, place.clock) == []


def test_a_pseudonym_is_stable_and_needs_the_key():
    """The same name has the same one in one store, and another one elsewhere."""
    assert pseudonym_of(ADA, b"key") == pseudonym_of(ADA, b"key")
    assert pseudonym_of(ADA, b"key") != pseudonym_of(ADA, b"other")
    assert pseudonym_of(ADA, b"key").startswith("forgotten-")
