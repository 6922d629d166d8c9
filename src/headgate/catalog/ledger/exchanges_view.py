"""`exchanges`: every exchange of the gateway beside what its client reported of it, and what clients reported that never came through.

Each row of the usage table is there exactly once, each report exactly once. A pair is made where both know the same id, or else where the two do not
contradict each other: the same session, model and token counts; the same session and model at the same time; and where an agent names no session,
the same model and token counts at the same time. Pairs of these three kinds are made in rounds of mutual first choices. Text and columns; nothing
is run here.
"""

import textwrap

from headgate.catalog.ledger.sources import EVER, Stretch, filled
from headgate.catalog.names import Name
from headgate.catalog.types import Field, Structure, parse_text
from headgate.catalog.usage_table import USAGE_LINES

COMMENT = "Every exchange of the gateway joined with its client's own report of it, and the reported requests that did not pass the gateway."
_ROUNDS = 3
_BEGAN_US = "unix_micros(r.reported_at) - coalesce(r.duration_ms, 0) * 1000"
_CHARS = 150

# Name, type, expression over the usage row (u) and its report (r), expression over a report alone.
_COLUMNS = (
    ("via", "string", "'gateway'", "CASE WHEN r.failed OR r.input_tokens IS NULL THEN 'failed' ELSE 'bypassed' END"),
    ("event_time", "timestamp", "u.event_time", f"timestamp_micros({_BEGAN_US})"),
    ("agent", "string", "coalesce(u.agent, r.agent)", "r.agent"),
    ("agent_version", "string", "u.agent_version", "NULL"),
    ("surface", "string", "u.surface", "NULL"),
    ("session_id", "string", "coalesce(u.session_id, r.session_id)", "r.session_id"),
    ("subagent_id", "string", "u.subagent_id", "NULL"),
    ("turn_id", "string", "u.turn_id", "NULL"),
    ("request_id", "string", "u.request_id", "NULL"),
    ("upstream_request_id", "string", "u.upstream_request_id", "NULL"),
    ("client_request_id", "string", "u.client_request_id", "NULL"),
    ("response_id", "string", "u.response_id", "NULL"),
    ("trace_id", "string", "u.trace_id", "NULL"),
    ("requester", "string", "u.requester", "NULL"),
    ("requester_type", "string", "u.requester_type", "NULL"),
    ("principal_id", "string", "u.principal_id", "NULL"),
    ("token_id", "string", "u.token_id", "NULL"),
    ("ip_address", "string", "u.ip_address", "NULL"),
    ("user_agent", "string", "u.user_agent", "NULL"),
    ("request_tags", "map<string,string>", "u.request_tags", "NULL"),
    ("endpoint_name", "string", "u.endpoint_name", "NULL"),
    ("endpoint_tags", "map<string,string>", "u.endpoint_tags", "NULL"),
    ("destination_name", "string", "u.destination_name", "NULL"),
    ("model_asked", "string", "u.model_asked", "NULL"),
    ("model_sent", "string", "u.model_sent", "NULL"),
    ("model_served", "string", "u.model_served", "NULL"),
    ("dialect", "string", "u.dialect", "NULL"),
    ("provider_dialect", "string", "u.provider_dialect", "NULL"),
    ("api_type", "string", "u.api_type", "NULL"),
    ("url", "string", "u.url", "NULL"),
    ("stream", "boolean", "u.stream", "NULL"),
    ("status_code", "int", "u.status_code", "NULL"),
    ("ended", "string", "u.ended", "NULL"),
    ("error_code", "string", "u.error_code", "NULL"),
    ("error_message", "string", "u.error_message", "NULL"),
    ("finish_reason", "string", "u.finish_reason", "NULL"),
    ("latency_ms", "bigint", "u.latency_ms", "NULL"),
    ("time_to_first_byte_ms", "bigint", "u.time_to_first_byte_ms", "NULL"),
    ("request_bytes", "bigint", "u.request_bytes", "NULL"),
    ("response_bytes", "bigint", "u.response_bytes", "NULL"),
    ("input_tokens", "bigint", "u.input_tokens", "NULL"),
    ("output_tokens", "bigint", "u.output_tokens", "NULL"),
    ("total_tokens", "bigint", "u.total_tokens", "NULL"),
    ("fresh_input_tokens", "bigint", "u.fresh_input_tokens", "NULL"),
    ("cache_read_tokens", "bigint", "u.cache_read_tokens", "NULL"),
    ("cache_write_5m_tokens", "bigint", "u.cache_write_5m_tokens", "NULL"),
    ("cache_write_1h_tokens", "bigint", "u.cache_write_1h_tokens", "NULL"),
    ("reasoning_tokens", "bigint", "u.reasoning_tokens", "NULL"),
    ("usage_estimated", "boolean", "u.usage_estimated", "NULL"),
    ("charge", "decimal(18,12)", "u.charge", "NULL"),
    ("charge_status", "string", "u.charge_status", "NULL"),
    ("service_tier", "string", "u.service_tier", "NULL"),
    ("usage_lines", USAGE_LINES, "u.usage_lines", "NULL"),
    ("charge_reported", "decimal(18,12)", "u.charge_reported", "NULL"),
    ("client_reported", "boolean", "r.report_id IS NOT NULL", "true"),
    ("match_kind", "string", "m.match_kind", "NULL"),
    ("report_id", "string", "r.report_id", "r.report_id"),
    ("client_event", "string", "r.event", "r.event"),
    ("client_failed", "boolean", "r.failed", "r.failed"),
    ("client_reported_at", "timestamp", "r.reported_at", "r.reported_at"),
    ("client_session_id", "string", "r.session_id", "r.session_id"),
    ("client_model", "string", "r.model", "r.model"),
    ("client_status_code", "int", "r.status_code", "r.status_code"),
    ("client_input_tokens", "bigint", "r.input_tokens", "r.input_tokens"),
    ("client_output_tokens", "bigint", "r.output_tokens", "r.output_tokens"),
    ("client_cache_read_tokens", "bigint", "r.cache_read_tokens", "r.cache_read_tokens"),
    ("client_cache_write_tokens", "bigint", "r.cache_write_tokens", "r.cache_write_tokens"),
    ("client_reasoning_tokens", "bigint", "r.reasoning_tokens", "r.reasoning_tokens"),
    ("client_cost_usd", "double", "r.cost_usd", "r.cost_usd"),
    ("client_duration_ms", "bigint", "r.duration_ms", "r.duration_ms"),
    ("client_user", "string", "r.client_user", "r.client_user"),
)

