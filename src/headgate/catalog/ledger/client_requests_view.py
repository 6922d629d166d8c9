"""`client_requests`: what the agents reported of their own requests, under one set of names and each request once. Text and columns; runs nothing.

Claude Code says it in `api_request` and `api_error`; Codex in the one of its `response.completed` events that has token counts (the other has
none), in the one that has an error, and in `codex.api_request` where an answer was refused; Gemini CLI in `api_response` and `api_error`, and the
id of the answer in a record of its own beside it.
"""

from collections.abc import Sequence

from headgate.catalog.ledger.sources import EVER, OtelTable, Stretch, over_records
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


def text(tables: Sequence[OtelTable], stretch: Stretch = EVER) -> str:
    """The view's query over these tables. Of a stretch, it gives what may belong to an exchange of it too."""
    return over_records(_TEXT, tables, EVENTS, stretch)


_TEXT = r"""-- What the agents reported of their requests. Counts are told as the usage table tells them: all input, and output with reasoning.
WITH stored AS (
  {records}
),
-- One pass over the records, whoever wrote them: each agent has names of its own for the same things.
records AS (
  SELECT event_name,
    CASE WHEN event_name LIKE 'codex.%' THEN 'codex' WHEN event_name LIKE 'gemini_cli.%' OR event_name LIKE 'gen_ai.%' THEN 'gemini-cli'
      ELSE 'claude-code' END AS agent,
    coalesce(nullif(time_unix_nano, 0), observed_time_unix_nano) div 1000 AS time_us,
    attributes['event.timestamp'] AS stamp, attributes['event.sequence'] AS place,
    coalesce(attributes['session.id'], attributes['conversation.id'], resource['session.id']) AS session_id, attributes['model'] AS model,
    nullif(coalesce(attributes['request_id'], attributes['auth.request_id']), '') AS request_id,
    attributes['gen_ai.response.id'] AS response_id, coalesce(attributes['status_code'], attributes['http.response.status_code']) AS status,
    coalesce(attributes['input_tokens'], attributes['input_token_count'], attributes['gen_ai.usage.input_tokens']) AS input,
    coalesce(attributes['output_tokens'], attributes['output_token_count'], attributes['gen_ai.usage.output_tokens']) AS output,
    coalesce(attributes['cache_read_tokens'], attributes['cached_token_count'], attributes['cached_content_token_count']) AS cache_read,
    coalesce(attributes['cache_creation_tokens'], attributes['cache_write_token_count']) AS cache_write,
    coalesce(attributes['reasoning_token_count'], attributes['thoughts_token_count']) AS reasoning,
    CASE WHEN event_name LIKE 'gemini_cli.%' THEN attributes['tool_token_count'] END AS tool, attributes['cost_usd'] AS cost,
    CASE WHEN event_name <> 'codex.sse_event' THEN attributes['duration_ms'] END AS duration, attributes['user.email'] AS client_user
  FROM stored
  WHERE event_name IN (
    {events}){recent}
    AND CASE event_name
    -- Two events say that an answer of Codex is complete: one has counts or an error, the other nothing.
    WHEN 'codex.sse_event' THEN attributes['event.kind'] = 'response.completed'
      AND (attributes['input_token_count'] IS NOT NULL OR attributes['error.message'] IS NOT NULL)
    WHEN 'codex.api_request' THEN coalesce(attributes['endpoint'], '/responses') LIKE '%/responses%'
      AND coalesce(try_cast(attributes['http.response.status_code'] AS INT), 0) NOT BETWEEN 200 AND 299
    ELSE event_name LIKE 'gemini_cli.%' OR event_name LIKE 'gen_ai.%' OR scope LIKE 'com.anthropic.claude_code%'
      OR resource['service.name'] LIKE 'claude-code%' END
),
-- Claude Code counts fresh input, cache reads and cache writes apart; Gemini CLI counts prompts of tools, and thoughts, apart from the rest.
-- Gemini CLI's counts that are all zero are those of an answer that never came: nothing is known of it.
counted AS (
  SELECT agent, event_name, time_us, place, session_id, model, request_id, response_id, cost, duration, client_user, status,
    CASE WHEN agent = 'gemini-cli' THEN coalesce(stamp, CAST(time_us AS STRING)) ELSE CAST(time_us AS STRING) END AS moment,
    event_name LIKE '%error' OR (agent = 'codex' AND input IS NULL) AS failed, try_cast(output AS BIGINT) AS plain_output,
    CASE agent
      WHEN 'claude-code' THEN try_cast(input AS BIGINT) + coalesce(try_cast(cache_read AS BIGINT), 0) + coalesce(try_cast(cache_write AS BIGINT), 0)
      WHEN 'gemini-cli' THEN nullif(try_cast(input AS BIGINT), 0) ELSE try_cast(input AS BIGINT) END AS input_tokens,
    try_cast(cache_read AS BIGINT) AS cache_read_tokens, try_cast(cache_write AS BIGINT) AS cache_write_tokens,
    try_cast(reasoning AS BIGINT) AS reasoning_tokens, coalesce(try_cast(tool AS BIGINT), 0) AS tool_tokens
  FROM records
),
-- One row a request. A record that was exported twice, or to two tables, is one record; what is said twice under one request id is said once; and the
-- id of an answer of Gemini CLI stands in a record of the same moment and the same counts.
once AS (
  SELECT agent, failed, session_id, request_id, input_tokens + max(tool_tokens) AS input_tokens,
    CASE WHEN agent <> 'gemini-cli' THEN plain_output
      WHEN input_tokens IS NOT NULL THEN coalesce(plain_output, 0) + coalesce(max(reasoning_tokens), 0) END AS output_tokens,
    CASE WHEN input_tokens IS NOT NULL THEN max(cache_read_tokens) END AS cache_read_tokens, max(cache_write_tokens) AS cache_write_tokens,
    CASE WHEN input_tokens IS NOT NULL THEN max(reasoning_tokens) END AS reasoning_tokens,
    max(CASE WHEN event_name NOT LIKE 'gen_ai.%' THEN regexp_replace(event_name, '^(claude_code|codex|gemini_cli)\\.', '') END) AS event,
    min(time_us) AS time_us, lower(max(regexp_replace(model, '^models/|\\[1m\\]$', ''))) AS model,
    CASE WHEN NOT failed THEN max(response_id) END AS response_id, max(try_cast(status AS INT)) AS status_code,
    max(try_cast(cost AS DOUBLE)) AS cost_usd, max(try_cast(duration AS BIGINT)) AS duration_ms, max(client_user) AS client_user,
    -- 72 bits of a hash: enough to tell any two apart, and short enough to be joined by quickly.
    substring(base64(unhex(md5(to_json(struct(agent, failed, session_id, request_id, input_tokens, plain_output,
      CASE WHEN request_id IS NULL THEN moment END AS moment, CASE WHEN request_id IS NULL THEN place END AS place))))), 1, 12) AS report_id
  FROM counted
  GROUP BY agent, failed, session_id, request_id, input_tokens, plain_output, CASE WHEN request_id IS NULL THEN moment END,
    CASE WHEN request_id IS NULL THEN place END
)
SELECT report_id, agent, event, failed, timestamp_micros(time_us) AS reported_at, session_id, model, request_id, response_id, status_code,
  input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, reasoning_tokens, cost_usd, duration_ms, client_user
FROM once
WHERE event IS NOT NULL
"""
