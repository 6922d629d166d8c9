"""What the agents of the sessions that go on export: gathered for a while, as agents gather it, and then returned as batches for the tables."""

from collections.abc import Mapping
from typing import Final

import msgspec

from headgate.app.demo_month import payloads, telemetry
from headgate.app.demo_month.batches import batches, payload_batches
from headgate.app.demo_month.cast import GEMINI_CLI
from headgate.app.demo_month.happenings import AgentSession, AgentStep
from headgate.app.demo_month.messages import DemoTable
from headgate.catalog.otel_tables import LOGS, METRICS

_EVERY_NS: Final = 15_000_000_000


class Reporting:
    """Owns the steps that were not exported yet. `tables` are those of the demo, by signal."""

    def __init__(self, tables: Mapping[str, DemoTable], now_ns: int) -> None:
        self._tables = tables
        self._exported_ns = now_ns
        self._sessions: dict[str, AgentSession] = {}  # with all their steps so far
        self._fresh: dict[str, list[AgentStep]] = {}

    def add(self, session: AgentSession, step: AgentStep, *, last: bool) -> None:
        """A session has taken a step; after the last one nothing more comes of it."""
        known = self._sessions.get(session.session_id)
        steps = (*known.steps, step) if known is not None else (step,)
        ended = {} if last else {"commits": 0, "pull_requests": 0}
        self._sessions[session.session_id] = msgspec.structs.replace(session, steps=steps, **ended)
        self._fresh.setdefault(session.session_id, []).append(step)

    def due(self, now_ns: int) -> list[bytes]:
        """The batches of what is due to be exported; usually none."""
        if now_ns - self._exported_ns < _EVERY_NS:
            return []
        window = (self._exported_ns, now_ns)
        self._exported_ns = now_ns
        whole = [self._sessions[session_id] for session_id in self._fresh]
        # Totals go on from all that came before; deltas and events are those of the new steps.
        counted = [each if each.agent == GEMINI_CLI else self._only_fresh(each) for each in whole]
        exported = {LOGS: telemetry.logs(whole, *window), METRICS: telemetry.metrics(counted, *window)}
        self._fresh.clear()
        self._sessions = {name: each for name, each in self._sessions.items() if now_ns - each.steps[-1].at_ns < 40 * _EVERY_NS}
        logged = payloads.kept(whole, *window, month_ends_ns=0)
        return [*batches(self._tables, exported, now_ns), *payload_batches(self._tables, logged, now_ns)]

    def _only_fresh(self, session: AgentSession) -> AgentSession:
        return msgspec.structs.replace(session, steps=tuple(self._fresh[session.session_id]))
