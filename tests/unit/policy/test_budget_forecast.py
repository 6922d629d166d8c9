"""What a budget will have spent, and when it is used up."""

import datetime as dt

import pytest

from headgate.core.budget import NANO_PER_USD, Budget
from headgate.policy.budget_forecast import forecast
from headgate.policy.budget_states import BudgetState

NOON = dt.timedelta(hours=12)


def ns(moment):
    """A moment in nanoseconds."""
    return int(moment.timestamp()) * NANO_PER_USD


def day(number):
    """A day of November 2026, which begins on a Sunday."""
    return dt.date(2026, 11, number)


def at(number, hours=12.0):
    """A moment of that day."""
    return dt.datetime(2026, 11, number, tzinfo=dt.UTC) + dt.timedelta(hours=hours)


def state(usd, spent, per="month"):
    """A count."""
    budget = Budget(name="b", nano_usd=usd * NANO_PER_USD, per=per)
    return BudgetState(budget, "", "", budget.nano_usd, int(spent * NANO_PER_USD), int(spent * NANO_PER_USD), 0)


# per, budget, what each day so far cost, now, at the end, used up on, distinguished
TABLE = {
    "nothing spent": ("month", 100, {}, at(11), 0, None, True),
    "a flat rate while there are few days": ("month", 100, {day(1): 4, day(2): 4, day(3): 4}, at(4, 0), 120, day(25), False),
    "weekends distinguished": ("month", 1000, {day(n): 0 if day(n).weekday() >= 5 else 10 for n in range(1, 15)}, at(15, 0), 210, None, True),
    "the workday on which it is used up": (
        "month",
        150,
        {day(n): 0 if day(n).weekday() >= 5 else 10 for n in range(1, 15)},
        at(15, 0),
        210,
        day(20),
        True,
    ),
    "the rest of today at its rate": ("month", 1000, {day(n): 10 for n in range(1, 30)} | {day(30): 5}, at(30), 300, None, True),
    "used up already": ("month", 30, {day(1): 20, day(2): 20}, at(3, 0), 600, day(2), False),
    "a day that began less than an hour ago": ("day", 10, {day(9): 1}, at(9, 0.5), None, None, False),
    "half a day": ("day", 10, {day(9): 6}, at(9), 12, day(9), False),
    "a week": ("week", 100, {day(9): 10, day(10): 10}, at(11, 0), 70, None, False),
}


@pytest.mark.parametrize("name", TABLE)
def test_forecasts(name):
    """By the period's own days."""
    per, usd, days, now, at_end, used_up_on, by_weekday = TABLE[name]
    found = forecast(state(usd, sum(days.values()), per), {each: spent * NANO_PER_USD for each, spent in days.items()}, ns(now))
    assert (found.at_end is None) == (at_end is None)
    assert found.at_end is None or found.at_end / NANO_PER_USD == pytest.approx(at_end)
    assert (found.used_up_on, found.by_weekday) == (used_up_on, by_weekday)


def test_what_no_day_says():
    """A count may be higher than the days that are known: it is used up today."""
    assert forecast(state(10, 12), {}, ns(at(5))).used_up_on == day(5)
