"""`client_requests`: what the agents reported of their own requests, under one set of names and each request once. Text and columns; runs nothing.

Claude Code says it in `api_request` and `api_error`; Codex in the one of its `response.completed` events that has token counts (the other has
none), in the one that has an error, and in `codex.api_request` where an answer was refused; Gemini CLI in `api_response` and `api_error`, and the
id of the answer in a record of its own beside it.
"""

from collections.abc import Sequence

from headgate.catalog.ledger_sources import OtelTable, filled, listed, union
from headgate.catalog.otel_tables import LOGS
from headgate.catalog.types import Structure, parse_columns

EVENTS = (
    "api_request",
    "api_error",
    "claude_code.api_request",
    "claude_code.api_error",
    "codex.sse_event",
    "codex.api_request",
    "gemini_cli.api_response",
    "gemini_cli.api_error",
    "gen_ai.client.inference.operation.details",
)

SCHEMA = Structure(
    parse_columns("""
        report_id: string, agent: string, event: string, failed: boolean, reported_at: timestamp, session_id: string, model: string,
        request_id: string, response_id: string, status_code: int, input_tokens: bigint, output_tokens: bigint, cache_read_tokens: bigint,
        cache_write_tokens: bigint, reasoning_tokens: bigint, cost_usd: double, duration_ms: bigint, client_user: string""")
)
COMMENT = "What the coding agents reported of their own requests to models, one row a request."


def text(tables: Sequence[OtelTable]) -> str:
    """The view's query over these tables."""
    return filled(_TEXT, {"records": union(tables, LOGS), "events": listed(EVENTS)})


