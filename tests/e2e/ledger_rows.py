"""The rows of the joined ledger's views under the short names of dashboards, for counting over them in Python."""

import datetime as dt
import json
from functools import cached_property

from tests.e2e.lab import headgate
from tests.e2e.second_count import iso

_TOOLS = "agent, tool, called_at, decision, reviewed, ran, success, duration_ms"


class LedgerRows:
    """The rows from one moment to another, and those of the same length before it."""

    def __init__(self, data, start, end):
        self._data, self._start, self._end = data, start, end

    @cached_property
    def sessions(self):
        """Sessions that began in the range."""
        return [row for row in self._sessions if self._start <= row["at"] < self._end]

    @cached_property
    def sessions_before(self):
        """Sessions that began in the time before."""
        return [row for row in self._sessions if self._start - (self._end - self._start) <= row["at"] < self._start]

    @cached_property
    def tools(self):
        """Tool calls that agents reported."""
        return [
            row for row in self._read(f"SELECT {_TOOLS} FROM system.ai_gateway.client_tools", "called_at") if self._start <= row["at"] < self._end
        ]

    @cached_property
    def coverage(self):
        """Days of agents and people."""
        rows = self._read("SELECT * FROM system.ai_gateway.coverage", "day")
        return [{**row, "user": row["requester"]} for row in rows if self._start <= row["at"] < self._end]

    @cached_property
    def _sessions(self):
        rows = self._read("SELECT * FROM system.ai_gateway.sessions", "started_at")
        return [{**row, "user": row["principal"] or row["client_user"], "spend": row["charge"]} for row in rows]

    def _read(self, statement, time):
        found = json.loads(headgate("sql", statement, "--json", "--data", self._data))
        return [{**row, **_when(row[time]), "agent": row["agent"] or "unknown"} for row in found]


def _when(text):
    at = dt.datetime.fromisoformat(text)
    at = at.replace(tzinfo=dt.UTC) if at.tzinfo is None else at.astimezone(dt.UTC)
    return {"at": at, "bucket": iso(at.replace(hour=0, minute=0, second=0, microsecond=0))}
