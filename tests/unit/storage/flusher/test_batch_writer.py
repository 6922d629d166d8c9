"""Rounds that carry batches: exactly once wherever they die, and no table waits for another."""

import os
import shutil

import msgspec
import pytest

from headgate.catalog.usage_table import USAGE
from headgate.storage.delta import delta_table
from headgate.storage.flusher import rounds, table_append, table_care
from headgate.storage.journal import waiting_batches
from tests.fakes import exports
from tests.fakes.landing_place import LandingPlace
from tests.fakes.records import names, outcome


class Crash(BaseException):
    """The process dies here."""


@pytest.fixture
def place(tmp_path):
    """A data directory with a metrics table."""
    made = LandingPlace(tmp_path)
    made.create()
    yield made
    made.close()


def put(place, *marks, table="m"):
    """Journal one small export for each mark."""
    place.put(*(place.batch(exports.metrics(mark, 1), table) for mark in marks))


def test_batches_and_exchanges_go_into_their_tables_together(place):
    """One round, both kinds of frame."""
    place.open().outcome(outcome("r-1"))
    put(place, "a", "b")
    done = place.carrier().round()

    assert (done.segments, done.rows, done.lost) == (1, 3, 0)
    assert place.marks() == ["a", "b"]
    assert delta_table.open_table(delta_table.table_path(place.data_dir, USAGE)).count() == 1
    assert place.carrier().round().segments == 0


@pytest.mark.parametrize("where", ["before the commit", "after the commit", "before the standing", "after the standing"])
def test_a_flusher_that_dies_loses_and_doubles_nothing(place, monkeypatch, where):
    """The next one finds in the table what is there already."""
    put(place, "a")
    module, name = (delta_table, "append") if "commit" in where else (rounds, "write_standing")
    real = getattr(module, name)

    def dying(*args):
        if where.startswith("after"):
            real(*args)
        raise Crash

    with monkeypatch.context() as patched:
        patched.setattr(module, name, dying)
        with pytest.raises(Crash):
            place.carrier().round()
    put(place, "b")
    place.carrier().round()

    assert place.marks() == ["a", "b"]
    assert place.released() == 2


def test_a_table_that_is_gone_does_not_hold_up_others_and_gets_its_rows_when_it_is_back(place):
    """What waits is told, comes in order, and then nothing waits."""
    put(place, "lost-1", table="t")
    put(place, "a")
    carrier = place.carrier()
    assert carrier.round().rows == 1
    (told,) = carrier.waiting()
    assert "main.default.t has no files" in told.reason
    assert place.released() == 2
    put(place, "lost-2", table="t")
    carrier.round()
    assert (carrier.retry(), len(carrier.waiting())) == (0, 1)

    place.create("t")
    assert carrier.retry() == 0, "it is tried again only after a while"
    place.clock.now_ns += 2_000_000_000
    assert carrier.retry() == 2
    assert carrier.waiting() == []
    assert place.marks("t") == ["lost-1", "lost-2"]
    put(place, "c", table="t")
    carrier.round()
    assert place.marks("t") == ["c", "lost-1", "lost-2"]


def test_what_comes_after_parked_rows_waits_behind_them(place):
    """Even if the table is back: its last transaction must not pass what waits."""
    put(place, "one", table="t")
    place.carrier().round()
    place.create("t")
    put(place, "two", table="t")
    place.carrier().round()

    assert place.marks("t") == []
    place.clock.now_ns += 2_000_000_000
    place.carrier().retry()
    assert place.marks("t") == ["one", "two"]


@pytest.mark.parametrize("where", ["after the commit", "before the file goes"])
def test_a_retry_that_dies_is_done_once(place, monkeypatch, where):
    """The table's transaction number says that it was done."""
    put(place, "one", table="t")
    place.carrier().round()
    place.create("t")
    place.clock.now_ns += 2_000_000_000
    module, name = (delta_table, "append") if "commit" in where else (waiting_batches, "remove")
    real = getattr(module, name)

    def dying(*args):
        if where.startswith("after"):
            real(*args)
        raise Crash

    with monkeypatch.context() as patched:
        patched.setattr(module, name, dying)
        with pytest.raises(Crash):
            place.carrier().retry()
    assert place.marks("t") == ["one"]
    place.carrier().retry()

    assert place.marks("t") == ["one"]
    assert place.carrier().waiting() == []


