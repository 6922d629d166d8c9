"""Days as moments."""

import datetime as dt

from headgate.core.clock import midnight_ns


def test_a_day_begins_at_midnight_utc():
    """Whatever zone the machine is in."""
    assert midnight_ns(dt.date(1970, 1, 2)) == 86_400 * 10**9
    assert midnight_ns(dt.date(2026, 11, 24)) == 1_795_478_400 * 10**9
