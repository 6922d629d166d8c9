"""Rows of the usage table that are past keeping, by the days that the configuration states."""

import datetime as dt
import os

import pyarrow as pa
import pytest
from deltalake import DeltaTable
from deltalake.exceptions import CommitFailedError

from headgate.storage.delta import delta_table
from headgate.storage.delta.sum_files import SumFiles, sums_folder
from headgate.storage.flusher import retention
from headgate.storage.journal import journal_dir
from headgate.storage.state.stated_retention import StatedRetention, read_retention, write_retention
from tests.fakes.landing_place import LandingPlace
from tests.fakes.records import AT_NS, intent, outcome

DAY_NS = 86_400_000_000_000
MIDNIGHT_NS = (AT_NS // DAY_NS) * DAY_NS


@pytest.fixture
def place(tmp_path):
    """A data directory whose usage table has two rows of one day in one file, and one of the next day in another."""
    made = LandingPlace(tmp_path)
    journal = made.open()
    for at_ns in ((MIDNIGHT_NS, MIDNIGHT_NS + DAY_NS - 1), (MIDNIGHT_NS + DAY_NS,)):
        for number in at_ns:
            journal.outcome(outcome(f"r-{number}", intent=intent(f"r-{number}", started_at_ns=number)))
        journal._end.log.roll()
        made.carrier().round()
    yield made
    made.close()


def usage(place):
    """The table."""
    return DeltaTable(place.carrier().tables.usage)


def expire(place, days, at_ns):
    """What the flusher does once an hour, with the days that are stated."""
    write_retention(place.data_dir, StatedRetention(days))
    place.clock.now_ns = at_ns
    tables = place.carrier().tables
    place.clock.now_ns += 120_000_000_000
    tables.expire()
    return usage(place)


def test_whole_days_go_when_they_are_over(place):
    """Until the end of the last day on which they count; what is younger stays, and so does what the flusher has written."""
    before = usage(place)
    app_id = journal_dir.read_app_id(place.directory)
    assert expire(place, 32, MIDNIGHT_NS + 33 * DAY_NS - 200_000_000_000).count() == 3
    after = expire(place, 32, MIDNIGHT_NS + 33 * DAY_NS)

    assert after.count() == 1
    assert after.transaction_version(app_id) == before.transaction_version(app_id)
    [kept] = after.to_pyarrow_table(columns=["event_time"]).column("event_time").to_pylist()
    assert kept == dt.datetime.fromtimestamp((MIDNIGHT_NS + DAY_NS) / 1e9, dt.UTC)


def test_nothing_is_written_where_nothing_is_too_old(place):
    """Neither without days, nor twice on one day."""
    version = usage(place).version()
    assert expire(place, 0, MIDNIGHT_NS + 900 * DAY_NS).version() == version
    assert expire(place, 32, MIDNIGHT_NS + 20 * DAY_NS).version() == version
    later = expire(place, 32, MIDNIGHT_NS + 33 * DAY_NS).version()
    assert later > version
    assert expire(place, 32, MIDNIGHT_NS + 33 * DAY_NS + 3_600_000_000_000).version() == later


def test_rows_stay_records_for_everything_else(place, monkeypatch):
    """No engine may delete one, also after a flusher that was killed between its steps."""
    expire(place, 32, MIDNIGHT_NS + 33 * DAY_NS)
    with pytest.raises(CommitFailedError, match="append-only"):
        usage(place).delete()
    with monkeypatch.context() as patched:
        patched.setattr(delta_table, "delete_rows", lambda *_given: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            retention.enforce_usage(place.carrier().tables.usage, MIDNIGHT_NS + 90 * DAY_NS, 32)
    assert usage(place).metadata().configuration["delta.appendOnly"] == "true"
    usage(place).alter.set_table_properties({"delta.appendOnly": "false"})
    expire(place, 0, MIDNIGHT_NS)
    assert usage(place).metadata().configuration["delta.appendOnly"] == "true"


def test_without_a_table_there_is_nothing_to_delete(tmp_path):
    """Nor without a word of the configuration."""
    assert retention.enforce_usage(str(tmp_path), MIDNIGHT_NS, 32) == 0
    assert read_retention(str(tmp_path)) == StatedRetention()


def test_sums_go_with_their_data_files(place):
    """Once an hour the sums of files that are gone from the disk are deleted; those of a file that is there stay."""
    sums = SumFiles(sums_folder(place.data_dir))
    there = os.path.basename(usage(place).file_uris()[0])
    for name in (there, "gone.parquet"):
        sums.write("usage_hours", name, pa.table({"requests": [1]}))
    expire(place, 0, MIDNIGHT_NS + DAY_NS)
    assert sums.known("usage_hours") == {there}