def test_a_crash_between_parking_and_the_standing_parks_once(place, monkeypatch):
    """The round is done again, with more in it; each export is aside once."""
    put(place, "one", table="t")

    def dying(*_args):
        raise Crash

    with monkeypatch.context() as patched:
        patched.setattr(rounds, "write_standing", dying)
        with pytest.raises(Crash):
            place.carrier().round()
    put(place, "two", table="t")
    place.carrier().round()
    place.create("t")
    place.clock.now_ns += 2_000_000_000
    place.carrier().retry()

    assert place.marks("t") == ["one", "two"]


def test_rows_that_were_committed_before_the_trouble_are_not_doubled(place, monkeypatch):
    """The first chunk is in the table, the second fails: only the second comes again."""
    monkeypatch.setattr(table_append, "ROWS_MAX", 1)
    real, calls = delta_table.append, []

    def failing(*args):
        calls.append(1)
        if len(calls) == 2:
            raise OSError("the network is down")
        real(*args)

    monkeypatch.setattr(delta_table, "append", failing)
    put(place, "a", "b", "c")
    carrier = place.carrier()
    carrier.round()
    assert place.marks() == ["a"]
    assert carrier.waiting()[0].reason == "OSError: the network is down"
    place.clock.now_ns += 2_000_000_000
    carrier.retry()

    assert place.marks() == ["a", "b", "c"]


def test_the_pause_between_retries_grows_to_a_minute(place):
    """A table that is gone for good costs one look a minute."""
    put(place, "one", table="t")
    carrier = place.carrier()
    carrier.round()
    for _ in range(30):
        place.clock.now_ns += 60_000_000_000
        carrier.retry()
    assert carrier.waiting()[0].failures == 30
    place.clock.now_ns += 59_000_000_000
    carrier.retry()

    assert carrier.waiting()[0].failures == 30


def test_a_clock_that_is_set_back_holds_no_rows_back(place):
    """The pause is of seconds: a table that is back gets its rows although the last try seems to be still to come."""
    put(place, "one", table="t")
    carrier = place.carrier()
    carrier.round()
    place.create("t")
    place.clock.now_ns -= 3_600_000_000_000

    assert carrier.retry() == 1
    assert place.marks("t") == ["one"]


def test_an_export_that_cannot_be_decoded_is_lost_by_name_and_its_segment_kept(place, caplog):
    """The rest lands, the journal goes on, the bytes stay for somebody to look at."""
    place.put(place.batch(exports.metrics("a", 1)), place.batch(b"\xff\xff"))
    done = place.carrier().round()

    assert (done.rows, done.lost) == (1, 1)
    assert "of frame" in caplog.text
    assert len(names(os.path.join(place.directory, "kept"), ".wal")) == 1
    assert place.released() == 1


def test_an_export_that_cannot_be_decoded_does_not_block_what_waits(place):
    """Parked beside good ones, it is kept aside and they land."""
    place.put(place.batch(b"\xff\xff", "t"), place.batch(exports.metrics("a", 1), "t"))
    carrier = place.carrier()
    carrier.round()
    place.create("t")
    place.clock.now_ns += 2_000_000_000
    carrier.retry()

    assert (place.marks("t"), carrier.waiting()) == (["a"], [])
    assert len(names(os.path.join(place.directory, "kept"), ".wal")) == 1


def test_tables_elsewhere_are_synced_too_and_only_ours_are_cared_for(place, tmp_path_factory, monkeypatch):
    """Care merges files that we made; a table in a folder of somebody else is left as it is."""
    elsewhere = str(tmp_path_factory.mktemp("elsewhere") / "table")
    shutil.copytree(place.location("m"), elsewhere)
    batch = place.batch(exports.metrics("x", 1), "e")

    place.put(place.batch(exports.metrics("a", 1)), msgspec.structs.replace(batch, location=elsewhere, managed=False))
    synced, cared = [], []
    monkeypatch.setattr(table_care.delta_table, "sync_filesystem", synced.append)
    monkeypatch.setattr(table_care.delta_table, "care", lambda path: cared.append(path) or ["looked"])
    carrier = place.carrier()
    carrier.round()
    carrier.tables.care()
    carrier.tables.care()

    assert delta_table.open_table(elsewhere).count() == 1
    assert synced
    assert cared == [place.location("m")]
