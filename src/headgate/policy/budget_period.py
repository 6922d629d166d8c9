"""The periods of budgets: calendar days, weeks from Monday, and months, in a time zone. Pure: the moment is an argument.

A day lasts from one local midnight to the next, also where clocks change: 23 or 25 hours, or from 01:00 where there is no midnight.
"""

import datetime as dt

import msgspec

_NS_PER_S = 1_000_000_000


class BudgetPeriod(msgspec.Struct, frozen=True):
    """When a period begins and when the next one does, in nanoseconds since the epoch."""

    begins_ns: int
    ends_ns: int


def period_at(per: str, zone: dt.tzinfo, at_ns: int) -> BudgetPeriod:
    """The period (day, week or month) that a moment is in."""
    first = dt.datetime.fromtimestamp(at_ns // _NS_PER_S, zone).date()
    if per == "week":
        first -= dt.timedelta(days=first.weekday())
        after = first + dt.timedelta(days=7)
    elif per == "month":
        first = first.replace(day=1)
        after = (first + dt.timedelta(days=31)).replace(day=1)
    else:
        after = first + dt.timedelta(days=1)
    return BudgetPeriod(_midnight_ns(first, zone), _midnight_ns(after, zone))


def _midnight_ns(day: dt.date, zone: dt.tzinfo) -> int:
    """When a day begins there: the first of two midnights; where there is none, the moment that the clock jumps."""
    return int(dt.datetime.combine(day, dt.time(), zone).timestamp()) * _NS_PER_S
