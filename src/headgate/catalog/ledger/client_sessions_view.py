"""`client_sessions`: what the agents reported of their sessions beside single requests: prompts, tools, lines, commits. Text and columns.

The view adds up parts: what was reported of one session in one stretch of time. A session that goes on for days has a part in each.

Claude Code counts lines, commits and pull requests as metrics with delta temporality. Gemini CLI counts lines as running totals, and nothing else.
Codex counts none of them, and its metrics name no session: its tools show what it did. Nothing is run here.
"""

from collections.abc import Sequence

from headgate.catalog.ledger.sources import EVER, OtelTable, Stretch, filled, listed, union
from headgate.catalog.otel_tables import LOGS, METRICS
from headgate.catalog.types import Structure, parse_columns

EVENTS = (
    "user_prompt",
    "api_request",
    "api_error",
    "subagent_completed",
    "claude_code.user_prompt",
    "claude_code.api_request",
    "claude_code.api_error",
    "claude_code.subagent_completed",
    "codex.conversation_starts",
    "codex.user_prompt",
    "codex.api_request",
    "gemini_cli.config",
    "gemini_cli.user_prompt",
    "gemini_cli.agent.start",
    "gemini_cli.api_response",
    "gemini_cli.api_error",
)
# Metric -> the measure it adds to; where an attribute splits it, by that attribute's value. `session.count` is none: Gemini CLI counts processes
# that never come to anything as sessions.
_MEASURES = (
    ("claude_code.lines_of_code.count", "added", "lines_added"),
    ("claude_code.lines_of_code.count", "removed", "lines_removed"),
    ("claude_code.commit.count", "", "commits"),
    ("claude_code.pull_request.count", "", "pull_requests"),
    ("claude_code.cost.usage", "", "cost_usd"),
    ("claude_code.active_time.total", "cli", "active_time_s"),
    ("claude_code.active_time.total", "user", "active_time_s"),
    ("claude_code.token.usage", "input", "fresh_input"),
    ("claude_code.token.usage", "cacheRead", "cache_read"),
    ("claude_code.token.usage", "cacheCreation", "cache_write"),
    ("claude_code.token.usage", "output", "output"),
    ("gemini_cli.lines.changed", "added", "lines_added"),
    ("gemini_cli.lines.changed", "removed", "lines_removed"),
    ("gemini_cli.token.usage", "input", "all_input"),
    ("gemini_cli.token.usage", "cache", "cache_read"),
    ("gemini_cli.token.usage", "output", "output"),
    ("gemini_cli.token.usage", "thought", "reasoning"),
)
METRIC_NAMES = tuple(dict.fromkeys(metric for metric, _, _ in _MEASURES))

SCHEMA = Structure(
    parse_columns("""
        agent: string, session_id: string, started_at: timestamp, ended_at: timestamp, agent_version: string, surface: string, client_user: string,
        repository: string, prompts: bigint, subagents: bigint, tool_calls: bigint, tools_accepted: bigint, tools_rejected: bigint, edits: bigint,
        lines_added: bigint, lines_removed: bigint, commits: bigint, pull_requests: bigint, cost_usd: double, active_time_s: double,
        fresh_input_tokens: bigint, cache_read_tokens: bigint, cache_write_tokens: bigint, output_tokens: bigint, reasoning_tokens: bigint""")
)
COMMENT = "What the coding agents reported of their sessions: prompts, tools, lines, commits; one row a session and agent."


PARTS = parse_columns("""
    agent: string, session_id: string, started_us: bigint, ended_us: bigint, agent_version: string, surface: string, client_user: string,
    repository: string, prompts: bigint, subagents: bigint, zero: bigint, tool_calls: bigint, tools_accepted: bigint, tools_rejected: bigint,
    edits: bigint, tool_lines_added: bigint, tool_lines_removed: bigint, tool_commits: bigint, tool_pull_requests: bigint, lines_added: double,
    lines_removed: double, commits: double, pull_requests: double, cost_usd: double, active_time_s: double, fresh_input: double,
    all_input: double, cache_read: double, cache_write: double, output: double, reasoning: double""")
# A process that counts up may rest for so long, and its next point still says what it had counted before.
_REST_S = 2 * 86_400


