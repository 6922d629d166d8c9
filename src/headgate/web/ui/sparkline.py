"""The line of a small chart as points of an SVG polygon: pure arithmetic, no markup."""

import datetime as dt
from collections.abc import Mapping, Sequence

import msgspec

from headgate.core.time_text import moment_of
from headgate.web.ui.cell_text import number
from headgate.web.ui.filters import Filters

WIDTH, HEIGHT = 100, 24
_STEPS = {"hour": dt.timedelta(hours=1), "day": dt.timedelta(days=1), "week": dt.timedelta(days=7)}
_POINTS_MAX = 400


class Sparkline(msgspec.Struct, frozen=True):
    """`line` are the points from left to right, `area` the same closed along the bottom."""

    line: str
    area: str


def sparkline(series: object, filters: Filters) -> Sparkline | None:
    """The drawing of an array of numbers, or of structures with a bucket and a number: a bucket without one counts as 0. `None` for fewer than two."""
    values = _values(series, filters)[:_POINTS_MAX]
    if len(values) < 2:
        return None
    most = max(*values, 0)
    least = min(*values, 0)
    span = (most - least) or 1
    step = WIDTH / (len(values) - 1)
    points = [f"{index * step:.2f},{HEIGHT - 1 - (value - least) / span * (HEIGHT - 2):.2f}" for index, value in enumerate(values)]
    line = " ".join(points)
    return Sparkline(line, f"0,{HEIGHT} {line} {WIDTH},{HEIGHT}")


def _values(series: object, filters: Filters) -> list[float]:
    if not isinstance(series, Sequence) or isinstance(series, str) or not series:
        return []
    pairs = [tuple(item.values())[:2] for item in series if isinstance(item, Mapping) and len(item) >= 2]
    if len(pairs) == len(series):
        by_bucket = {moment_of(bucket): number(value) or 0.0 for bucket, value in pairs}
        return [by_bucket.get(moment, 0.0) for moment in buckets(filters)]
    return [number(item) or 0.0 for item in series]


def buckets(filters: Filters) -> list[dt.datetime]:
    """The beginning of every bucket of the range."""
    step = _STEPS[filters.bucket]
    first = filters.start.replace(minute=0, second=0, microsecond=0)
    if filters.bucket != "hour":
        first = first.replace(hour=0)
    if filters.bucket == "week":
        first -= dt.timedelta(days=first.weekday())
    count = int((filters.end - first) / step) + 1
    return [moment for index in range(min(count, _POINTS_MAX)) if (moment := first + index * step) < filters.end]
