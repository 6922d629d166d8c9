"""What the agents of the demo exported in a stretch of time: an export for each session that has something in it."""

from collections.abc import Iterable
from types import ModuleType
from typing import Final

import msgspec

from headgate.app.demo_month import claude_telemetry, codex_telemetry, exports, gemini_telemetry
from headgate.app.demo_month.cast import CLAUDE_CODE, CODEX, GEMINI_CLI
from headgate.app.demo_month.happenings import AgentSession

_OF_AGENT: Final[dict[str, ModuleType]] = {CLAUDE_CODE: claude_telemetry, CODEX: codex_telemetry, GEMINI_CLI: gemini_telemetry}


class Exported(msgspec.Struct, frozen=True):
    """Exports of one signal as one message, and how many rows they become."""

    body: bytes = b""
    rows: int = 0


def logs(sessions: Iterable[AgentSession], after_ns: int, until_ns: int) -> Exported:
    """The log records of the stretch."""
    return _exported(sessions, after_ns, until_ns, metrics=False)


def metrics(sessions: Iterable[AgentSession], after_ns: int, until_ns: int) -> Exported:
    """The points of counters of the stretch."""
    return _exported(sessions, after_ns, until_ns, metrics=True)


def _exported(sessions: Iterable[AgentSession], after_ns: int, until_ns: int, *, metrics: bool) -> Exported:
    bodies, rows = [], 0
    for session in sessions:
        agent = _OF_AGENT.get(session.agent)
        if agent is None or not session.person.telemetry or not session.overlaps(after_ns, until_ns):
            continue
        found = agent.points(session) if metrics else agent.records(session)
        within = [item for item in found if after_ns < item.at_ns <= until_ns]
        if within:
            scope = agent.METRICS_SCOPE if metrics else agent.EVENTS_SCOPE
            bodies.append(exports.export(agent.resource(session), (scope, session.agent_version), within))
            rows += len(within)
    return Exported(b"".join(bodies), rows)