def text(parts: str) -> str:
    """The view's query over parts, a query in brackets."""
    return filled(_TEXT, {"parts": parts})


def part_text(tables: Sequence[OtelTable], client_tools: str, stretch: Stretch = EVER) -> str:
    """The parts of a stretch, from these tables and its tool calls: a view's name, or a query in brackets."""
    values = {
        "records": union(tables, LOGS),
        "client_tools": client_tools,
        "points": union(tables, METRICS),
        "events": listed(EVENTS),
        "recent": stretch.read_ns("\n    AND", "observed_time_unix_nano"),
        "own_events": stretch.own(" AND", "time_us"),
        "metrics": listed(METRIC_NAMES),
        "recent_points": _points(stretch),
        "measures": _measures(),
        **_series(stretch),
    }
    return filled(_PARTS, values)


def _series(stretch: Stretch) -> dict[str, str]:
    """How much a series grew in the stretch. All that a running total ever counted is its greatest value."""
    if not stretch.bounded:
        return {"total": "max(value)", "counted": "", "met": ""}
    within = f"FILTER (WHERE time_ns >= {stretch.start_us * 1000})"
    return {
        "total": f"greatest(max(value) - coalesce(max(value) FILTER (WHERE time_ns < {stretch.start_us * 1000}), 0), 0)",
        "counted": f" {within}",
        "met": f"\n  HAVING count(*) {within} > 0",
    }


def _points(stretch: Stretch) -> str:
    """Points that count: those of the stretch, and of a running total the last ones before it."""
    if not stretch.bounded:
        return stretch.read_ns("\n    AND", "time_ns")
    earlier = Stretch(start_us=stretch.start_us - _REST_S * 1_000_000, end_us=stretch.end_us)
    total = "(name LIKE 'gemini_cli.%' OR temporality LIKE '%CUMULATIVE')"
    return f"{earlier.read_ns(chr(10) + '    AND', 'time_ns')}\n    AND (time_ns >= {stretch.start_us * 1000} OR {total})"


def _measures() -> str:
    """The branches of a CASE over a metric's name and type."""
    cases = [f"WHEN '{metric}{' ' if kind else ''}{kind}' THEN '{measure}'" for metric, kind, measure in _MEASURES]
    return "\n      ".join(" ".join(cases[place : place + 2]) for place in range(0, len(cases), 2))


