"""The shapes of DESCRIBE and SHOW."""

import datetime as dt

import pytest

from headgate.admin import listings
from headgate.admin.catalog_ports import Commit
from headgate.catalog.entries import Entry, TableFacts
from headgate.catalog.names import Name


@pytest.mark.parametrize(
    ("pattern", "found"),
    [("", ["cc_logs", "cc_metrics", "t.x"]), ("cc*", ["cc_logs", "cc_metrics"]), ("*LOGS", ["cc_logs"]), ("t.x | *metrics", ["cc_metrics", "t.x"]),
     ("c", []), ("t?x", []), ("*", ["cc_logs", "cc_metrics", "t.x"])],
)  # fmt: skip
def test_patterns(pattern, found):
    """`*` is anything and `|` is or; every other character is itself."""
    entries = [Entry(id=leaf, name=Name(("a", "b", leaf)), owner="") for leaf in ("cc_logs", "cc_metrics", "t.x")]
    assert [entry.id for entry in listings.matching(entries, pattern)] == found


def test_no_pattern_takes_long():
    """A pattern that a backtracking matcher would need hours for is answered at once."""
    entries = [Entry(id="1", name=Name(("a", "b", "a" * 255)), owner="")]
    assert listings.matching(entries, "*a" * 127 + "~") == []


def test_times():
    """Times are moments in UTC, and written as Databricks writes them."""
    assert listings.moment(1_700_000_000_123) == dt.datetime(2023, 11, 14, 22, 13, 20, 123_000, dt.UTC)
    assert listings.iso(1_700_000_000_123) == "2023-11-14T22:13:20.123Z"
    row = listings.history([Commit(version=1, at_ms=1_700_000_000_123, operation="WRITE", metrics={"num_added_rows": "2"}, engine="delta-rs")]).rows[
        0
    ]
    assert (row[1].tzinfo, row[7], row[8]) == (dt.UTC, '{"num_added_rows":"2"}', "delta-rs")


def test_a_view_is_shown_with_its_query():
    """A view has no columns to list in its statement."""
    entry = Entry(
        id="1",
        name=Name(("a", "b", "v")),
        owner="",
        table=TableFacts(table_type="VIEW", columns='{"type":"struct","fields":[]}', view_text="SELECT 1"),
    )
    assert listings.ddl(entry) == "CREATE VIEW a.b.v AS\nSELECT 1"
