"""Bars of requests over time."""

import datetime as dt

import pytest

from headgate.web.ui.filters import read_filters
from headgate.web.ui.histogram import HEIGHT, WIDTH, histogram
from headgate.web.ui.request_list import step_s

NOW = dt.datetime(2026, 11, 30, 12, 0, tzinfo=dt.UTC)


def test_every_request_is_in_one_block():
    """The sums of the classes are those of the bars, and the tallest bar is as tall as the drawing."""
    filters = read_filters("from=2026-11-01&to=2026-11-10&user=ada@example.com", NOW)
    counts = [(0, "success", 6), (0, "broken", 2), (3, "success", 1), (3, "limited", 1), (9, "gone", 4)]
    drawn = histogram(counts, filters, 86_400, "/requests")
    assert (drawn.count, drawn.most) == (14, 8)
    assert [(total.outcome.name, total.count) for total in drawn.totals] == [
        ("success", 7),
        ("limited", 1),
        ("refused", 0),
        ("broken", 2),
        ("gone", 4),
    ]
    first = drawn.bars[0]
    assert (first.total, sum(block.height for block in first.blocks)) == (8, HEIGHT)
    assert first.blocks[-1].y == 0
    assert all(0 <= bar.x <= bar.x + bar.width <= WIDTH for bar in drawn.bars)


def test_a_bar_leads_to_its_requests():
    """By its time, with the filters of the page; a class leads to its own."""
    drawn = histogram([(1, "success", 1)], read_filters("from=2026-11-01&to=2026-11-10&user=a%26b", NOW), 86_400, "/requests")
    assert drawn.bars[0].link == "/requests?from=2026-11-02&to=2026-11-02&user=a%26b"
    assert drawn.totals[1].link == "/requests?outcome=limited&from=2026-11-01&to=2026-11-10&user=a%26b"


@pytest.mark.parametrize("counts", [[], [(None, "success", 3)], [(-1, "success", 3)], [(900, "success", 3)], [(0, None, "x")]])
def test_what_is_outside_is_left_out(counts):
    """A drawing without bars is one too."""
    drawn = histogram(counts, read_filters("range=24h", NOW), 3600, "/requests")
    assert (drawn.bars, drawn.most, drawn.count) == ((), 0, 0)


@pytest.mark.parametrize(
    ("query", "step"),
    [("range=24h", 1800), ("range=7d", 10_800), ("range=30d", 43_200), ("range=90d", 172_800), ("from=2018-01-01&to=2026-01-01", 2_592_000)],
)
def test_a_range_has_few_bars(query, step):
    """The step is a round one."""
    assert step_s(read_filters(query, NOW)) == step