_TEXT = r"""-- What the agents reported of their requests. Counts are told as the usage table tells them: all input, and output with reasoning.
WITH stored AS (
  {records}
),
records AS (
  SELECT * FROM stored WHERE event_name IN ({events})
),
-- Claude Code counts fresh input, cache reads and cache writes apart.
claude_code AS (
  SELECT 'claude-code' AS agent, event_name AS event, event_name LIKE '%api_error' AS failed, time_unix_nano, observed_time_unix_nano,
    attributes['event.sequence'] AS place, attributes['session.id'] AS session_id, attributes['model'] AS model,
    attributes['request_id'] AS request_id, CAST(NULL AS STRING) AS response_id, attributes['status_code'] AS status,
    try_cast(attributes['input_tokens'] AS BIGINT) + coalesce(try_cast(attributes['cache_read_tokens'] AS BIGINT), 0)
      + coalesce(try_cast(attributes['cache_creation_tokens'] AS BIGINT), 0) AS input_tokens,
    try_cast(attributes['output_tokens'] AS BIGINT) AS output_tokens,
    try_cast(attributes['cache_read_tokens'] AS BIGINT) AS cache_read_tokens,
    try_cast(attributes['cache_creation_tokens'] AS BIGINT) AS cache_write_tokens,
    CAST(NULL AS BIGINT) AS reasoning_tokens,
    try_cast(attributes['cost_usd'] AS DOUBLE) AS cost_usd, attributes['duration_ms'] AS duration, attributes['user.email'] AS client_user
  FROM records
  WHERE event_name IN ('api_request', 'api_error', 'claude_code.api_request', 'claude_code.api_error')
    AND (scope LIKE 'com.anthropic.claude_code%' OR resource['service.name'] LIKE 'claude-code%')
),
-- Codex counts cached input within input and reasoning within output, and says nothing of cost.
codex AS (
  SELECT 'codex' AS agent, event_name AS event, attributes['input_token_count'] IS NULL AS failed, time_unix_nano, observed_time_unix_nano,
    CAST(NULL AS STRING) AS place, attributes['conversation.id'] AS session_id, attributes['model'] AS model,
    attributes['auth.request_id'] AS request_id, CAST(NULL AS STRING) AS response_id, attributes['http.response.status_code'] AS status,
    try_cast(attributes['input_token_count'] AS BIGINT) AS input_tokens,
    try_cast(attributes['output_token_count'] AS BIGINT) AS output_tokens,
    try_cast(attributes['cached_token_count'] AS BIGINT) AS cache_read_tokens,
    try_cast(attributes['cache_write_token_count'] AS BIGINT) AS cache_write_tokens,
    try_cast(attributes['reasoning_token_count'] AS BIGINT) AS reasoning_tokens,
    CAST(NULL AS DOUBLE) AS cost_usd, CASE WHEN event_name = 'codex.api_request' THEN attributes['duration_ms'] END AS duration,
    attributes['user.email'] AS client_user
  FROM records
  WHERE (event_name = 'codex.sse_event' AND attributes['event.kind'] = 'response.completed'
      AND (attributes['input_token_count'] IS NOT NULL OR attributes['error.message'] IS NOT NULL))
    OR (event_name = 'codex.api_request' AND coalesce(attributes['endpoint'], '/responses') LIKE '%/responses%'
      AND coalesce(try_cast(attributes['http.response.status_code'] AS INT), 0) NOT BETWEEN 200 AND 299)
),
-- Gemini CLI tells the answer's id in a record of the same moment and the same counts. Thoughts and tool prompts are counted apart.
gemini_records AS (
  SELECT *,
    max(attributes['gen_ai.response.id']) OVER (
      PARTITION BY attributes['session.id'], attributes['event.timestamp'],
        coalesce(attributes['gen_ai.usage.input_tokens'], attributes['input_token_count']),
        coalesce(attributes['gen_ai.usage.output_tokens'], attributes['output_token_count'])) AS response_id,
    nullif(coalesce(try_cast(attributes['input_token_count'] AS BIGINT), 0)
      + coalesce(try_cast(attributes['tool_token_count'] AS BIGINT), 0), 0) AS input_tokens
  FROM records
  WHERE event_name IN ('gemini_cli.api_response', 'gemini_cli.api_error', 'gen_ai.client.inference.operation.details')
),
-- Counts that are all zero are those of an answer that never came: nothing is known of it.
gemini_cli AS (
  SELECT 'gemini-cli' AS agent, event_name AS event, event_name = 'gemini_cli.api_error' AS failed, time_unix_nano, observed_time_unix_nano,
    CAST(NULL AS STRING) AS place, coalesce(attributes['session.id'], resource['session.id']) AS session_id, attributes['model'] AS model,
    CAST(NULL AS STRING) AS request_id, CASE WHEN event_name = 'gemini_cli.api_response' THEN response_id END AS response_id,
    attributes['status_code'] AS status, input_tokens,
    CASE WHEN input_tokens IS NOT NULL
      THEN coalesce(try_cast(attributes['output_token_count'] AS BIGINT), 0) + coalesce(try_cast(attributes['thoughts_token_count'] AS BIGINT), 0)
    END AS output_tokens,
    CASE WHEN input_tokens IS NOT NULL THEN try_cast(attributes['cached_content_token_count'] AS BIGINT) END AS cache_read_tokens,
    CAST(NULL AS BIGINT) AS cache_write_tokens,
    CASE WHEN input_tokens IS NOT NULL THEN try_cast(attributes['thoughts_token_count'] AS BIGINT) END AS reasoning_tokens,
    CAST(NULL AS DOUBLE) AS cost_usd, attributes['duration_ms'] AS duration, attributes['user.email'] AS client_user
  FROM gemini_records
  WHERE event_name <> 'gen_ai.client.inference.operation.details'
),
-- A record that was exported twice, or to two tables, is one record.
once AS (
  SELECT DISTINCT agent, regexp_replace(event, '^(claude_code|codex|gemini_cli)\\.', '') AS event, failed,
    coalesce(time_unix_nano, observed_time_unix_nano) div 1000 AS time_us, place, session_id,
    lower(regexp_replace(model, '^models/|\\[1m\\]$', '')) AS model, nullif(request_id, '') AS request_id, response_id,
    try_cast(status AS INT) AS status_code, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, reasoning_tokens, cost_usd,
    try_cast(duration AS BIGINT) AS duration_ms, client_user
  FROM (SELECT * FROM claude_code UNION ALL SELECT * FROM codex UNION ALL SELECT * FROM gemini_cli) AS everything
),
identified AS (
  SELECT *,
    md5(to_json(struct(agent, event, time_us, place, session_id, model, request_id, response_id, status_code, input_tokens, output_tokens,
      cache_read_tokens, cache_write_tokens, reasoning_tokens, cost_usd, duration_ms, client_user))) AS report_id
  FROM once
),
-- A request id names one request: what is said of it twice counts once, and an error beside an answer was got over.
ranked AS (
  SELECT *,
    max(CASE WHEN failed THEN 0 ELSE 1 END) OVER (PARTITION BY agent, coalesce(request_id, report_id)) AS answered,
    row_number() OVER (PARTITION BY agent, coalesce(request_id, report_id), failed, session_id, input_tokens, output_tokens
      ORDER BY time_us, report_id) AS telling
  FROM identified
)
SELECT report_id, agent, event, failed, timestamp_micros(time_us) AS reported_at, session_id, model, request_id, response_id, status_code,
  input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, reasoning_tokens, cost_usd, duration_ms, client_user
FROM ranked
WHERE telling = 1 AND (answered = 0 OR NOT failed)
"""
