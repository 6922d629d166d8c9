"""What Claude Code exports of a session: events whose numbers are numbers, and counters with delta temporality, at the end of each prompt.

https://code.claude.com/docs/en/monitoring-usage (read 2026-08). What people wrote and models answered is not in it, as it is not in what an ingest stores.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from headgate.app.demo_month.cast import HAIKU, OPUS, SONNET
from headgate.app.demo_month.exports import ExportedPoint, ExportedRecord, Value, attributes_of, counter, record
from headgate.app.demo_month.happenings import AgentSession, AgentStep, ToolUse
from headgate.app.demo_month.moments import stamp, tool_moments
from headgate.core.usage import Usage

EVENTS_SCOPE, METRICS_SCOPE = "com.anthropic.claude_code.events", "com.anthropic.claude_code"
# The list prices that the client itself knows: US dollars per million tokens of input, cache reads, cache writes and output.
# https://platform.claude.com/docs/en/about-claude/pricing (read 2026-11)
_PRICES: Final = {OPUS: (5.0, 0.5, 6.25, 25.0), SONNET: (3.0, 0.3, 3.75, 15.0), HAIKU: (1.0, 0.1, 1.25, 5.0)}
_LANGUAGES: Final = ("TypeScript", "Python", "Go", "SQL")
_MS = 1_000_000


def resource(session: AgentSession) -> dict[str, Value]:
    """What describes the process."""
    return {
        "service.name": "claude-code",
        "service.version": session.agent_version,
        "os.type": "linux",
        "host.arch": "amd64",
        "repository": session.repository,
        "team": session.person.group,
    }


def records(session: AgentSession) -> Iterator[ExportedRecord]:
    """The events of the session, in their order."""
    shared = attributes_of(_identity(session))
    place = 0
    for step in session.steps:
        for at_ns, name, values in _events(step):
            place += 1
            own = {"event.name": name, "event.timestamp": stamp(at_ns), "event.sequence": place, **values}
            yield record(at_ns, own, shared=shared, body=f"claude_code.{name}")


def points(session: AgentSession) -> Iterator[ExportedPoint]:
    """The counters: the session itself, and after each prompt what came of it."""
    identity = _identity(session)
    begun_ns = session.begun_at_ns
    shared = attributes_of(identity, 7)
    yield counter("claude_code.session.count", "", shared + attributes_of({"start_type": "fresh"}, 7), 1, (begun_ns, begun_ns + _MS))
    from_ns = begun_ns
    for steps in _turns(session):
        until_ns = steps[-1].at_ns + 1
        for (name, unit, values), amount in _counted(steps, (until_ns - from_ns) / 1e9).items():
            yield counter(name, unit, shared + attributes_of(dict(values), 7), amount, (from_ns, until_ns))
        from_ns = until_ns
    for name, number in (("claude_code.commit.count", session.commits), ("claude_code.pull_request.count", session.pull_requests)):
        if number:
            yield counter(name, "", shared, number, (begun_ns, from_ns))


def _identity(session: AgentSession) -> dict[str, Value]:
    return {
        "user.id": f"{abs(session.begun_at_ns) % 16**8:08x}",
        "session.id": session.session_id,
        "organization.id": "acme",
        "user.email": session.person.name,
        "app.entrypoint": session.surface,
        "terminal.type": "vscode" if "vscode" in session.surface else "xterm-256color",
    }


def _events(step: AgentStep) -> Iterator[tuple[int, str, dict[str, Value]]]:
    outcome, intent = step.outcome, step.outcome.intent
    prompt = {"prompt.id": intent.turn_id} if intent.turn_id else {}
    source = "subagent" if intent.subagent_id else "main" if intent.turn_id else "auxiliary"
    if step.prompt_chars:
        yield intent.started_at_ns, "user_prompt", {**prompt, "prompt_length": step.prompt_chars}
    asked: dict[str, Value] = {
        **prompt,
        "model": intent.model_asked,
        "duration_ms": outcome.latency_ms,
        "request_id": intent.request_id,
        "query_source": source,
    }
    if outcome.usage is not None and outcome.ended == "completed":
        yield step.at_ns, "api_request", asked | _counts(intent.model_asked, outcome.usage)
    elif outcome.ended != "client_gone":
        yield step.at_ns, "api_error", asked | {"error": outcome.error_code, "status_code": outcome.status_code, "attempt": 1}
    for tool, begun_ns, ended_ns, use_id in tool_moments(step):
        named: dict[str, Value] = {**prompt, "tool_name": tool.name, "tool_use_id": use_id}
        source = "config" if tool.automatic else "user_temporary" if tool.accepted else "user_reject"
        yield begun_ns, "tool_decision", named | {"decision": "accept" if tool.accepted else "reject", "source": source}
        if tool.accepted:
            result = {
                "success": "true" if tool.ok else "false",
                "duration_ms": tool.duration_ms,
                "decision_type": "accept",
                "decision_source": source,
            }
            yield ended_ns, "tool_result", named | result | {"tool_result_size_bytes": tool.result_bytes}
        if tool.does == "subagent":
            yield ended_ns + _MS, "subagent_completed", {**prompt, "agent_type": "general-purpose", "duration_ms": tool.duration_ms}


def _counts(model: str, usage: Usage) -> dict[str, Value]:
    cost = cost_usd(model, usage)
    return {
        "input_tokens": usage.input_tokens or 0,
        "output_tokens": usage.output_tokens or 0,
        "cache_read_tokens": usage.cache_read_tokens or 0,
        "cache_creation_tokens": _written(usage),
        "cost_usd": cost,
        "cost_usd_micros": round(cost * 1e6),
    }


def cost_usd(model: str, usage: Usage) -> float:
    """What the client thinks that an answer cost."""
    fresh, read, written, output = _PRICES.get(model, (0.0, 0.0, 0.0, 0.0))
    nano = (usage.input_tokens or 0) * fresh + (usage.cache_read_tokens or 0) * read + _written(usage) * written + (usage.output_tokens or 0) * output
    return round(nano / 1e6, 6)


def _written(usage: Usage) -> int:
    return (usage.cache_write_5m_tokens or 0) + (usage.cache_write_1h_tokens or 0)


def _turns(session: AgentSession) -> list[list[AgentStep]]:
    """The steps of each prompt; those before the first belong to it."""
    turns: list[list[AgentStep]] = [[]]
    for step in session.steps:
        if step.prompt_chars and any(each.prompt_chars for each in turns[-1]):
            turns.append([])
        turns[-1].append(step)
    return [turn for turn in turns if turn]


_Measured = Counter[tuple[str, str, tuple[tuple[str, Value], ...]]]


def _counted(steps: list[AgentStep], seconds: float) -> _Measured:
    """The counters that the steps of a prompt add to: name, unit and attributes."""
    found: _Measured = Counter()
    for step in steps:
        intent, usage = step.outcome.intent, step.outcome.usage
        if usage is not None and step.outcome.ended == "completed":
            of_model: tuple[tuple[str, Value], ...] = (("model", intent.model_asked), ("query_source", "subagent" if intent.subagent_id else "main"))
            found["claude_code.cost.usage", "USD", of_model] += cost_usd(intent.model_asked, usage)  # type: ignore[assignment] # money is counted too
            kinds = {
                "input": usage.input_tokens,
                "output": usage.output_tokens,
                "cacheRead": usage.cache_read_tokens,
                "cacheCreation": _written(usage),
            }
            for kind, tokens in kinds.items():
                found["claude_code.token.usage", "tokens", (("type", kind), *of_model)] += tokens or 0
        for tool in step.tools:
            _count_edit(found, tool, intent.model_asked)
    busy = sum(step.outcome.latency_ms + sum(tool.duration_ms for tool in step.tools) for step in steps) / 1_000
    found["claude_code.active_time.total", "s", (("type", "cli"),)] += round(busy)
    found["claude_code.active_time.total", "s", (("type", "user"),)] += round(min(90.0, max(0.0, seconds - busy)))
    return found


def _count_edit(found: _Measured, tool: ToolUse, model: str) -> None:
    if tool.does not in {"edit", "write"}:
        return
    source = "config" if tool.automatic else "user_temporary"
    decision = (
        ("tool_name", tool.name),
        ("decision", "accept" if tool.accepted else "reject"),
        ("source", source),
        ("language", _LANGUAGES[tool.result_bytes % len(_LANGUAGES)]),
    )
    found["claude_code.code_edit_tool.decision", "", decision] += 1
    for kind, lines in (("added", tool.added), ("removed", tool.removed)):
        if lines and tool.ok:
            found["claude_code.lines_of_code.count", "", (("type", kind), ("model", model))] += lines