_PARTS = r"""-- What the agents reported of their sessions.
WITH stored_records AS (
  {records}),
stored_points AS (
  {points}),
records AS (
  SELECT CASE WHEN event_name LIKE 'codex.%' THEN 'codex' WHEN event_name LIKE 'gemini_cli.%' THEN 'gemini-cli' ELSE 'claude-code' END AS agent,
    regexp_replace(event_name, '^(claude_code|codex|gemini_cli)\\.', '') AS event,
    coalesce(nullif(time_unix_nano, 0), observed_time_unix_nano) div 1000 AS time_us,
    coalesce(attributes['conversation.id'], attributes['session.id'], resource['session.id']) AS session_id, attributes, resource
  FROM stored_records
  WHERE event_name IN (
    {events}){recent}
    AND (event_name LIKE 'codex.%' OR event_name LIKE 'gemini_cli.%'
    OR scope LIKE 'com.anthropic.claude_code%' OR resource['service.name'] LIKE 'claude-code%')
),
-- One row a record, also where it was exported twice or to two tables.
events AS (
  SELECT DISTINCT agent, event, time_us, session_id, attributes['event.sequence'] AS place,
    coalesce(attributes['app.version'], CASE WHEN agent <> 'gemini-cli' THEN resource['service.version'] END) AS agent_version,
    coalesce(attributes['app.entrypoint'], replace(regexp_replace(attributes['originator'], '^codex[-_]', ''), 'cli_rs', 'cli')) AS surface,
    attributes['user.email'] AS client_user,
    coalesce(attributes['vcs.repository.url.full'], attributes['vcs.repository.name'], attributes['repository'], attributes['repo'],
      resource['vcs.repository.url.full'], resource['vcs.repository.name'], resource['repository'], resource['repo']) AS repository
  FROM records
  WHERE session_id IS NOT NULL{own_events}
),
activity AS (
  SELECT agent, session_id, min(time_us) AS started_us, max(time_us) AS ended_us, max(agent_version) AS agent_version, max(surface) AS surface,
    max(client_user) AS client_user, max(repository) AS repository, count(*) FILTER (WHERE event = 'user_prompt') AS prompts,
    count(*) FILTER (WHERE event IN ('subagent_completed', 'agent.start')) AS subagents, 0 AS zero
  FROM events
  GROUP BY agent, session_id
),
tools AS (
  SELECT agent, session_id, unix_micros(min(called_at)) AS started_us, unix_micros(max(called_at)) AS ended_us,
    count(*) FILTER (WHERE ran) AS tool_calls, count(*) FILTER (WHERE decision = 'accepted') AS tools_accepted,
    count(*) FILTER (WHERE decision = 'rejected') AS tools_rejected, count(*) FILTER (WHERE edited) AS edits, sum(lines_added) AS lines_added,
    sum(lines_removed) AS lines_removed, sum(commits) AS commits, sum(pull_requests) AS pull_requests
  FROM {client_tools} AS every
  WHERE session_id IS NOT NULL
  GROUP BY agent, session_id
),
-- A series is what one process counts under one set of attributes; a point of it that was exported twice is one point.
points AS (
  SELECT name, attributes['type'] AS kind, coalesce(attributes['session.id'], resource['session.id']) AS session_id,
    to_json(attributes) AS bag, start_ns, time_ns, coalesce(max(temporality), '') AS temporality, max(value) AS value
  FROM stored_points
  WHERE value IS NOT NULL AND name IN (
    {metrics}){recent_points}
  GROUP BY name, attributes['type'], coalesce(attributes['session.id'], resource['session.id']), to_json(attributes), start_ns, time_ns
),
-- Deltas add up; of a running total the last, which is the greatest, holds.
totals AS (
  SELECT CASE WHEN name LIKE 'gemini_cli.%' THEN 'gemini-cli' ELSE 'claude-code' END AS agent, session_id,
    CASE concat_ws(' ', name, kind)
      {measures} END AS measure,
    min(coalesce(start_ns, time_ns)) AS started_ns, max(time_ns) AS ended_ns,
    CASE WHEN max(temporality) LIKE '%CUMULATIVE' OR (name LIKE 'gemini_cli.%' AND max(temporality) NOT LIKE '%DELTA')
      THEN {total} ELSE sum(value){counted} END AS value
  FROM points
  WHERE session_id IS NOT NULL
  GROUP BY name, kind, session_id, bag, start_ns{met}
),
measured AS (
  SELECT agent, session_id, min(started_ns) div 1000 AS started_us, max(ended_ns) div 1000 AS ended_us,
    coalesce(sum(value) FILTER (WHERE measure = 'lines_added'), 0) AS lines_added,
    coalesce(sum(value) FILTER (WHERE measure = 'lines_removed'), 0) AS lines_removed,
    coalesce(sum(value) FILTER (WHERE measure = 'commits'), 0) AS commits,
    coalesce(sum(value) FILTER (WHERE measure = 'pull_requests'), 0) AS pull_requests,
    sum(value) FILTER (WHERE measure = 'cost_usd') AS cost_usd, sum(value) FILTER (WHERE measure = 'active_time_s') AS active_time_s,
    sum(value) FILTER (WHERE measure = 'fresh_input') AS fresh_input, sum(value) FILTER (WHERE measure = 'all_input') AS all_input,
    sum(value) FILTER (WHERE measure = 'cache_read') AS cache_read, sum(value) FILTER (WHERE measure = 'cache_write') AS cache_write,
    sum(value) FILTER (WHERE measure = 'output') AS output, sum(value) FILTER (WHERE measure = 'reasoning') AS reasoning
  FROM totals
  GROUP BY agent, session_id
),
known AS (
  SELECT agent, session_id FROM activity UNION SELECT agent, session_id FROM tools UNION SELECT agent, session_id FROM measured
)
SELECT k.agent, k.session_id, least(a.started_us, t.started_us, m.started_us) AS started_us, greatest(a.ended_us, t.ended_us, m.ended_us) AS ended_us,
  a.agent_version, a.surface, a.client_user, a.repository, a.prompts, a.subagents, CAST(a.zero AS BIGINT) AS zero, t.tool_calls, t.tools_accepted,
  t.tools_rejected, t.edits, CAST(t.lines_added AS BIGINT) AS tool_lines_added, CAST(t.lines_removed AS BIGINT) AS tool_lines_removed,
  CAST(t.commits AS BIGINT) AS tool_commits, CAST(t.pull_requests AS BIGINT) AS tool_pull_requests, m.lines_added, m.lines_removed, m.commits,
  m.pull_requests, m.cost_usd, m.active_time_s, m.fresh_input, m.all_input, m.cache_read, m.cache_write, m.output, m.reasoning
FROM known AS k
LEFT JOIN activity AS a ON a.agent = k.agent AND a.session_id = k.session_id
LEFT JOIN tools AS t ON t.agent = k.agent AND t.session_id = k.session_id
LEFT JOIN measured AS m ON m.agent = k.agent AND m.session_id = k.session_id
"""

