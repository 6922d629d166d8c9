"""`sessions`: one row a session of a coding agent, from the gateway's rows and the agents' own reports together. Text and columns.

A session is what an agent calls one. Exchanges of an agent that names none belong to the session before them in the same run of its token, if a
report named one, and else make up a session of their own: a run ends where a token and agent pause for more than thirty minutes.

The view adds up parts: what one token used in one stretch of time, of one session. What was under way where a stretch begins is read from the parts
before it.
"""

from headgate.catalog.ledger.sources import EVER, Stretch, filled
from headgate.catalog.types import Field, Structure, parse_columns

_COMMENTS = {
    "session_id": "the agent's own id; of a session that no agent named, run: and the first request id",
    "session_named": "whether the agent named the session",
    "principal": "who was authenticated, in the session's last exchange that passed; NULL where none did",
    "client_user": "who the client says its user is; not verified",
    "turns": "prompts, as the client reported them or as requests named their turns",
    "requests": "exchanges that passed or bypassed the gateway, counting of tokens apart",
    "client_cost_usd": "the client's own price guess; Claude Code alone has one",
    "outcome": "committed, edited, answered, abandoned or failed: the first of these that holds",
    "models": "those that answered, and those that were charged beside them",
    "errors": "exchanges that did not end well; of a session that never passed, its failed reports",
}
_COLUMNS = parse_columns("""
    session_id: string, session_named: boolean, agent: string, agent_version: string, surface: string, principal: string, client_user: string,
    repository: string, started_at: timestamp, ended_at: timestamp, active_time_s: double, turns: bigint, requests: bigint,
    bypassed_requests: bigint, subagents: bigint, tool_calls: bigint, tools_accepted: bigint, tools_rejected: bigint,
    fresh_input_tokens: bigint, cache_read_tokens: bigint, cache_write_tokens: bigint, output_tokens: bigint, reasoning_tokens: bigint,
    total_tokens: bigint, charge: decimal(38,12), client_cost_usd: double,
    lines_added: bigint, lines_removed: bigint, commits: bigint, pull_requests: bigint, outcome: string, errors: bigint, models: array<string>""")
SCHEMA = Structure(tuple(Field(column.name, column.type, comment=_COMMENTS.get(column.name, "")) for column in _COLUMNS))
COMMENT = "One row a session of a coding agent: who, where, how long, how much, and what came of it."


PARTS = parse_columns("""
    session: string, agent: string, principal_id: string, token_id: string, named: boolean, agent_version: string, version_us: bigint,
    surface: string, surface_us: bigint, principal: string, principal_us: bigint, client_user: string, repository: string, started_us: bigint,
    ended_us: bigint, passed_until_us: bigint, turn_ids: array<string>, requests: bigint, bypassed_requests: bigint, subagent_ids: array<string>,
    fresh_input: bigint, cache_read: bigint, cache_write: bigint, output: bigint, reasoning: bigint, charge: decimal(38,12),
    client_cost_usd: double, ended: string, seen: bigint, failed_reports: bigint, failed_exchanges: bigint, models: array<string>""")


def text(parts: str, client_sessions: str, stretch: Stretch = EVER) -> str:
    """The view's query over parts, a query in brackets, and the agents' reports, a view's name or a query in brackets; sessions that ended in the last days
    of the stretch, or all.
    """
    shown = stretch.shown("\nWHERE", "greatest(timestamp_micros(p.ended_us), c.ended_at)")
    return filled(_TEXT, {"parts": parts, "client_sessions": client_sessions, "shown": shown})


def part_text(exchanges: str, stretch: Stretch = EVER, earlier: str = "") -> str:
    """The parts of a stretch, from its exchanges (a view's name, or a query in brackets) and the parts before it (a query in brackets)."""
    since_us = stretch.start_us - _PAUSE_S * 1_000_000
    carried = filled(_CARRIED, {"earlier": earlier, "since": str(since_us), "start": str(stretch.start_us)}) if earlier else ""
    return filled(_PARTS, {"exchanges": exchanges, "carried": carried})


_PAUSE_S = 1800
# The runs that may go on in the stretch, each as one exchange just before it.
_CARRIED = """
  UNION ALL
  SELECT CASE WHEN named THEN '' ELSE substring(session, 5) END, holder, CASE WHEN named THEN session END, {start} - 1, until_us
  FROM (
    SELECT concat_ws('|', token_id, agent) AS holder, max_by(session, passed_until_us) AS session, max_by(named, passed_until_us) AS named,
      max(passed_until_us) AS until_us
    FROM {earlier} AS every_part
    WHERE passed_until_us >= {since}
    GROUP BY concat_ws('|', token_id, agent)) AS under_way
  WHERE holder IN (SELECT concat_ws('|', token_id, agent) FROM asked WHERE via = 'gateway' AND session_id IS NULL)"""