_COMMENTS = {
    "via": "gateway; bypassed: reported as answered and not seen here; failed: reported as not answered and not seen here",
    "event_time": "when the request arrived; of a row that did not pass, when its client began it",
    "session_id": "the agent's own, as its request said or else as its report says",
    "client_reported": "whether the client reported this request",
    "match_kind": "request_id, response_id, session_tokens, session_time or model_tokens: what the pair was known by",
    "client_input_tokens": "all input, cache reads and writes included, as input_tokens counts it",
    "client_output_tokens": "all output, reasoning included",
    "client_cost_usd": "the client's own price guess; Claude Code alone has one",
    "client_user": "who the client says its user is; not verified",
}
SCHEMA = Structure(tuple(Field(name, parse_text(kind), comment=_COMMENTS.get(name, "")) for name, kind, _, _ in _COLUMNS))


def text(usage: Name, client_requests: str, stretch: Stretch = EVER) -> str:
    """The view's query over the usage table and what clients reported, which is a name or a query in brackets."""
    # Pairs are made over more than is shown, so that no pair is split at the edge.
    values = {
        "recent": stretch.read("\n    WHERE", "event_time"),
        "and_recent": stretch.read("\n    AND", "event_time"),
        "shown": stretch.shown("\nWHERE", "u.event_time"),
        "and_shown": stretch.own("\n  AND", _BEGAN_US) or stretch.shown("\n  AND", "r.reported_at"),
        "usage": usage.sql,
        "client_requests": client_requests,
        "rounds": _rounds(),
        "made": " UNION ALL ".join(_EVERY.format(name=f"round{number}") for number in range(1, _ROUNDS + 1)),
        "passed": _select(2),
        "alone": _select(3),
    }
    return filled(_TEXT, values)


