"""Calendar periods: days, weeks from Monday and months, in time zones whose clocks change."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.policy.budget_period import period_at
from tests.fakes.budgets import at_ns

HOUR_NS = 3_600 * 1_000_000_000
ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Pacific/Apia",
    "America/Havana",
    "Africa/Cairo",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "America/Sao_Paulo",
)
CASES = [
    # per, zone, a moment, when its period begins and ends
    ("day", "UTC", "2026-11-30T06:00", "2026-11-30T00:00", "2026-12-01T00:00"),
    ("day", "UTC", "2026-11-30T00:00", "2026-11-30T00:00", "2026-12-01T00:00"),
    ("day", "America/New_York", "2026-11-30T04:59:59", "2026-11-29T05:00", "2026-11-30T05:00"),
    ("day", "Europe/Berlin", "2026-03-29T10:00", "2026-03-28T23:00", "2026-03-29T22:00"),  # 23 hours
    ("day", "Europe/Berlin", "2026-10-25T10:00", "2026-10-24T22:00", "2026-10-25T23:00"),  # 25 hours
    ("day", "America/Havana", "2026-03-08T12:00", "2026-03-08T05:00", "2026-03-09T04:00"),  # no midnight: it begins at 01:00
    ("day", "America/Havana", "2026-11-01T05:30", "2026-11-01T04:00", "2026-11-02T05:00"),  # two midnights: the first
    ("day", "Pacific/Apia", "2011-12-30T09:00", "2011-12-29T10:00", "2011-12-30T10:00"),  # the next date does not exist
    ("week", "UTC", "2026-11-30T00:00", "2026-11-30T00:00", "2026-12-07T00:00"),  # a Monday
    ("week", "UTC", "2026-11-29T23:59:59", "2026-11-23T00:00", "2026-11-30T00:00"),
    ("week", "Europe/Berlin", "2026-10-25T22:59:59", "2026-10-18T22:00", "2026-10-25T23:00"),
    ("week", "UTC", "2027-01-02T00:00", "2026-12-28T00:00", "2027-01-04T00:00"),
    ("month", "UTC", "2026-02-28T23:59:59", "2026-02-01T00:00", "2026-03-01T00:00"),
    ("month", "UTC", "2028-02-29T00:00", "2028-02-01T00:00", "2028-03-01T00:00"),
    ("month", "UTC", "2026-12-31T00:00", "2026-12-01T00:00", "2027-01-01T00:00"),
    ("month", "Europe/Berlin", "2026-03-31T21:59:59", "2026-02-28T23:00", "2026-03-31T22:00"),
    ("month", "Asia/Kathmandu", "2026-01-31T18:14:59", "2025-12-31T18:15", "2026-01-31T18:15"),
]


@pytest.mark.parametrize(("per", "zone", "moment", "begins", "ends"), CASES)
def test_when_a_period_begins_and_ends(per, zone, moment, begins, ends):
    """By the wall clock of the zone."""
    period = period_at(per, ZoneInfo(zone), at_ns(moment))

    assert (period.begins_ns, period.ends_ns) == (at_ns(begins), at_ns(ends))


@given(st.sampled_from(["day", "week", "month"]), st.sampled_from(ZONES), st.integers(0, 4_000_000_000))
def test_periods_follow_each_other_without_a_gap(per, zone, at_s):
    """Every moment is in its period, and the next period begins where it ends."""
    moment_ns = at_s * 1_000_000_000
    period = period_at(per, ZoneInfo(zone), moment_ns)
    before, after = (period_at(per, ZoneInfo(zone), each) for each in (period.begins_ns - 1, period.ends_ns))

    assert period.begins_ns <= moment_ns < period.ends_ns
    assert before.ends_ns == period.begins_ns
    assert after.begins_ns == period.ends_ns
    assert period_at(per, ZoneInfo(zone), period.ends_ns - 1) == period


def test_utc_needs_no_data_of_time_zones():
    """It is the default."""
    assert period_at("day", dt.UTC, at_ns("2026-11-30T06:00")).ends_ns - period_at("day", dt.UTC, at_ns("2026-11-30T06:00")).begins_ns == 24 * HOUR_NS