_PARTS = r"""-- What passed or was reported of each session.
WITH asked AS (
  SELECT via, agent, agent_version, surface, session_id, subagent_id, turn_id, request_id, requester, principal_id, token_id, client_user,
    coalesce(request_tags['repository'], request_tags['repo']) AS repository, coalesce(model_served, model_sent, model_asked, client_model) AS model,
    unix_micros(event_time) AS started_us,
    unix_micros(event_time) + coalesce(latency_ms, CASE WHEN via <> 'gateway' THEN client_duration_ms END, 0) * 1000 AS ended_us,
    CASE WHEN via = 'gateway' THEN ended WHEN via = 'bypassed' THEN 'completed' ELSE 'failed' END AS ended,
    CASE WHEN via = 'gateway' THEN fresh_input_tokens
      ELSE client_input_tokens - coalesce(client_cache_read_tokens, 0) - coalesce(client_cache_write_tokens, 0) END AS fresh_input,
    CASE WHEN via = 'gateway' THEN cache_read_tokens ELSE client_cache_read_tokens END AS cache_read,
    CASE WHEN via = 'gateway' THEN coalesce(cache_write_5m_tokens, 0) + coalesce(cache_write_1h_tokens, 0)
      ELSE client_cache_write_tokens END AS cache_write,
    CASE WHEN via = 'gateway' THEN output_tokens ELSE client_output_tokens END AS output,
    CASE WHEN via = 'gateway' THEN reasoning_tokens ELSE client_reasoning_tokens END AS reasoning,
    charge, client_cost_usd, usage_lines
  FROM {exchanges} AS every_exchange
  WHERE api_type IS NULL OR NOT lower(api_type) RLIKE 'count_?tokens$'
),
-- Runs of one token and agent, wherever an exchange has no session.
loose AS (
  SELECT request_id, concat_ws('|', token_id, agent) AS holder, session_id, started_us, ended_us FROM asked WHERE via = 'gateway'
    AND concat_ws('|', token_id, agent) IN (SELECT concat_ws('|', token_id, agent) FROM asked WHERE via = 'gateway' AND session_id IS NULL){carried}
),
paused AS (
  SELECT *, CASE WHEN started_us - max(ended_us) OVER (PARTITION BY holder ORDER BY started_us, request_id
    ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) <= 1800000000 THEN 0 ELSE 1 END AS begins
  FROM loose
),
numbered AS (
  SELECT *, sum(begins) OVER (PARTITION BY holder ORDER BY started_us, request_id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS run FROM paused
),
neighbours AS (
  SELECT request_id, session_id AS own,
    last_value(session_id) IGNORE NULLS OVER (PARTITION BY holder, run ORDER BY started_us, request_id
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS before,
    first_value(session_id) IGNORE NULLS OVER (PARTITION BY holder, run ORDER BY started_us, request_id
      ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS after,
    concat('run:', first_value(request_id) OVER (PARTITION BY holder, run ORDER BY started_us, request_id)) AS unnamed
  FROM numbered
),
found AS (
  SELECT request_id, coalesce(before, after, unnamed) AS session, coalesce(before, after) IS NOT NULL AS named FROM neighbours WHERE own IS NULL
),
placed AS (
  SELECT a.*, coalesce(a.session_id, f.session) AS session, coalesce(f.named, true) AS named
  FROM asked AS a LEFT JOIN found AS f ON f.request_id = a.request_id
)
SELECT p.session, p.agent, p.principal_id, p.token_id, bool_and(p.named) AS named,
  max_by(p.agent_version, p.started_us) FILTER (WHERE p.agent_version IS NOT NULL) AS agent_version,
  max(p.started_us) FILTER (WHERE p.agent_version IS NOT NULL) AS version_us,
  max_by(p.surface, p.started_us) FILTER (WHERE p.surface IS NOT NULL) AS surface,
  max(p.started_us) FILTER (WHERE p.surface IS NOT NULL) AS surface_us,
  max_by(p.requester, p.started_us) FILTER (WHERE p.requester IS NOT NULL) AS principal,
  max(p.started_us) FILTER (WHERE p.requester IS NOT NULL) AS principal_us, max(p.client_user) AS client_user, max(p.repository) AS repository,
  min(p.started_us) AS started_us, max(p.ended_us) AS ended_us, max(p.ended_us) FILTER (WHERE p.via = 'gateway') AS passed_until_us,
  array_sort(array_distinct(collect_list(p.turn_id))) AS turn_ids, count(*) FILTER (WHERE p.via <> 'failed') AS requests,
  count(*) FILTER (WHERE p.via = 'bypassed') AS bypassed_requests, array_sort(array_distinct(collect_list(p.subagent_id))) AS subagent_ids,
  CAST(sum(p.fresh_input) AS BIGINT) AS fresh_input, CAST(sum(p.cache_read) AS BIGINT) AS cache_read,
  CAST(sum(p.cache_write) AS BIGINT) AS cache_write, CAST(sum(p.output) AS BIGINT) AS output, CAST(sum(p.reasoning) AS BIGINT) AS reasoning,
  CAST(sum(p.charge) AS DECIMAL(38, 12)) AS charge, sum(p.client_cost_usd) AS client_cost_usd, max_by(p.ended, p.ended_us) AS ended,
  count(*) FILTER (WHERE p.via = 'gateway') AS seen, count(*) FILTER (WHERE p.via = 'failed') AS failed_reports,
  count(*) FILTER (WHERE p.via = 'gateway' AND p.ended IN ('failed', 'cut', 'refused', 'interrupted')) AS failed_exchanges,
  array_sort(filter(array_distinct(flatten(collect_list(concat(array(p.model), coalesce(transform(p.usage_lines, l -> l.model), array()))))),
    m -> m IS NOT NULL)) AS models
FROM placed AS p
WHERE p.session IS NOT NULL
GROUP BY p.session, p.agent, p.principal_id, p.token_id
"""

