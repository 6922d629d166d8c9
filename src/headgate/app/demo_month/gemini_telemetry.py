"""What Gemini CLI exports of a session: events, of which a second one beside each answer has the answer's id, and counters that are running totals.

https://github.com/google-gemini/gemini-cli/blob/main/docs/cli/telemetry.md (read 2026-08).
"""

import json
from collections import Counter
from collections.abc import Iterator

from headgate.app.demo_month.exports import CUMULATIVE, ExportedPoint, ExportedRecord, Value, attributes_of, counter, record
from headgate.app.demo_month.happenings import AgentSession, AgentStep
from headgate.app.demo_month.moments import stamp, tool_moments
from headgate.core.usage import Usage

EVENTS_SCOPE = METRICS_SCOPE = "gemini-cli"
_MS = 1_000_000


def resource(session: AgentSession) -> dict[str, Value]:
    """What describes the process."""
    return {
        "service.name": "gemini-cli",
        "service.version": "v22.23.3",
        "session.id": session.session_id,
        "repository": session.repository,
        "team": session.person.group,
    }


def records(session: AgentSession) -> Iterator[ExportedRecord]:
    """The events of the session, in their order."""
    shared = attributes_of(_identity(session))

    def made(at_ns: int, name: str, values: dict[str, Value]) -> ExportedRecord:
        full = name if "." in name else f"gemini_cli.{name}"
        return record(at_ns, {"event.name": full, "event.timestamp": stamp(at_ns), **values}, shared=shared, body=full)

    yield made(session.begun_at_ns, "config", {"model": session.model, "sandbox_enabled": False, "approval_mode": "default"})
    for step in session.steps:
        for at_ns, name, values in _events(step):
            yield made(at_ns, name, values)


def points(session: AgentSession) -> Iterator[ExportedPoint]:
    """The counters after each prompt; each point has all that came before."""
    shared, begun_ns = attributes_of(_identity(session), 7), session.begun_at_ns
    yield counter("gemini_cli.session.count", "", shared, 1, (begun_ns, begun_ns + _MS), CUMULATIVE)
    totals: Counter[tuple[str, tuple[tuple[str, Value], ...]]] = Counter()
    last = len(session.steps) - 1
    for place, step in enumerate(session.steps):
        usage = step.outcome.usage
        if usage is not None and step.outcome.ended == "completed":
            for kind, tokens in _counts(usage).items():
                totals["gemini_cli.token.usage", (("model", step.outcome.intent.model_asked), ("type", kind))] += tokens
        for tool in step.tools:
            for kind, lines in (("added", tool.added), ("removed", tool.removed)):
                if lines and tool.ok:
                    totals["gemini_cli.lines.changed", (("function_name", tool.name), ("type", kind))] += lines
        if place == last or session.steps[place + 1].prompt_chars:
            for (name, values), total in totals.items():
                yield counter(name, "", shared + attributes_of(dict(values), 7), total, (begun_ns, step.at_ns), CUMULATIVE)


def _identity(session: AgentSession) -> dict[str, Value]:
    return {
        "session.id": session.session_id,
        "installation.id": f"inst-{session.person.name.partition('@')[0]}",
        "user.email": session.person.name,
        "active_approval_mode": "default",
    }


def _counts(usage: Usage) -> dict[str, int]:
    reasoning = usage.reasoning_tokens or 0
    return {
        "input": usage.all_input_tokens or 0,
        "output": (usage.output_tokens or 0) - reasoning,
        "cache": usage.cache_read_tokens or 0,
        "thought": reasoning,
        "tool": 0,
    }


def _events(step: AgentStep) -> Iterator[tuple[int, str, dict[str, Value]]]:
    outcome, intent, usage = step.outcome, step.outcome.intent, step.outcome.usage
    if step.prompt_chars:
        yield intent.started_at_ns, "user_prompt", {"prompt_length": step.prompt_chars, "auth_type": "gateway"}
    asked: dict[str, Value] = {"model": intent.model_asked, "duration_ms": outcome.latency_ms, "auth_type": "gateway"}
    if usage is not None and outcome.ended == "completed":
        counts = _counts(usage)
        told = {
            "input_token_count": counts["input"],
            "output_token_count": counts["output"],
            "cached_content_token_count": counts["cache"],
            "thoughts_token_count": counts["thought"],
            "tool_token_count": 0,
        }
        yield step.at_ns, "api_response", asked | told | {"status_code": 200, "total_token_count": counts["input"] + (usage.output_tokens or 0)}
        details = {"gen_ai.response.id": outcome.response_id, "gen_ai.request.model": intent.model_asked}
        tokens = {"gen_ai.usage.input_tokens": counts["input"], "gen_ai.usage.output_tokens": counts["output"]}
        yield step.at_ns, "gen_ai.client.inference.operation.details", {**details, **tokens}
    elif outcome.ended != "client_gone":
        yield step.at_ns, "api_error", asked | {"error": outcome.error_code, "status_code": outcome.status_code}
    for tool, _, ended_ns, _ in tool_moments(step):
        called: dict[str, Value] = {
            "function_name": tool.name,
            "duration_ms": tool.duration_ms,
            "success": tool.ok,
            "decision": "auto_accept" if tool.automatic else "accept" if tool.accepted else "reject",
            "tool_type": "native",
        }
        if tool.added:
            called["metadata"] = json.dumps({"model_added_lines": tool.added, "model_removed_lines": tool.removed})
        yield ended_ns, "tool_call", called