def _select(which: int) -> str:
    columns = ", ".join(f"{column[which]} AS {column[0]}" for column in _COLUMNS)
    return textwrap.fill(columns, _CHARS, initial_indent="  ", subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)


def _rounds() -> str:
    """Mutual first choices among the candidates, and then among those that are left."""
    query = ""
    for number in range(1, _ROUNDS + 1):
        left = f"candidates{number}" if number > 1 else "candidates"
        query += _round(left, f"round{number}")
        if number < _ROUNDS:
            query += _REST.format(left=left, round=f"round{number}", rest=f"candidates{number + 1}")
    return query


def _round(candidates: str, name: str) -> str:
    return _ROUND.format(candidates=candidates, name=name)


_EVERY = "SELECT * FROM {name}"
_ROUND = """,
{name} AS (
  SELECT exchange, report_id, match_kind FROM {candidates}
  QUALIFY row_number() OVER (PARTITION BY exchange ORDER BY preference, gap_us, report_id) = 1
    AND row_number() OVER (PARTITION BY report_id ORDER BY preference, gap_us, exchange) = 1
)"""
_REST = """,
{rest} AS (
  SELECT * FROM {left} WHERE exchange NOT IN (SELECT exchange FROM {round}) AND report_id NOT IN (SELECT report_id FROM {round})
)"""

