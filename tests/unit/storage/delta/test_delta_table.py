"""Our Delta tables."""

import datetime as dt
import errno
import os

import msgspec
import pyarrow as pa
import pytest

from headgate.catalog.types import Structure
from headgate.catalog.usage_table import USAGE
from headgate.storage.delta import delta_table
from headgate.storage.rows.usage_rows import UsageRows
from tests.fakes.records import AT_NS, outcome, rates_of

APP = "headgate-test"


def rows(*request_ids):
    """A table of these exchanges."""
    return UsageRows(rates_of).table([outcome(request_id) for request_id in request_ids])


@pytest.fixture
def path(tmp_path):
    """Where a table may be made."""
    return delta_table.table_path(str(tmp_path), USAGE)


def test_the_path_says_the_tables_name(tmp_path):
    """Any Delta reader finds it by catalog, schema and name."""
    assert delta_table.table_path(str(tmp_path), USAGE) == str(tmp_path / "warehouse" / "system" / "ai_gateway" / "usage")


def test_a_table_is_made_once_with_comments_and_properties(path):
    """It does not exist, then it does, and making it again changes nothing."""
    assert delta_table.open_table(path) is None
    made = delta_table.ensure_table(path, USAGE)

    assert delta_table.ensure_table(path, USAGE).version() == made.version() == 0
    assert made.metadata().name == "system.ai_gateway.usage"
    assert made.metadata().configuration["delta.appendOnly"] == "true"
    assert made.protocol().min_reader_version == 1


def test_a_creation_that_did_not_come_to_its_commit_is_no_table(path):
    """An empty log is started over."""
    os.makedirs(os.path.join(path, "_delta_log"))

    assert delta_table.open_table(path) is None
    assert delta_table.ensure_table(path, USAGE).version() == 0


def test_an_append_carries_its_number(path):
    """The number is in the same commit as the rows, and an unknown application has none."""
    table = delta_table.ensure_table(path, USAGE)
    assert delta_table.carried_seq(table, APP) == 0
    delta_table.append(table, rows("a", "b"), APP, 17)
    table = delta_table.ensure_table(path, USAGE)

    assert delta_table.carried_seq(table, APP) == 17
    assert delta_table.carried_seq(table, "headgate-other") == 0
    assert table.count() == 2


def test_columns_of_tomorrow_and_of_yesterday_live_in_one_table(path):
    """An older table takes newer rows, and an older Headgate can still append to a newer table."""
    older = msgspec.structs.replace(USAGE, schema=Structure(USAGE.schema.fields[:-2]))
    delta_table.append(delta_table.ensure_table(path, older), rows("a"), APP, 1)
    delta_table.append(delta_table.ensure_table(path, USAGE), rows("b").drop_columns(["response_id", "provider_dialect"]), APP, 2)
    table = delta_table.ensure_table(path, USAGE)

    assert [field.name for field in table.schema().fields] == [field.name for field in USAGE.schema.fields]
    assert table.count() == 2


def test_the_log_says_of_what_time_a_file_is(path):
    """Also of a table of a release that stated fewer statistics, whose files keep what they have."""
    properties = {**USAGE.properties, "delta.dataSkippingStatsColumns": "event_time,request_id"}
    older = msgspec.structs.replace(USAGE, properties=properties)
    delta_table.append(delta_table.ensure_table(path, older), rows("a"), APP, 1)
    for number in (2, 3):
        delta_table.append(delta_table.ensure_table(path, USAGE), rows(f"b{number}"), APP, number)
    table = delta_table.ensure_table(path, USAGE)
    actions = pa.table(table.get_add_actions(flatten=True))

    assert table.version() == 4
    at = dt.datetime.fromtimestamp(AT_NS // 10**9, dt.UTC)
    assert actions.column("min.event_time").to_pylist() == actions.column("max.event_time").to_pylist() == [at] * 3
    assert sorted(actions.column("min.request_id").to_pylist()) == ["a", "b2", "b3"]


def test_small_files_are_merged_when_there_are_many(path, monkeypatch):
    """Care leaves few files, the same rows and the same transaction number; without need it does nothing."""
    monkeypatch.setattr(delta_table, "TIERS", ((1 << 20, 5), (8 << 20, 100)))
    for seq in range(1, 8):
        delta_table.append(delta_table.ensure_table(path, USAGE), rows(f"r-{seq}"), APP, seq)
    [merged, deleted] = delta_table.care(path)
    table = delta_table.ensure_table(path, USAGE)

    assert merged == "merged 7 files into 1"
    assert deleted == "deleted 0 files"
    assert (len(table.file_uris()), table.count(), delta_table.carried_seq(table, APP)) == (1, 7, 7)
    assert delta_table.care(path) == []


def test_files_out_of_the_table_go_after_their_time(path, monkeypatch):
    """Merging later deletes what an earlier merge replaced."""
    monkeypatch.setattr(delta_table, "TIERS", ((1 << 20, 1),))
    monkeypatch.setattr(delta_table, "RETENTION_HOURS", 0)
    for seq in range(1, 4):
        delta_table.append(delta_table.ensure_table(path, USAGE), rows(f"r-{seq}"), APP, seq)
    delta_table.care(path)

    assert len([name for name in os.listdir(path) if name.endswith(".parquet")]) == 1


def test_the_file_system_is_synced_or_says_why_not(tmp_path, monkeypatch):
    """A path that exists works; an error of the kernel is raised."""
    delta_table.sync_filesystem(str(tmp_path))

    class Kernel:
        def syncfs(self, _fd):
            return -1

    monkeypatch.setattr(delta_table, "_libc", Kernel)
    monkeypatch.setattr(delta_table.ctypes, "get_errno", lambda: errno.EIO)
    with pytest.raises(OSError, match="Input/output"):
        delta_table.sync_filesystem(str(tmp_path))
