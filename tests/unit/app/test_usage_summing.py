"""Which data files get sums, and how often."""

import datetime as dt
import os

from deltalake import DeltaTable

from headgate.app import usage_summing
from headgate.storage.delta import delta_table
from headgate.storage.delta.sum_files import clean_sums
from headgate.web.ui.filters import read_filters
from tests.fakes.records import AT_NS
from tests.fakes.summed_usage import SummedUsage, passed

DAY = read_filters("from=2026-09-01&to=2026-12-31", dt.datetime.fromtimestamp(AT_NS // 10**9, dt.UTC))
ROWS = [passed(number, 60 * number, 1) for number in range(30)]


async def test_files_with_many_rows_get_sums_once(tmp_path, monkeypatch):
    """A small file is read as it is. Three sums of the large one, each made by a few queries, and none the second time."""
    monkeypatch.setattr(usage_summing, "ROWS_MIN", 20)
    place = SummedUsage(tmp_path)
    assert await place.sum() == 0
    for rows in (ROWS[:25], ROWS[25:]):
        place.waiting = list(rows)
        place.append()
    assert await place.sum() == 3
    assert place.asked == 6
    assert await place.sum() == 0
    assert place.asked == 6
    assert await place.ask("SELECT CAST(sum(requests) AS BIGINT) AS n FROM usage_hours", DAY) == ["{'n': 30}"]


async def test_a_large_file_is_summed_in_stretches_of_hours(tmp_path, monkeypatch):
    """So that each query fits into the memory of a statement; an hour is never divided."""
    monkeypatch.setattr(usage_summing, "ROWS_MIN", 1)
    monkeypatch.setattr(usage_summing, "_ROWS_AT_ONCE", 1)
    place = SummedUsage(tmp_path)
    place.waiting = [passed(number, 3600 * number, 1) for number in range(3)]
    place.append()
    assert await place.sum() == 3
    assert place.asked == 3 * (1 + 3)
    assert await place.ask("SELECT count(*) AS sums FROM usage_hours", DAY) == ["{'sums': 3}"]


async def test_sums_follow_what_was_deleted(tmp_path, monkeypatch):
    """A file that a deletion rewrote is read without sums; its old sums go once the old file is gone from the disk."""
    monkeypatch.setattr(usage_summing, "ROWS_MIN", 1)
    place = SummedUsage(tmp_path)
    place.waiting = [passed(number, 60 * number, number) for number in range(8)]
    place.append()
    await place.sum()
    delta_table.delete_rows(delta_table.open_table(place.path), "requester = 'bob@example.com'")
    assert await place.ask("SELECT DISTINCT user FROM usage_hours", DAY) == ["{'user': 'ada@example.com'}"]
    assert clean_sums(place.folder) == 0
    DeltaTable(place.path).vacuum(retention_hours=0, dry_run=False, enforce_retention_duration=False, full=True)
    assert clean_sums(place.folder) == 3
    assert not [name for _, _, names in os.walk(tmp_path / "sums") for name in names]
