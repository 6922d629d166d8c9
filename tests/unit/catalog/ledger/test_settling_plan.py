"""What is settled next, and how far."""

from headgate.catalog.ledger.settled import DAY_US, SettledTime
from headgate.catalog.ledger.settling_plan import LATE_S, Extent, next_step

TODAY = 20_000
NOON_US = TODAY * DAY_US + DAY_US // 2
MANY = Extent((TODAY - 10) * DAY_US + 7, 10_000_000)
FEW = Extent((TODAY - 10) * DAY_US + 7, 100)


def days(step):
    """The days of a step, counted back from today."""
    return TODAY - step.first_day, TODAY - step.last_day


def test_nothing_without_rows():
    """An empty store has nothing to settle."""
    assert next_step(SettledTime(), Extent(), NOON_US, 91) is None


def test_days_are_settled_one_after_the_other():
    """From the day of the first row to the last one that ended long enough ago; then comes a draft, which ends half an hour ago."""
    known, found = SettledTime(), []
    while not known.edition:
        step = next_step(known, MANY, NOON_US, 91)
        found.append(days(step))
        known = step.afterwards

    assert found == [*((back, back) for back in range(10, 1, -1)), (1, 0)]
    assert known == SettledTime(days_until_us=(TODAY - 1) * DAY_US, draft_until_us=NOON_US - 1800 * 1_000_000, edition=NOON_US // 1_000_000)


def test_a_day_waits_for_late_telemetry():
    """A day is settled 26 hours after its end and not before."""
    known = SettledTime(days_until_us=(TODAY - 2) * DAY_US)
    ready_us = (TODAY - 1) * DAY_US + LATE_S * 1_000_000

    assert next_step(known, MANY, ready_us - 1, 91).afterwards.edition
    assert not next_step(known, MANY, ready_us, 91).afterwards.edition


def test_a_small_history_is_settled_at_once():
    """Days that have few rows together are one step, of at most a month."""
    assert days(next_step(SettledTime(), FEW, NOON_US, 91)) == (10, 2)
    assert days(next_step(SettledTime(), Extent((TODAY - 80) * DAY_US, 100), NOON_US, 91)) == (80, 50)


def test_nothing_older_than_what_is_shown():
    """What views do not show is not settled, neither at first nor after a long pause."""
    assert days(next_step(SettledTime(), Extent(DAY_US, 10**9), NOON_US, 91))[0] == 91
    assert days(next_step(SettledTime(days_until_us=DAY_US), Extent(DAY_US, 10**9), NOON_US, 91))[0] == 91


def test_rows_of_the_last_minutes_are_no_draft_yet():
    """Where all rows are from just now, there is nothing to settle."""
    assert next_step(SettledTime(), Extent(TODAY * DAY_US + 60_000_000, 5), TODAY * DAY_US + 120_000_000, 91) is None