_TEXT = r"""-- Every exchange of the gateway beside its client's report of it, and the reports that belong to none.
WITH reports AS (
  SELECT * FROM {client_requests} AS every
),
-- First by id: the client saw the provider's request id in the answer's headers, or ours where the provider gave none. Gemini CLI tells the
-- answer's own id instead. An id that several exchanges bear tells none of them apart.
bearers AS (
  SELECT id, CASE WHEN place < 2 THEN 'request_id' ELSE 'response_id' END AS match_kind, min(exchange) AS exchange, min(place) AS preference
  FROM (
    SELECT request_id AS exchange, place, id
    FROM {usage} LATERAL VIEW posexplode(array(request_id, upstream_request_id, response_id)) every_id AS place, id{recent}) AS every
  WHERE id IN (SELECT coalesce(request_id, response_id) FROM reports WHERE request_id IS NOT NULL OR response_id IS NOT NULL)
  GROUP BY id, CASE WHEN place < 2 THEN 'request_id' ELSE 'response_id' END
  HAVING min(exchange) = max(exchange)
),
-- A request that was both answered and reported to have failed was got over: the answer counts.
chosen AS (
  SELECT b.exchange, min(struct(b.preference, r.failed, r.report_id, b.match_kind)) AS best
  FROM bearers AS b JOIN reports AS r ON coalesce(r.request_id, r.response_id) = b.id
    AND b.match_kind = CASE WHEN r.request_id IS NOT NULL THEN 'request_id' ELSE 'response_id' END
  GROUP BY b.exchange
),
by_id AS (SELECT exchange, best.report_id AS report_id, best.match_kind AS match_kind FROM chosen),
answered AS (SELECT request_id FROM reports WHERE NOT failed AND request_id IS NOT NULL),
-- What is left is compared. `outcome` is what both sides know if they speak of the same request: the input that was counted, or the error that was
-- answered. Stretches of two minutes keep everything from being compared with everything.
open_reports AS (
  SELECT report_id, agent, failed, session_id, model, request_id, output_tokens, unix_micros(reported_at) AS at_us,
    CASE WHEN input_tokens IS NOT NULL THEN concat('input ', input_tokens) WHEN status_code >= 400 THEN concat('status ', status_code) END AS outcome
  FROM reports
  WHERE report_id NOT IN (SELECT report_id FROM by_id) AND NOT (failed AND coalesce(request_id, '') IN (SELECT request_id FROM answered))
),
near_reports AS (SELECT r.*, r.at_us div 120000000 + n.shift AS stretch FROM open_reports AS r CROSS JOIN (VALUES (-1), (0), (1)) AS n(shift)),
-- A client counts the answer itself: what was charged beside it, a compaction or an adviser, is in the row's totals and not in its first line.
own AS (
  SELECT *, CASE WHEN size(usage_lines) > 1 THEN coalesce(usage_lines[0].fresh_input_tokens, 0) + coalesce(usage_lines[0].cache_read_tokens, 0)
      + coalesce(usage_lines[0].cache_write_5m_tokens, 0) + coalesce(usage_lines[0].cache_write_1h_tokens, 0) ELSE input_tokens END AS own_input,
    CASE WHEN size(usage_lines) > 1 THEN usage_lines[0].output_tokens ELSE output_tokens END AS own_output
  FROM {usage}
),
open_exchanges AS (
  SELECT request_id AS exchange, agent, session_id, subagent_id, ended, own_output AS output_tokens, array(lower(model_asked), lower(model_sent),
      lower(model_served), lower(endpoint_name)) AS models, unix_micros(event_time) + coalesce(latency_ms, 0) * 1000 AS at_us,
    CASE WHEN status_code >= 400 THEN concat('status ', status_code)
      WHEN own_input IS NOT NULL AND NOT coalesce(usage_estimated, false) THEN concat('input ', own_input) END AS outcome
  FROM own
  WHERE (api_type IS NULL OR NOT lower(api_type) RLIKE 'count_?tokens$') AND request_id NOT IN (SELECT exchange FROM by_id)
    AND (session_id IN (SELECT session_id FROM open_reports WHERE session_id IS NOT NULL)
      OR subagent_id IN (SELECT session_id FROM open_reports WHERE session_id IS NOT NULL)
      OR (session_id IS NULL AND agent IN (SELECT agent FROM open_reports))){and_recent}
),
-- A sub-agent of Codex reports under its own thread.
keys AS (
  SELECT exchange, session_id AS session FROM open_exchanges WHERE session_id IS NOT NULL
  UNION
  SELECT exchange, subagent_id FROM open_exchanges WHERE subagent_id IS NOT NULL
),
candidates AS (
  -- Same session, model and counts, whatever the client's clock says. Of an answer that broke off the two may have counted different output.
  SELECT s.exchange, r.report_id, 'session_tokens' AS match_kind, 1 AS preference, abs(s.at_us - r.at_us) AS gap_us
  FROM open_exchanges AS s JOIN keys AS k ON k.exchange = s.exchange
    JOIN open_reports AS r ON r.session_id = k.session AND r.outcome = s.outcome
  WHERE (r.model IS NULL OR array_contains(s.models, r.model)) AND (r.output_tokens = s.output_tokens OR s.ended <> 'completed')
  UNION ALL
  -- Same session, model and minute, where one side counted nothing. What ended well here is not what failed there.
  SELECT s.exchange, r.report_id, 'session_time', CASE WHEN s.ended = 'completed' THEN 3 ELSE 2 END, abs(s.at_us - r.at_us)
  FROM open_exchanges AS s JOIN keys AS k ON k.exchange = s.exchange
    JOIN near_reports AS r ON r.session_id = k.session AND r.stretch = s.at_us div 120000000
  WHERE (r.outcome IS NULL OR s.outcome IS NULL) AND r.request_id IS NULL AND (r.model IS NULL OR array_contains(s.models, r.model))
    AND (s.ended <> 'completed' OR NOT r.failed) AND abs(s.at_us - r.at_us) <= 60000000
  UNION ALL
  -- Gemini CLI names no session in its requests.
  SELECT s.exchange, r.report_id, 'model_tokens', 4, abs(s.at_us - r.at_us)
  FROM open_exchanges AS s JOIN near_reports AS r ON r.agent = s.agent AND r.outcome = s.outcome AND r.stretch = s.at_us div 120000000
  WHERE s.session_id IS NULL AND array_contains(s.models, r.model) AND (r.output_tokens = s.output_tokens OR s.ended <> 'completed')
    AND abs(s.at_us - r.at_us) <= 120000000
){rounds},
matches AS (
  SELECT exchange, report_id, match_kind FROM by_id UNION ALL {made}
)
SELECT
{passed}
FROM {usage} AS u
LEFT JOIN matches AS m ON m.exchange = u.request_id
LEFT JOIN reports AS r ON r.report_id = m.report_id{shown}
UNION ALL
SELECT
{alone}
FROM reports AS r
WHERE r.report_id NOT IN (SELECT report_id FROM matches)
  AND NOT (r.failed AND coalesce(r.request_id, '') IN (SELECT request_id FROM answered)){and_shown}
"""
