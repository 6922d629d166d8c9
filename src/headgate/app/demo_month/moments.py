"""When the tools of a step were used, and under which ids: the same in telemetry and in conversations."""

import datetime as dt
from collections.abc import Iterator

from headgate.app.demo_month.happenings import AgentStep, ToolUse

_MS = 1_000_000


def stamp(at_ns: int) -> str:
    """A moment as agents write it: ISO 8601 in UTC, with milliseconds."""
    return dt.datetime.fromtimestamp(at_ns / 1e9, dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def tool_moments(step: AgentStep) -> Iterator[tuple[ToolUse, int, int, str]]:
    """Each tool with the moments at which it was decided about and had its result, and the id of its use."""
    at_ns = step.at_ns + _MS
    stem = step.outcome.intent.request_id[-20:]
    for number, tool in enumerate(step.tools):
        ended_ns = at_ns + max(1, tool.duration_ms) * _MS
        yield tool, at_ns, ended_ns, f"toolu_{stem}{number}"
        at_ns = ended_ns
