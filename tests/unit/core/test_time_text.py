"""Times as JSON and tables show them, and read again."""

import datetime as dt

from headgate.core.time_text import moment_of, utc_text


def test_a_time_in_utc():
    """To the second, or more exactly."""
    assert utc_text(1_796_029_200_123) == "2026-11-30T09:00:00Z"
    assert utc_text(1_796_029_200_123, "milliseconds") == "2026-11-30T09:00:00.123Z"


def test_a_moment_is_read():
    """Text without a zone is in UTC; what is no such text is no moment."""
    for text in ("2026-11-30T09:00:00", "2026-11-30T09:00:00Z", "2026-11-30T10:00:00+01:00"):
        assert moment_of(text) == dt.datetime(2026, 11, 30, 9, tzinfo=dt.UTC)
    assert [moment_of(other) for other in ("", "soon", None, 5)] == [None] * 4
