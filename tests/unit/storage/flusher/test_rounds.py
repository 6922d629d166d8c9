"""Rounds of the flusher: exactly once, wherever it dies."""

import errno
import os

import msgspec
import pytest
from deltalake import DeltaTable

from headgate.catalog.types import Structure
from headgate.catalog.usage_table import USAGE
from headgate.core.usage import Usage
from headgate.storage.delta import delta_table
from headgate.storage.flusher import rounds
from headgate.storage.flusher.rounds import Round
from headgate.storage.journal import journals, segments
from headgate.storage.journal.fold import read_standing
from headgate.storage.journal.frames import pack_frame
from headgate.storage.journal.segments import Kind
from headgate.storage.journal.writer import JournalWriter
from headgate.storage.query.usage import read_usage
from tests.fakes.records import QUIET, FakeClock, intent, names, outcome, rates_of
from tests.fakes.rounds import journal_rounds


class Crash(BaseException):
    """The process dies here; nothing below catches it."""


class Place:
    """A data directory, the gateways that write to it and the flushers that carry it."""

    def __init__(self, data_dir):
        self.data_dir = str(data_dir)
        self.directory = journals.writer_dir(self.data_dir)
        self.clock = FakeClock()
        self.journal = None

    def gateway(self):
        """Start a gateway; one that still runs is killed first."""
        self.kill()
        self.journal = JournalWriter.open(self.directory, QUIET)
        return self.journal

    def kill(self):
        """End the gateway without a word: its lock goes, its open exchanges stay open."""
        if self.journal is not None:
            self.journal.close()
            self.journal = None

    def carrier(self, **settings):
        """A flusher that has just started."""
        return journal_rounds(self.data_dir, self.clock, **settings)

    def rows(self):
        """Request ids and how they ended, as another reader of the table sees them."""
        path = delta_table.table_path(self.data_dir, USAGE)
        if not os.path.isdir(path):
            return []
        return sorted((row["request_id"], row["ended"]) for row in read_table(path))

    def seen(self):
        """The same through the table and the journal's tail together."""
        return sorted((row["request_id"], row["ended"]) for row in read_usage(self.data_dir, rates_of, self.clock).rows())

    def released(self):
        """How many segments are released."""
        return len(names(self.directory, ".done"))


def read_table(path):
    """All rows, read from the files that the table lists."""
    import pyarrow.parquet as pq

    return [row for file in DeltaTable(path).file_uris() for row in pq.ParquetFile(file).read(columns=["request_id", "ended"]).to_pylist()]


@pytest.fixture
def place(tmp_path):
    """An empty data directory."""
    made = Place(tmp_path)
    yield made
    made.kill()


def test_without_a_journal_there_is_nothing_to_carry(place):
    """A flusher may start before any gateway."""
    assert place.carrier().round() == Round()
    assert not place.carrier().end_dead_writer()
    place.carrier().tidy()
    place.carrier().tables.care()


def test_a_living_writers_segment_waits_and_a_dead_ones_is_carried(place):
    """What may still grow is left alone; a later segment or a free lock says that it cannot."""
    journal = place.gateway()
    journal.outcome(outcome("a"))
    assert place.carrier().round() == Round()
    place.kill()
    done = place.carrier().round()

    assert (done.segments, done.rows, done.lost, done.more) == (1, 1, 0, False)
    assert place.rows() == [("a", "completed")]
    assert place.released() == 1
    assert place.carrier().round() == Round()


def test_a_long_exchange_does_not_hold_its_segments(place):
    """Its intent is in the standing, so segments are released in order, and its row comes when it ends."""
    journal = place.gateway()
    journal.intent(intent("long"))
    journal.intent(intent("short"))
    journal.outcome(outcome("short"))
    journal._end.log.roll()
    assert place.carrier().round().rows == 1
    assert (place.released(), len(read_standing(place.directory).open)) == (1, 1)
    journal.outcome(outcome("long", intent=intent("long")))
    journal._end.log.roll()
    assert place.carrier().round().rows == 1

    assert place.rows() == [("long", "completed"), ("short", "completed")]
    assert read_standing(place.directory).open == []


def test_a_restart_interrupts_what_was_open_once(place):
    """The next gateway's start closes it, also if the intent's segment was released long ago."""
    place.gateway().intent(intent("a"))
    place.kill()
    place.carrier().round()
    place.gateway().outcome(outcome("b"))
    place.kill()
    place.carrier().round()
    place.gateway()
    place.kill()
    place.carrier().round()

    assert place.rows() == [("a", "interrupted"), ("b", "completed")]


