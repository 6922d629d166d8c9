"""Rounds over several journals of one data directory."""

import os

import msgspec
import pytest

from headgate.catalog.audit_table import AUDIT
from headgate.catalog.system import TABLES
from headgate.catalog.types import Structure
from headgate.catalog.usage_table import USAGE
from headgate.storage.delta import delta_table
from headgate.storage.flusher.all_journals import AllJournals, RoundOfAll
from headgate.storage.flusher.rounds import FlusherSettings
from headgate.storage.journal import journals, segments
from headgate.storage.journal.batches import acknowledged
from headgate.storage.journal.segments import Kind
from headgate.storage.journal.writer import JournalWriter
from headgate.storage.query.usage import read_usage
from tests.fakes import exports
from tests.fakes.landing_place import LandingPlace
from tests.fakes.records import QUIET, FakeClock, intent, outcome, rates_of


@pytest.fixture
def place(tmp_path):
    """A data directory with a metrics table, whose first journal is open."""
    made = LandingPlace(tmp_path)
    made.create()
    made.open()
    yield made
    made.close()


def flush(place) -> AllJournals:
    """A flusher that has just started."""
    return AllJournals(FlusherSettings(data_dir=place.data_dir), rates_of, place.clock)


def ids(place) -> list[str]:
    """The exchanges that a reader sees, each as often as it sees it."""
    return sorted(row["request_id"] for row in read_usage(place.data_dir, rates_of, place.clock).rows())


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name.leaf)
def test_a_table_of_an_earlier_release_gets_its_new_columns_when_the_flusher_starts(tmp_path, table):
    """Before there is a journal, and without a row; what is in the table stays."""
    path = delta_table.table_path(str(tmp_path), table)
    delta_table.ensure_table(path, msgspec.structs.replace(table, schema=Structure(table.schema.fields[:-2])))

    assert AllJournals(FlusherSettings(data_dir=str(tmp_path)), rates_of, FakeClock()).round() == RoundOfAll()

    assert [field.name for field in delta_table.open_table(path).schema().fields] == [field.name for field in table.schema.fields]


def test_another_table_that_takes_no_columns_holds_up_no_row(place, caplog, monkeypatch):
    """Its trouble is logged, and the rows of exchanges are written."""

    def add_columns(_known, table):
        if table is not USAGE:
            raise OSError(13, "Permission denied")
        return []

    monkeypatch.setattr(delta_table, "add_columns", add_columns)
    delta_table.ensure_table(delta_table.table_path(place.data_dir, AUDIT), AUDIT)
    place.journal.outcome(outcome("a"))
    place.journal._end.log.roll()

    done, failure = flush(place).round()

    assert (done.rows, failure) == (1, None)
    assert f"{AUDIT.name} does not get its new columns before its next row" in caplog.text


def test_two_writers_append_side_by_side_and_one_flusher_writes_both(place):
    """Each row once: in the tail before the round and in the table after it, also where numbers of both journals are the same."""
    other = JournalWriter.open(journals.writer_dir(place.data_dir, "1"), QUIET)
    for number in range(3):
        place.journal.outcome(outcome(f"a-{number}"))
        other.outcome(outcome(f"b-{number}"))
    expected = [f"{writer}-{number}" for writer in "ab" for number in range(3)]
    assert ids(place) == expected
    place.journal._end.log.roll()
    other._end.log.roll()
    both = flush(place)

    done, failure = both.round()
    assert (done.segments, done.rows, failure) == (2, 6, None)
    assert both.round().done.rows == 0
    other.outcome(outcome("b-3"))
    other.close()
    assert flush(place).round().done.rows == 1
    assert ids(place) == [*expected, "b-3"]


def test_a_journal_that_cannot_be_read_holds_up_no_other(place):
    """The round says what was done and what failed; the other's old segments go as well."""
    other = JournalWriter.open(journals.writer_dir(place.data_dir, "1"), QUIET)
    place.journal.outcome(outcome("a"))
    other.outcome(outcome("b"))
    place.close()
    other.close()
    os.unlink(os.path.join(place.directory, "writer_id"))
    done, failure = flush(place).round()

    assert (done.rows, type(failure)) == (1, FileNotFoundError)
    assert all(segment.released for segment in segments.list_segments(journals.writer_dir(place.data_dir, "1")))


def test_the_end_of_each_killed_writer_is_stated(place):
    """The exchanges that it left open become rows; those of the living one go on."""
    other = JournalWriter.open(journals.writer_dir(place.data_dir, "1"), QUIET)
    place.journal.intent(intent("alive"))
    other.intent(intent("dead"))
    other.close()
    both = flush(place)
    both.round()

    assert both.end_dead_writers()
    assert not both.end_dead_writers()
    both.round()
    assert ids(place) == ["dead"]


def test_what_a_table_does_not_take_waits_in_its_own_journal(place):
    """And reaches the table with the others' rows once it is there."""
    other = JournalWriter.open(journals.writer_dir(place.data_dir, "1"), QUIET)
    both = flush(place)
    for mark, journal in (("a", place.journal), ("b", other)):
        with journal._lock:
            journal._end.put([(Kind.BATCH, encoded(place, mark))])
        journal._end.log.roll()
    both.round()
    assert [table.name for table in both.waiting()] == ["main.default.late", "main.default.late"]
    place.create("late")
    place.clock.now_ns += 120_000_000_000

    assert both.round().done.rows == 2
    assert (place.marks("late"), both.waiting()) == (["a", "b"], [])
    other.close()


def encoded(place, mark: str) -> bytes:
    """A batch for a table that is not there yet."""
    return msgspec.msgpack.encode(place.batch(exports.metrics(mark, 1), "late"))


def test_an_export_that_another_process_acknowledged_is_known(place):
    """The digests of all journals are read, oldest first."""
    other = JournalWriter.open(journals.writer_dir(place.data_dir, "1"), QUIET)
    for journal, digest, at_ns in ((place.journal, b"later", 20), (other, b"first", 10)):
        batch = place.batch(exports.metrics("x", 1))
        journal.append(Kind.BATCH, msgspec.msgpack.encode(msgspec.structs.replace(batch, digest=digest, received_at_ns=at_ns)))
    other.close()

    assert acknowledged(place.data_dir, 0) == [(b"first", 10), (b"later", 20)]
