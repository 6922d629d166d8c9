"""The small line of a card."""

import datetime as dt

from headgate.web.ui.filters import read_filters
from headgate.web.ui.sparkline import buckets, sparkline

NOW = dt.datetime(2026, 11, 30, 14, 20, tzinfo=dt.UTC)
WEEK = read_filters("range=7d", NOW)


def test_numbers_as_points():
    """From left to right, the largest at the top; the area is closed along the bottom."""
    drawn = sparkline([0, 5, 10], WEEK)
    assert drawn.line == "0.00,23.00 50.00,12.00 100.00,1.00"
    assert drawn.area == f"0,24 {drawn.line} 100,24"
    assert sparkline([0, 0], WEEK).line == "0.00,23.00 100.00,23.00"
    assert sparkline([-1, 1], WEEK) is not None


def test_a_bucket_without_a_number_counts_as_zero():
    """Every bucket of the range has a point, in its place, whatever the order of the rows."""
    series = [
        {"bucket": "2026-11-30T00:00:00Z", "n": 4},
        {"bucket": "2026-11-24T00:00:00.000Z", "n": 2},
        {"bucket": "x", "n": 9},
        {"bucket": 3, "n": None},
    ]
    points = [float(point.split(",")[1]) for point in sparkline(series, WEEK).line.split()]
    assert points == [12.0, 23.0, 23.0, 23.0, 23.0, 23.0, 1.0]


def test_nothing_to_draw():
    """Fewer than two points, and what is no array, draw nothing."""
    assert [sparkline(series, WEEK) for series in ([], [1], None, "abc", 3)] == [None] * 5


def test_buckets():
    """Hours, days, and weeks that begin on Mondays."""
    assert len(buckets(read_filters("range=24h", NOW))) == 24
    assert buckets(WEEK)[0] == dt.datetime(2026, 11, 24, tzinfo=dt.UTC)
    weeks = buckets(read_filters("from=2026-07-01&to=2026-11-30", NOW))
    assert (weeks[0], weeks[-1]) == (dt.datetime(2026, 6, 29, tzinfo=dt.UTC), dt.datetime(2026, 11, 30, tzinfo=dt.UTC))
