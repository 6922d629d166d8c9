"""Millions of rows of `system.ai_gateway.usage`, as three months of a large company make them: files in order of time, as the flusher leaves them.

People work in agent sessions of an hour, forty requests each, every fourth of another model; a few requests fail, and a few of those are tried again.
"""

from pathlib import Path

import duckdb
import pyarrow as pa

from headgate.catalog.usage_table import USAGE
from headgate.core.clock import SystemClock
from headgate.storage.delta import delta_table
from headgate.storage.rows.usage_rows import UsageRows

DAYS = 90
FILES = 30
_TURNS = 40  # requests of a session
_ROWS_OF_A_SESSION_HOUR = 90 * 24 * 36  # so many sessions go on at once as make one row each in a little more than an hour

_ROWS = """
SELECT
  printf('%016x-%08x', i, hash(i) % 4294967296) AS request_id,
  1 AS schema_version,
  model AS endpoint_name,
  moment AS event_time,
  CASE WHEN status_code = 200 THEN wait_ms + output * (8 + hash(i * 37) % 12)::BIGINT ELSE wait_ms END AS latency_ms,
  wait_ms AS time_to_first_byte_ms,
  'EXTERNAL_MODEL' AS destination_type,
  'anthropic' AS destination_name,
  'anthropic/' || model AS destination_id,
  model AS destination_model,
  'user' || person || '@example.com' AS requester,
  'USER' AS requester_type,
  '/anthropic/v1/messages' AS url,
  'claude-cli/2.1.330 (external, cli)' AS user_agent,
  'messages' AS api_type,
  MAP(['team'], ['team' || (person % 40)]) AS request_tags,
  fresh + read + written AS input_tokens,
  output AS output_tokens,
  fresh + read + written + output AS total_tokens,
  status_code,
  {{'attempts': CASE WHEN hash(i * 41) % 50 = 0 THEN [{first_try}, {last_try}] ELSE [{last_try}] END}} AS routing_information,
  CASE person % 3 WHEN 0 THEN 'claude-code' WHEN 1 THEN 'codex' ELSE 'gemini-cli' END AS agent,
  '2.1.' || (300 + person % 30) AS agent_version,
  'cli' AS surface,
  session_id,
  model AS model_asked, model AS model_sent, model AS model_served,
  fresh AS fresh_input_tokens,
  read AS cache_read_tokens,
  written AS cache_write_5m_tokens,
  0::BIGINT AS cache_write_1h_tokens,
  false AS usage_estimated,
  charge,
  'priced' AS charge_status,
  {rates} AS rates,
  CASE WHEN status_code = 200 THEN 'completed' ELSE 'failed' END AS ended,
  CASE WHEN status_code <> 200 THEN 'provider_error' END AS error_code,
  'token' || person AS token_id,
  true AS stream,
  [{{'kind': 'answer', 'model': model, 'tier': NULL, 'fresh_input_tokens': fresh, 'cache_read_tokens': read, 'cache_write_5m_tokens': written,
    'cache_write_1h_tokens': 0, 'output_tokens': output, 'reasoning_tokens': NULL, 'uses': NULL, 'charge': charge, 'rates': {line_rates}}}] AS usage_lines
FROM (
  SELECT *, ((fresh * 5 + read * 0.5 + written * 6.25 + output * 25) / 1000000)::DECIMAL(18, 12) AS charge,
    hash(session_id) % 5000 AS person,
    ['claude-opus-4-6', 'claude-sonnet-4-6', 'gpt-5.2', 'gemini-2.5-flash']
      [1 + ((hash(session_id) + CASE WHEN hash(i * 29) % 4 = 0 THEN 1 ELSE 0 END) % 4)::INTEGER] AS model,
    CASE WHEN hash(i * 11) % 100 = 0 THEN 529 WHEN hash(i * 11) % 100 = 1 THEN 429 ELSE 200 END::INTEGER AS status_code
  FROM (
    SELECT i,
      make_timestamp({now_us} - ({total} - i) * {step_us}) AS moment,
      printf('%016x', hash((i % {sessions}) * 1000003 + i // ({sessions} * {turns}))) AS session_id,
      (hash(i * 17) % 4000)::BIGINT AS fresh, (hash(i * 19) % 120000)::BIGINT AS read, (hash(i * 31) % 5000)::BIGINT AS written,
      (hash(i * 23) % 3000)::BIGINT AS output, (200 + hash(i * 5) % 3000)::BIGINT AS wait_ms
    FROM range({first}, {last}) rows(i)
  )
)
"""
_RATES = (
    "'input_mtok': 5.0, 'cache_read_mtok': 0.5, 'cache_write_5m_mtok': 6.25, 'cache_write_1h_mtok': 10.0, 'output_mtok': 25.0, "
    "'provider': 'anthropic', 'model': model, 'source': 'bench'"
)
_TRY = (
    "{{'priority': 0, 'action': {action}, 'destination': 'anthropic', 'destination_id': 'anthropic/' || model, 'status_code': {status}, "
    "'error_code': NULL, 'latency_ms': wait_ms, 'start_time': moment + INTERVAL 2 MILLISECONDS, 'end_time': moment + INTERVAL 2 SECONDS}}"
)


def write(data_dir: Path, total: int) -> None:
    """Make the table."""
    schema = UsageRows(lambda *_: None).schema
    path = delta_table.table_path(str(data_dir), USAGE)
    delta_table.ensure_table(path, USAGE)
    fixed = {
        "total": total,
        "now_us": SystemClock().wall_ns() // 1000,
        "step_us": DAYS * 86_400_000_000 // total,
        "sessions": max(1, total // _ROWS_OF_A_SESSION_HOUR),
        "turns": _TURNS,
        "rates": f"{{{_RATES}}}",
        "line_rates": f"{{{_RATES}, 'use_kcount': NULL}}",
        "first_try": _TRY.format(action="NULL", status=529),
        "last_try": _TRY.format(action="CASE WHEN hash(i * 41) % 50 = 0 THEN 'retry' END", status="status_code"),
    }
    with duckdb.connect(config={"threads": 2}) as database:
        for number in range(FILES):
            first, last = total * number // FILES, total * (number + 1) // FILES
            made = database.sql(_ROWS.format(first=first, last=last, **fixed)).to_arrow_table()
            known = set(made.column_names)
            columns = [made[field.name].cast(field.type) if field.name in known else pa.nulls(made.num_rows, field.type) for field in schema]
            delta_table.append(
                delta_table.ensure_table(path, USAGE), pa.Table.from_arrays(columns, schema=schema).combine_chunks(), "bench", number + 1
            )
    delta_table.sync_filesystem(path)