_TEXT = r"""-- What the agents reported of their sessions, all parts of a session together.
WITH parts AS (SELECT * FROM {parts} AS every),
whole AS (
  SELECT agent, session_id, min(started_us) AS started_us, max(ended_us) AS ended_us, max(agent_version) AS agent_version, max(surface) AS surface,
    max(client_user) AS client_user, max(repository) AS repository, sum(prompts) AS prompts, sum(subagents) AS subagents, max(zero) AS zero,
    sum(tool_calls) AS tool_calls, sum(tools_accepted) AS tools_accepted, sum(tools_rejected) AS tools_rejected, sum(edits) AS edits,
    sum(tool_lines_added) AS tool_lines_added, sum(tool_lines_removed) AS tool_lines_removed, sum(tool_commits) AS tool_commits,
    sum(tool_pull_requests) AS tool_pull_requests, sum(lines_added) AS lines_added, sum(lines_removed) AS lines_removed, sum(commits) AS commits,
    sum(pull_requests) AS pull_requests, sum(cost_usd) AS cost_usd, sum(active_time_s) AS active_time_s, sum(fresh_input) AS fresh_input,
    sum(all_input) AS all_input, sum(cache_read) AS cache_read, sum(cache_write) AS cache_write, sum(output) AS output, sum(reasoning) AS reasoning
  FROM parts
  GROUP BY agent, session_id
)
-- Lines are the metrics' where there are any. Commits are Claude Code's metrics, and what the tools of the others tell. NULL: nobody can know.
SELECT agent, session_id, timestamp_micros(started_us) AS started_at, timestamp_micros(ended_us) AS ended_at, agent_version, surface, client_user,
  repository, CAST(prompts AS BIGINT) AS prompts, CAST(subagents AS BIGINT) AS subagents, CAST(coalesce(tool_calls, zero) AS BIGINT) AS tool_calls,
  CAST(coalesce(tools_accepted, zero) AS BIGINT) AS tools_accepted, CAST(coalesce(tools_rejected, zero) AS BIGINT) AS tools_rejected,
  CAST(coalesce(edits, zero) AS BIGINT) AS edits,
  CAST(coalesce(lines_added, CASE WHEN agent <> 'claude-code' THEN coalesce(tool_lines_added, zero) END) AS BIGINT) AS lines_added,
  CAST(coalesce(lines_removed, CASE WHEN agent <> 'claude-code' THEN coalesce(tool_lines_removed, zero) END) AS BIGINT) AS lines_removed,
  CAST(CASE WHEN agent = 'claude-code' THEN commits ELSE coalesce(tool_commits, zero) END AS BIGINT) AS commits,
  CAST(CASE WHEN agent = 'claude-code' THEN pull_requests ELSE coalesce(tool_pull_requests, zero) END AS BIGINT) AS pull_requests,
  cost_usd, active_time_s, CAST(coalesce(fresh_input, all_input - coalesce(cache_read, 0)) AS BIGINT) AS fresh_input_tokens,
  CAST(cache_read AS BIGINT) AS cache_read_tokens, CAST(cache_write AS BIGINT) AS cache_write_tokens,
  CAST(output + coalesce(reasoning, 0) AS BIGINT) AS output_tokens, CAST(reasoning AS BIGINT) AS reasoning_tokens
FROM whole
"""
