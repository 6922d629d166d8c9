"""The query string as filters, and back: every value that is odd is noted and none raises."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.web.ui.filters import VALUES, read_filters

NOW = dt.datetime(2026, 11, 30, 14, 20, 30, tzinfo=dt.UTC)


def utc(*parts: int) -> dt.datetime:
    return dt.datetime(*parts, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("query", "start", "end", "bucket"),
    [
        ("", utc(2026, 11, 1), utc(2026, 11, 30, 14, 21), "day"),
        ("range=24h", utc(2026, 11, 29, 15), utc(2026, 11, 30, 14, 21), "hour"),
        ("range=7d", utc(2026, 11, 24), utc(2026, 11, 30, 14, 21), "day"),
        ("range=90d", utc(2026, 9, 2), utc(2026, 11, 30, 14, 21), "day"),
        ("from=2026-11-20&to=2026-11-21", utc(2026, 11, 20), utc(2026, 11, 22), "hour"),
        ("from=2026-11-20T10:30&to=2026-11-20T12:00", utc(2026, 11, 20, 10, 30), utc(2026, 11, 20, 12), "hour"),
        ("from=2026-11-20T10:30%2B02:00", utc(2026, 11, 20, 8, 30), utc(2026, 11, 30, 14, 21), "day"),
        ("from=2025-01-01&to=2026-01-01", utc(2025, 1, 1), utc(2026, 1, 2), "week"),
    ],
)
def test_a_range(query, start, end, bucket):
    """Whole buckets, with the one that runs; a last day is included, a moment is where it ends."""
    filters = read_filters(query, NOW)
    assert (filters.start, filters.end, filters.bucket, filters.notes) == (start, end, bucket, ())


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("range=7d", (utc(2026, 11, 17), utc(2026, 11, 23, 14, 21))),
        ("range=7d&compare=week", (utc(2026, 11, 17), utc(2026, 11, 23, 14, 21))),
        ("compare=year", (utc(2025, 11, 2), utc(2025, 12, 1, 14, 21))),
        ("from=2026-11-20&to=2026-11-21", (utc(2026, 11, 18), utc(2026, 11, 20))),
        ("compare=none", None),
    ],
)
def test_the_compared_period(query, expected):
    """As long as the range, and as far into it: what runs is compared with the same part of what is over."""
    assert read_filters(query, NOW).before == expected


@pytest.mark.parametrize(
    ("query", "note"),
    [
        ("range=1y", "range=1y is unknown. It is one of 24h, 7d, 30d, 90d, or give from and to."),
        ("compare=x", "compare=x is unknown. It is one of previous, week, year, none."),
        ("from=yesterday", "from=yesterday is no moment. Write a day such as 2026-11-20, or 2026-11-20T14:30, in UTC."),
        ("from=2026-11-20&to=2026-11-10", "`from` must be before `to`, by ten years at most."),
        ("tag=team", "tag=team is no tag. Write tag=key:value."),
        ("status=bad", "status=bad is unknown. It is one of completed, failed, cut, client_gone, refused, interrupted, a code such as 429, or 4xx."),
        ("user=a%00b", "A value of user is too long, or has characters that do not print. It was left out."),
        ("&".join(f"user={number}" for number in range(30)), "Of user, the first 20 values count."),
    ],
)
def test_what_is_odd_is_noted(query, note):
    """The rest of the query counts all the same."""
    filters = read_filters(f"{query}&model=m", NOW)
    assert (filters.notes, filters.model) == ((note,), ("m",))


def test_back_to_a_query_string():
    """What is the default is left out; values are added, taken away, and named with the address without them."""
    filters = read_filters("range=7d&user=a%26b&user=c&tag=team:x&status=4xx&page=3", NOW)
    assert filters.query == "range=7d&user=a%26b&user=c&tag=team%3Ax&status=4xx"
    assert filters.adding("user", "c") == filters
    assert filters.removing("user", "c").adding("model", "m").query == "range=7d&user=a%26b&model=m&tag=team%3Ax&status=4xx"
    assert [(chip.name, chip.value) for chip in filters.chips()] == [("user", "a&b"), ("user", "c"), ("tag", "team:x"), ("status", "4xx")]
    assert filters.chips()[0].without == "range=7d&user=c&tag=team%3Ax&status=4xx"
    assert read_filters("", NOW).at("/x") == "/x"
    assert filters.in_range("24h").at("/x?as=csv").startswith("/x?as=csv&range=24h&")
    assert read_filters("from=2026-11-20&to=2026-11-21&compare=none", NOW).span_text == "2026-11-20 – 2026-11-21"


_QUERIES = st.lists(st.tuples(st.sampled_from([*VALUES, "range", "compare", "from", "to", "x"]), st.text(max_size=30)), max_size=12)


@given(_QUERIES)
def test_any_query_is_read_and_comes_back(pairs):
    """Whatever is asked, there is a range; and the query string of filters means the same filters."""
    filters = read_filters(pairs, NOW)
    assert filters.start < filters.end
    again = read_filters(filters.query, NOW)
    assert [again.values(name) for name in VALUES] == [filters.values(name) for name in VALUES]
    assert (again.range, again.compare, again.query) == (filters.range, filters.compare, filters.query)


def test_moments_at_the_ends_of_time():
    """They are refused rather than reckoned with."""
    for text in ("0001-01-01", "9999-12-31", "2026-11-20T00:00-99:00"):
        assert len(read_filters([("from", text)], NOW).notes) == 1
