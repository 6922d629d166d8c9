"""What a table's log says of files."""

import datetime as dt

import pyarrow as pa

from headgate.storage.query.file_facts import DataFileFacts

DAY_US = 86_400_000_000


def test_facts():
    """Times are microseconds, as dates are; what the log does not say is not there."""
    actions = pa.table({
        "path": ["a", "b"],
        "size_bytes": [10, 20],
        "num_records": [1, None],
        "min.d": [dt.date(1970, 1, 2), None],
        "max.d": [dt.date(1969, 12, 31), None],
        "null_count.d": [0, None],
        "min.t": pa.array([dt.datetime(1970, 1, 1, 0, 0, 1, tzinfo=dt.UTC), None], pa.timestamp("us", "UTC")),
        "min.s.x": [1, 2],
    })
    facts = DataFileFacts(actions, ["/a", "/b"])
    assert facts.places == {"/a": 0, "/b": 1}
    assert (facts.sizes, facts.rows) == ([10, 20], [1, None])
    assert facts.column("d") == ([DAY_US, None], [-DAY_US, None], [0, None])
    assert facts.column("t") == ([1_000_000, None], [None, None], [None, None])
    assert facts.column("s.x") == facts.column("none") == ([None, None], [None, None], [None, None])


def test_facts_of_sums():
    """Their hours and moments are those of the rows that they sum; a file of which nothing is known leaves them unknown."""
    at = [dt.datetime(1970, 1, 1, 1, 20, tzinfo=dt.UTC), dt.datetime(1970, 1, 1, 3, 5, tzinfo=dt.UTC)]
    actions = pa.table({
        "size_bytes": [10, 20],
        "num_records": [1, 1],
        "min.event_time": pa.array([at[0], None], pa.timestamp("us", "UTC")),
        "max.event_time": pa.array([at[1], None], pa.timestamp("us", "UTC")),
    })
    sums = DataFileFacts(actions, ["/a", "/b"]).of_sums({"/sums/b": "/b", "/sums/a": "/a"})
    minute_us = 60_000_000
    assert sums.places == {"/sums/b": 0, "/sums/a": 1}
    assert sums.column("hour") == ([None, 60 * minute_us], [None, 185 * minute_us], [None, None])
    assert sums.column("first_time") == sums.column("last_time") == ([None, 80 * minute_us], [None, 185 * minute_us], [None, None])
    assert sums.column("event_time").least == [None, None]