def test_the_flusher_ends_a_dead_writer_once(place):
    """With nobody left to start, the flusher states it; twice is once, and a living writer is never declared dead."""
    journal = place.gateway()
    journal.intent(intent("a"))
    assert not place.carrier().end_dead_writer()
    place.kill()
    assert place.carrier().end_dead_writer()
    assert not place.carrier().end_dead_writer()
    place.carrier().round()
    place.gateway()
    place.kill()
    place.carrier().round()

    assert place.rows() == [("a", "interrupted")]


def test_a_gateway_that_starts_right_after_the_statement_changes_nothing(place):
    """Both have closed the exchange; it has one row."""
    place.gateway().intent(intent("a"))
    place.kill()
    assert place.carrier().end_dead_writer()
    place.gateway().outcome(outcome("b"))
    place.kill()
    while place.carrier(batch_bytes=1).round().segments:
        pass

    assert place.rows() == [("a", "interrupted"), ("b", "completed")]


def test_a_large_backlog_is_carried_in_batches(place):
    """Memory is bounded by the batch; each batch is one commit."""
    journal = place.gateway()
    for number in range(5):
        journal.outcome(outcome(f"r-{number}"))
        journal._end.log.roll()
    rounds = []
    while (done := place.carrier(batch_bytes=1).round()).segments:
        rounds.append((done.rows, done.more))

    assert rounds == [(1, True), (1, True), (1, True), (1, True), (1, False)]


CRASHES = ("before the commit", "after the commit", "before the standing", "after the standing", "before a release", "between two releases")


def crash_at(monkeypatch, where):
    """Let the process die at a point of a round, once."""
    append, write, rename = delta_table.append, rounds.write_standing, os.rename
    releases = []

    def dying(real, *, after):
        def call(*args):
            monkeypatch.undo()
            if after:
                real(*args)
            raise Crash

        return call

    def second(*args):
        if releases:
            monkeypatch.undo()
            raise Crash
        releases.append(args)
        rename(*args)

    match where:
        case "before the commit" | "after the commit":
            monkeypatch.setattr(delta_table, "append", dying(append, after=where.startswith("after")))
        case "before the standing" | "after the standing":
            monkeypatch.setattr(rounds, "write_standing", dying(write, after=where.startswith("after")))
        case "before a release":
            monkeypatch.setattr(os, "rename", dying(rename, after=False))
        case "between two releases":
            monkeypatch.setattr(os, "rename", second)


@pytest.mark.parametrize("where", CRASHES)
@pytest.mark.parametrize("alive", [True, False], ids=["gateway lives", "gateway dies too"])
def test_each_exchange_has_one_row_wherever_a_round_dies(place, monkeypatch, where, alive):
    """Completed, interrupted and long exchanges are there once, and readers see each once at every step."""
    place.gateway().intent(intent("lost"))
    journal = place.gateway()
    journal.intent(intent("long"))
    journal.outcome(outcome("one"))
    journal._end.log.roll()
    journal.outcome(outcome("two"))
    journal._end.log.roll()
    so_far = [("lost", "interrupted"), ("one", "completed"), ("two", "completed")]
    crash_at(monkeypatch, where)
    with pytest.raises(Crash):
        place.carrier().round()
    assert place.seen() == so_far
    if alive:
        journal.outcome(outcome("long", intent=intent("long")))
        place.kill()
    else:
        place.kill()
        place.carrier().end_dead_writer()
    while place.carrier().round().segments:
        pass

    expected = sorted([*so_far, ("long", "completed" if alive else "interrupted")])
    assert place.rows() == expected == place.seen()
    assert names(place.directory, ".wal") == []


def test_a_lost_standing_loses_and_doubles_nothing(place):
    """Without it everything that is still in the journal is folded again, and the table says what it has."""
    journal = place.gateway()
    for request_id in ("a", "b"):
        journal.outcome(outcome(request_id))
    journal.intent(intent("open"))
    journal._end.log.roll()
    place.carrier().round()
    os.unlink(os.path.join(place.directory, "carried"))
    journal.outcome(outcome("c"))
    place.gateway()
    place.kill()
    place.carrier().round()

    assert place.rows() == [("a", "completed"), ("b", "completed"), ("c", "completed"), ("open", "interrupted")]


def test_a_torn_tail_is_no_alarm(place):
    """A killed writer leaves half a frame; the rest is carried and nothing is kept aside."""
    place.gateway().outcome(outcome("a"))
    place.kill()
    [segment] = segments.list_segments(place.directory)
    with open(segment.path, "ab") as file:
        file.write(pack_frame(9, Kind.OUTCOME, b"x" * 100)[:50])

    assert place.carrier().round().lost == 0
    assert not os.path.exists(os.path.join(place.directory, "kept"))