_TEXT = r"""-- One row a session, from both sides, all parts of a session together.
WITH parts AS (SELECT * FROM {parts} AS every),
reported AS (
  SELECT * FROM {client_sessions} AS every_report
),
-- A thread of a sub-agent of Codex belongs to the session that its requests name.
threads AS (
  SELECT thread, max(session) AS session
  FROM parts LATERAL VIEW explode(subagent_ids) every_thread AS thread
  WHERE agent = 'codex' AND named AND thread <> session
  GROUP BY thread
),
clients AS (
  SELECT coalesce(t.session, r.session_id) AS session, r.agent, count(t.thread) AS threads, max(r.agent_version) AS agent_version,
    max(r.surface) AS surface,
    max(r.client_user) AS client_user, max(r.repository) AS repository, min(r.started_at) AS started_at, max(r.ended_at) AS ended_at,
    sum(r.active_time_s) AS active_time_s, sum(CASE WHEN t.thread IS NULL THEN r.prompts END) AS prompts, sum(r.subagents) AS subagents,
    sum(r.tool_calls) AS tool_calls, sum(r.tools_accepted) AS tools_accepted, sum(r.tools_rejected) AS tools_rejected, sum(r.edits) AS edits,
    sum(r.lines_added) AS lines_added, sum(r.lines_removed) AS lines_removed, sum(r.commits) AS commits, sum(r.pull_requests) AS pull_requests,
    sum(r.cost_usd) AS cost_usd, sum(r.fresh_input_tokens) AS fresh_input, sum(r.cache_read_tokens) AS cache_read,
    sum(r.cache_write_tokens) AS cache_write, sum(r.output_tokens) AS output, sum(r.reasoning_tokens) AS reasoning
  FROM reported AS r LEFT JOIN threads AS t ON r.agent = 'codex' AND t.thread = r.session_id
  GROUP BY coalesce(t.session, r.session_id), r.agent
),
-- The agent of a session, for those of its exchanges that do not say. The known agents' ids are theirs alone; others are kept apart by user.
agents AS (
  SELECT session, max(agent) AS agent FROM (SELECT session, agent FROM parts UNION ALL SELECT session, agent FROM clients) AS every
  WHERE session IN (SELECT session FROM parts WHERE agent IS NULL)
  GROUP BY session
),
owned AS (
  SELECT p.*, coalesce(t.session, p.session) AS whole, coalesce(p.agent, n.agent, 'unknown') AS whose,
    CASE WHEN coalesce(p.agent, n.agent) IN ('claude-code', 'codex', 'gemini-cli') THEN '' ELSE coalesce(p.principal_id, '') END AS owner
  FROM parts AS p LEFT JOIN agents AS n ON n.session = p.session LEFT JOIN threads AS t ON p.agent = 'codex' AND t.thread = p.session
),
passed AS (
  SELECT whole AS session, whose AS agent, bool_and(named) AS named,
    max_by(agent_version, version_us) FILTER (WHERE agent_version IS NOT NULL) AS agent_version,
    max_by(surface, surface_us) FILTER (WHERE surface IS NOT NULL) AS surface,
    max_by(principal, principal_us) FILTER (WHERE principal IS NOT NULL) AS principal, max(client_user) AS client_user,
    max(repository) AS repository, min(started_us) AS started_us, max(ended_us) AS ended_us,
    size(array_distinct(flatten(collect_list(turn_ids)))) AS turns, sum(requests) AS requests, sum(bypassed_requests) AS bypassed_requests,
    size(array_distinct(flatten(collect_list(subagent_ids)))) AS subagents, sum(fresh_input) AS fresh_input, sum(cache_read) AS cache_read,
    sum(cache_write) AS cache_write, sum(output) AS output, sum(reasoning) AS reasoning, sum(charge) AS charge,
    sum(client_cost_usd) AS client_cost_usd, max_by(ended, ended_us) AS ended, sum(seen) AS seen, sum(failed_reports) AS failed_reports,
    sum(failed_exchanges) AS failed_exchanges, array_sort(array_distinct(flatten(collect_list(models)))) AS models
  FROM owned
  GROUP BY whole, whose, owner
)
SELECT coalesce(p.session, c.session) AS session_id, coalesce(p.named, true) AS session_named, coalesce(c.agent, p.agent) AS agent,
  coalesce(p.agent_version, c.agent_version) AS agent_version, coalesce(p.surface, c.surface) AS surface, p.principal,
  coalesce(p.client_user, c.client_user) AS client_user, coalesce(p.repository, c.repository) AS repository,
  least(timestamp_micros(p.started_us), c.started_at) AS started_at, greatest(timestamp_micros(p.ended_us), c.ended_at) AS ended_at, c.active_time_s,
  CAST(coalesce(nullif(c.prompts, 0), nullif(p.turns, 0)) AS BIGINT) AS turns, CAST(coalesce(p.requests, 0) AS BIGINT) AS requests,
  CAST(coalesce(p.bypassed_requests, 0) AS BIGINT) AS bypassed_requests,
  CAST(greatest(coalesce(p.subagents, 0), c.subagents, c.threads) AS BIGINT) AS subagents,
  CAST(c.tool_calls AS BIGINT) AS tool_calls, CAST(c.tools_accepted AS BIGINT) AS tools_accepted, CAST(c.tools_rejected AS BIGINT) AS tools_rejected,
  CAST(CASE WHEN p.requests > 0 THEN p.fresh_input ELSE c.fresh_input END AS BIGINT) AS fresh_input_tokens,
  CAST(CASE WHEN p.requests > 0 THEN p.cache_read ELSE c.cache_read END AS BIGINT) AS cache_read_tokens,
  CAST(CASE WHEN p.requests > 0 THEN p.cache_write ELSE c.cache_write END AS BIGINT) AS cache_write_tokens,
  CAST(CASE WHEN p.requests > 0 THEN p.output ELSE c.output END AS BIGINT) AS output_tokens,
  CAST(CASE WHEN p.requests > 0 THEN p.reasoning ELSE c.reasoning END AS BIGINT) AS reasoning_tokens,
  CAST(CASE WHEN p.requests > 0 THEN coalesce(p.fresh_input, 0) + coalesce(p.cache_read, 0) + coalesce(p.cache_write, 0) + coalesce(p.output, 0)
    ELSE coalesce(c.fresh_input, 0) + coalesce(c.cache_read, 0) + coalesce(c.cache_write, 0) + coalesce(c.output, 0) END AS BIGINT) AS total_tokens,
  CAST(p.charge AS DECIMAL(38, 12)) AS charge, coalesce(p.client_cost_usd, c.cost_usd) AS client_cost_usd,
  CAST(c.lines_added AS BIGINT) AS lines_added, CAST(c.lines_removed AS BIGINT) AS lines_removed, CAST(c.commits AS BIGINT) AS commits,
  CAST(c.pull_requests AS BIGINT) AS pull_requests,
  CASE WHEN c.commits > 0 OR c.pull_requests > 0 THEN 'committed'
    WHEN c.edits > 0 OR c.lines_added > 0 OR c.lines_removed > 0 THEN 'edited'
    WHEN p.ended = 'completed' THEN 'answered'
    WHEN p.ended = 'client_gone' OR p.ended IS NULL THEN 'abandoned'
    ELSE 'failed' END AS outcome,
  CAST(CASE WHEN p.seen > 0 THEN p.failed_exchanges ELSE coalesce(p.failed_reports, 0) END AS BIGINT) AS errors, coalesce(p.models, array()) AS models
FROM passed AS p
FULL OUTER JOIN clients AS c ON c.session = p.session AND c.agent = p.agent{shown}
"""
