"""What a budget will have spent when its period ends, and on which day it is used up. Pure: the moment and the spending of each day are given.

It goes on from what is spent now, day by day: at the mean of the period's own whole days, workdays and weekends distinguished where there are enough of
each, else at what a day cost since the period began.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Final

import msgspec

from headgate.policy.budget_period import period_at
from headgate.policy.budget_states import BudgetState

_NS_PER_S: Final = 1_000_000_000
_DAY_NS: Final = 86_400 * _NS_PER_S
_ELAPSED_MIN_NS: Final = 3600 * _NS_PER_S  # of less than an hour nothing can be said
_WORKDAYS_MIN: Final = 5
_WEEKEND_DAYS_MIN: Final = 2
_SATURDAY: Final = 5


class BudgetForecast(msgspec.Struct, frozen=True, kw_only=True):
    """`at_end` is in nano-US-dollars; `None` where too little of the period is over. `used_up_on` is the day that the budget is, or was, used up."""

    at_end: int | None = None
    used_up_on: dt.date | None = None
    by_weekday: bool = False


def forecast(state: BudgetState, days: Mapping[dt.date, int], now_ns: int) -> BudgetForecast:
    """The forecast of one count. `days` is what each day of the period cost so far, in nano-US-dollars and in the budget's time zone."""
    zone = state.budget.zone
    period = period_at(state.budget.per, zone, now_ns)
    elapsed_ns = now_ns - period.begins_ns
    used_up_on = _used_up(state, days, _date(now_ns, zone))
    if elapsed_ns < _ELAPSED_MIN_NS:
        return BudgetForecast(used_up_on=used_up_on)
    first, today, last = _date(period.begins_ns, zone), _date(now_ns, zone), _date(period.ends_ns - 1, zone)
    workday, weekend = _means(first, today, days)
    by_weekday = workday is not None and weekend is not None
    each = state.spent * _DAY_NS / elapsed_ns
    rates = (workday, weekend) if workday is not None and weekend is not None else (each, each)
    running, day = float(state.spent), today
    rest = max(0.0, (_midnight_ns(today + dt.timedelta(days=1), zone) - now_ns) / _DAY_NS)
    while day <= last:
        running += rates[day.weekday() >= _SATURDAY] * (rest if day == today else 1.0)
        if used_up_on is None and running >= state.nano_usd:
            used_up_on = day
        day += dt.timedelta(days=1)
    return BudgetForecast(at_end=round(running), used_up_on=used_up_on, by_weekday=by_weekday)


def _used_up(state: BudgetState, days: Mapping[dt.date, int], today: dt.date) -> dt.date | None:
    """The day on which what is spent reached the budget; today where the days do not say."""
    if state.spent < state.nano_usd:
        return None
    total = 0
    for day in sorted(days):
        total += days[day]
        if total >= state.nano_usd:
            return day
    return today


def _means(first: dt.date, today: dt.date, days: Mapping[dt.date, int]) -> tuple[float | None, float | None]:
    """What a whole workday and a whole day of a weekend cost; `None` where there are too few."""
    whole = [first + dt.timedelta(days=number) for number in range((today - first).days)]
    workdays = [days.get(day, 0) for day in whole if day.weekday() < _SATURDAY]
    weekend = [days.get(day, 0) for day in whole if day.weekday() >= _SATURDAY]
    return (
        sum(workdays) / len(workdays) if len(workdays) >= _WORKDAYS_MIN else None,
        sum(weekend) / len(weekend) if len(weekend) >= _WEEKEND_DAYS_MIN else None,
    )


def _date(at_ns: int, zone: dt.tzinfo) -> dt.date:
    return dt.datetime.fromtimestamp(at_ns // _NS_PER_S, zone).date()


def _midnight_ns(day: dt.date, zone: dt.tzinfo) -> int:
    return int(dt.datetime.combine(day, dt.time(), zone).timestamp()) * _NS_PER_S