def test_a_damaged_segment_is_kept_aside_and_the_rest_is_carried(place):
    """A flipped bit costs one record, says so, and leaves the bytes for people to look at, for ever."""
    journal = place.gateway()
    for request_id in ("a", "b", "c"):
        journal.outcome(outcome(request_id))
    place.kill()
    [segment] = segments.list_segments(place.directory)
    with open(segment.path, "r+b") as file:
        data = bytearray(file.read())
        data[data.index(b"msg_b")] ^= 1
        file.seek(0)
        file.write(data)
    assert place.carrier().round().lost == 1
    place.gateway()
    place.kill()
    place.clock.now_ns = os.stat(segments.released_path(segment)).st_mtime_ns + 10**13
    place.carrier().round()
    place.carrier().tidy()

    assert place.rows() == [("a", "completed"), ("c", "completed")]
    assert names(os.path.join(place.directory, "kept"), ".wal") == [os.path.basename(segment.path)]


def test_an_outcome_that_fits_no_row_does_not_stop_the_others(place):
    """It is named and its segment kept; otherwise one record would hold up the journal until it is full."""
    journal = place.gateway()
    journal.outcome(outcome("a"))
    journal.outcome(outcome("b", status_code=1 << 40))
    journal.outcome(outcome("c", usage=Usage(output_tokens=1 << 63)))
    place.kill()

    assert place.carrier().round().lost == 1
    assert place.rows() == [("a", "completed"), ("c", "completed")]
    assert len(names(os.path.join(place.directory, "kept"), ".wal")) == 1


def test_a_frame_of_a_later_version_is_kept(place):
    """After a way back to an older Headgate nothing is thrown away that it does not know."""
    journal = place.gateway()
    with journal._lock:
        journal._end.put([(99, b"of tomorrow")])
    place.kill()

    assert place.carrier().round().lost == 1
    assert len(names(os.path.join(place.directory, "kept"), ".wal")) == 1


def test_rows_that_may_not_be_on_the_disk_keep_their_journal(place, monkeypatch):
    """After a failed sync a second one proves nothing, so the segments stay under another name."""
    place.gateway().outcome(outcome("a"))
    place.kill()

    def fail(_path):
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(delta_table, "sync_filesystem", fail)
    place.carrier().round()

    assert place.rows() == [("a", "completed")]
    assert len(names(os.path.join(place.directory, "kept"), ".wal")) == 1


def test_the_file_system_is_synced_between_commit_and_release(place, monkeypatch):
    """Nothing is let go of before its rows are durable, also when a crash lay in between."""
    place.gateway().outcome(outcome("a"))
    place.kill()
    crash_at(monkeypatch, "after the commit")
    with pytest.raises(Crash):
        place.carrier().round()
    released_at_sync = []
    real = delta_table.sync_filesystem
    monkeypatch.setattr(delta_table, "sync_filesystem", lambda path: (released_at_sync.append(place.released()), real(path)))
    place.carrier().round()

    assert released_at_sync == [0]
    assert place.released() == 1


def test_released_segments_go_after_their_time_but_never_the_newest(place):
    """The time counts from the release, not from the writing; the newest name keeps numbers from coming back."""
    for request_id in ("a", "b", "c"):
        place.gateway().outcome(outcome(request_id))
    place.kill()
    for segment in segments.list_segments(place.directory):
        os.utime(segment.path, (1, 1))
    place.carrier().round()
    place.clock.now_ns = os.stat(place.directory).st_mtime_ns
    place.carrier().tidy()
    assert place.released() == 3
    place.clock.now_ns += 1000 * 10**9
    place.carrier().tidy()
    [left] = segments.list_segments(place.directory)
    place.gateway().outcome(outcome("d"))
    place.kill()
    place.carrier().round()

    assert segments.list_segments(place.directory)[0] == left
    assert [request_id for request_id, _ in place.rows()] == ["a", "b", "c", "d"]


def test_a_journal_without_its_name_is_not_carried(place):
    """Under a new name the table would take rows a second time; better none until the name is settled."""
    place.gateway().outcome(outcome("a"))
    place.kill()
    os.unlink(os.path.join(place.directory, "writer_id"))
    with pytest.raises(FileNotFoundError, match="writer_id"):
        place.carrier().round()

    assert place.released() == 0


def test_a_table_of_an_earlier_release_gets_its_new_columns_before_any_row(place):
    """So that views over them can be read at once; the table's rows and its transactions are what they were."""
    path = delta_table.table_path(place.data_dir, USAGE)
    older = msgspec.structs.replace(USAGE, schema=Structure(USAGE.schema.fields[:-3]))
    delta_table.ensure_table(path, older)

    assert place.carrier().round() == Round()

    table = delta_table.open_table(path)
    assert [field.name for field in table.schema().fields] == [field.name for field in USAGE.schema.fields]
    version = table.version()
    place.carrier().round()
    assert delta_table.open_table(path).version() == version
