"""Counts over the raw rows of the usage table in plain Python, without any SQL: what the tiles of dashboards must show."""

import datetime as dt
import math
from collections import defaultdict
from decimal import Decimal

from deltalake import DeltaTable

NOT_OURS = ("failed", "cut", "interrupted")


class Between:
    """Equal to every number of a range: what an approximate percentile may be."""

    def __init__(self, low, high):
        self.low, self.high = low, high

    def __repr__(self):
        return f"{self.low} to {self.high}"

    def holds(self, value):
        """Whether a number is in the range."""
        return self.low - 1e-6 <= value <= self.high + 1e-6


class Month:
    """The rows of `system.ai_gateway.usage` from one moment to another, under the short names of dashboards."""

    def __init__(self, data, start, end):
        table = DeltaTable(f"{data}/warehouse/system/ai_gateway/usage").to_pyarrow_table()
        self.everything = [_named(row) for row in table.to_pylist()]
        self.rows = [row for row in self.everything if start <= row["event_time"] < end]
        self.before = [row for row in self.everything if start - (end - start) <= row["event_time"] < start]
        self.lines = [line for row in self.rows for line in _lines(row)]


def _named(row):
    row["user"], row["agent"] = row["requester"], row["agent"] or "unknown"
    row["model"] = row["model_served"] or row["model_sent"] or row["model_asked"]
    row["provider"], row["endpoint"], row["spend"] = row["destination_name"], row["endpoint_name"], row["charge"]
    row["request_tags"] = dict(row["request_tags"] or ())
    row["tries"] = (row["routing_information"] or {}).get("attempts") or []
    row["bucket"] = iso(row["event_time"].replace(hour=0, minute=0, second=0, microsecond=0))
    row["write"] = (row["cache_write_5m_tokens"] or 0) + (row["cache_write_1h_tokens"] or 0)
    return row


def _lines(row):
    for place, line in enumerate(row["usage_lines"] or [None]):
        own = row if line is None else line
        yield {**row, **own, "model": own["model"] or row["model"], "spend": own["charge"], "first_line": place == 0}


def iso(moment):
    """A moment as pages have it in JSON."""
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03}Z"


def groups(rows, *names):
    """The rows by the values of columns."""
    found = defaultdict(list)
    for row in rows:
        found[tuple(row[name] for name in names)].append(row)
    return found


def total(rows, name):
    """The sum of a column; `None` where no row has a value, as SQL has it."""
    values = [row[name] for row in rows if row[name] is not None]
    return sum(values, Decimal(0) if isinstance(values[0], Decimal) else 0) if values else None


def share(part, whole):
    """A quotient; `None` of nothing."""
    return None if part is None or not whole else float(part) / float(whole)


def near(values, quantile):
    """What an approximate percentile of these values may be: a value within two percent of its rank, or two places."""
    ordered = sorted(float(value) for value in values if value is not None)
    if not ordered:
        return None
    place, slack = quantile * (len(ordered) - 1), max(2.0, 0.02 * len(ordered))
    return Between(ordered[max(0, math.floor(place - slack))], ordered[min(len(ordered) - 1, math.ceil(place + slack))])


def differences(shown, counted):
    """What a tile shows otherwise than counted, row by row in any order; only columns that were counted are compared."""
    names = list(counted[0]) if counted else []
    narrow = [{name: row[name] for name in names} for row in shown]
    if len(narrow) != len(counted):
        return [f"{len(narrow)} rows are shown, {len(counted)} counted", narrow[:3], counted[:3]]
    pairs = zip(sorted(narrow, key=_texts), sorted(counted, key=_texts), strict=True)
    return [(one, other) for one, other in pairs if any(not _same(one[name], other[name]) for name in names)]


def _texts(row):
    return [str(value) for value in row.values() if isinstance(value, str)] + [f"{value:012}" for value in row.values() if isinstance(value, int)]


def _same(shown, counted):
    if isinstance(counted, Between):
        return shown is not None and counted.holds(shown)
    if isinstance(counted, (float, Decimal)) or isinstance(shown, float):
        return shown is not None and counted is not None and math.isclose(shown, float(counted), rel_tol=1e-9, abs_tol=1e-9)
    return shown == counted
