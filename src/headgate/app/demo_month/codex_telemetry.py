"""What Codex exports of a session: events without a time but an observed one, all values as text, two ends of each answer; and counters without a session.

Seen with version 0.169.0. Lines and commits are the numbers that an ingest counts from arguments before it takes those out.
"""

from collections.abc import Iterator

from headgate.app.demo_month.exports import ExportedPoint, ExportedRecord, Value, attributes_of, counter, record
from headgate.app.demo_month.happenings import AgentSession, AgentStep
from headgate.app.demo_month.moments import stamp, tool_moments
from headgate.telemetry.tool_outcomes import COMMITS, LINES_ADDED, LINES_REMOVED, PULL_REQUESTS

EVENTS_SCOPE, METRICS_SCOPE = "codex_otel.log_only", "codex"
_SOURCE_LINE = "event otel/src/events/session_telemetry.rs:803"
_MS = 1_000_000


def resource(session: AgentSession) -> dict[str, Value]:
    """What describes the process."""
    return {
        "service.name": _originator(session),
        "service.version": session.agent_version,
        "env": "dev",
        "repository": session.repository,
        "team": session.person.group,
    }


def records(session: AgentSession) -> Iterator[ExportedRecord]:
    """The events of the session, in their order."""
    common = {
        "conversation.id": session.session_id,
        "app.version": session.agent_version,
        "originator": _originator(session),
        "terminal.type": "xterm-256color",
        "user.email": session.person.name,
        "model": session.model,
        "slug": session.model,
    }
    shared = attributes_of(common)

    def made(at_ns: int, name: str, values: dict[str, str]) -> ExportedRecord:
        own = {"event.name": f"codex.{name}", "event.timestamp": stamp(at_ns), **values}
        return record(at_ns, own, shared=shared, event_name=_SOURCE_LINE, timed=False)

    yield made(session.begun_at_ns, "conversation_starts", {"provider_name": "headgate", "approval_policy": "on-request", "context_window": "272000"})
    for step in session.steps:
        for at_ns, name, values in _events(step):
            yield made(at_ns, name, values)
    if session.commits:
        last = session.steps[-1]
        done = {
            "tool_name": "shell",
            "call_id": f"call_{session.session_id[:8]}",
            "success": "true",
            "duration_ms": "210",
            COMMITS: str(session.commits),
        }
        made_requests = {PULL_REQUESTS: str(session.pull_requests)} if session.pull_requests else {}
        yield made(last.at_ns + 1, "tool_result", done | made_requests)


def points(session: AgentSession) -> Iterator[ExportedPoint]:
    """The counters, which name neither a session nor a user."""
    begun_ns, ended_ns = session.begun_at_ns, session.steps[-1].at_ns
    yield counter("codex.thread.started", "", attributes_of({"is_git": "true"}, 7), 1, (begun_ns, begun_ns + _MS))
    used = sum(len(step.tools) for step in session.steps)
    if used:
        yield counter("codex.tool.call", "", attributes_of({"tool": "shell", "success": "true"}, 7), used, (begun_ns, ended_ns))


def _originator(session: AgentSession) -> str:
    return {"exec": "codex_exec", "vscode": "codex_vscode"}.get(session.surface, "codex-tui")


def _events(step: AgentStep) -> Iterator[tuple[int, str, dict[str, str]]]:
    outcome, usage = step.outcome, step.outcome.usage
    if step.prompt_chars:
        yield outcome.intent.started_at_ns, "user_prompt", {"prompt_length": str(step.prompt_chars), "prompt": "[REDACTED]"}
    asked = {"duration_ms": str(outcome.time_to_first_byte_ms), "attempt": "0", "endpoint": "/responses", "auth.header_attached": "true"}
    failed = {"error.message": outcome.error_code} if outcome.status_code >= 400 else {}
    yield outcome.intent.started_at_ns + 1, "api_request", asked | {"http.response.status_code": str(outcome.status_code)} | failed
    if usage is not None and outcome.ended == "completed":
        yield step.at_ns, "sse_event", {"event.kind": "response.completed", "duration_ms": "0"}
        counts = {
            "input_token_count": usage.all_input_tokens,
            "output_token_count": usage.output_tokens,
            "cached_token_count": usage.cache_read_tokens,
            "reasoning_token_count": usage.reasoning_tokens,
            "ttft_ms": outcome.time_to_first_byte_ms,
        }
        yield step.at_ns + 1, "sse_event", {"event.kind": "response.completed"} | {name: str(count or 0) for name, count in counts.items()}
    for tool, begun_ns, ended_ns, use_id in tool_moments(step):
        named = {"tool_name": tool.name, "call_id": use_id.replace("toolu_", "call_")}
        source = "config" if tool.automatic else "user"
        yield begun_ns, "tool_decision", named | {"decision": "approved" if tool.accepted else "denied", "source": source}
        if tool.accepted:
            lines = {LINES_ADDED: str(tool.added), LINES_REMOVED: str(tool.removed)} if tool.added else {}
            yield ended_ns, "tool_result", named | {"success": str(tool.ok).lower(), "duration_ms": str(tool.duration_ms)} | lines
