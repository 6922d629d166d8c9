"""Ten million rows of `system.ai_gateway.usage`, as three months of a large company make them: files in order of time, as the flusher leaves them."""

from pathlib import Path

import duckdb
import pyarrow as pa

from headgate.catalog.usage_table import USAGE
from headgate.core.clock import SystemClock
from headgate.storage.delta import delta_table
from headgate.storage.rows.usage_rows import UsageRows

DAYS = 90
FILES = 30

_ROWS = """
SELECT
  printf('%016x-%08x', i, hash(i) % 4294967296) AS request_id,
  1 AS schema_version,
  model AS endpoint_name,
  moment AS event_time,
  (800 + hash(i * 3) % 60000)::BIGINT AS latency_ms,
  (200 + hash(i * 5) % 3000)::BIGINT AS time_to_first_byte_ms,
  'EXTERNAL_MODEL' AS destination_type,
  'anthropic' AS destination_name,
  model AS destination_model,
  'user' || (hash(i * 7) % 5000) || '@example.com' AS requester,
  'USER' AS requester_type,
  '/anthropic/v1/messages' AS url,
  'claude-cli/2.1.330 (external, cli)' AS user_agent,
  'messages' AS api_type,
  MAP(['team'], ['team' || (hash(i * 7) % 40)]) AS request_tags,
  fresh + read AS input_tokens,
  output AS output_tokens,
  fresh + read + output AS total_tokens,
  CASE WHEN hash(i * 11) % 100 = 0 THEN 529 WHEN hash(i * 11) % 100 = 1 THEN 429 ELSE 200 END::INTEGER AS status_code,
  CASE hash(i * 13) % 3 WHEN 0 THEN 'claude-code' WHEN 1 THEN 'codex' ELSE 'gemini-cli' END AS agent,
  'cli' AS surface,
  printf('%016x', hash(i // 40)) AS session_id,
  model AS model_asked, model AS model_sent, model AS model_served,
  fresh AS fresh_input_tokens,
  read AS cache_read_tokens,
  false AS usage_estimated,
  ((fresh * 5 + read * 0.5 + output * 25) / 1000000)::DECIMAL(18, 12) AS charge,
  'priced' AS charge_status,
  'completed' AS ended,
  true AS stream
FROM (
  SELECT i,
    make_timestamp({now_us} - ({total} - i) * {step_us}) AS moment,
    (hash(i * 17) % 4000)::BIGINT AS fresh, (hash(i * 19) % 120000)::BIGINT AS read, (hash(i * 23) % 3000)::BIGINT AS output,
    ['claude-opus-4-6', 'claude-sonnet-4-6', 'gpt-5.2', 'gemini-2.5-flash'][1 + (hash(i * 29) % 4)::INTEGER] AS model
  FROM range({first}, {last}) rows(i)
)
"""


def write(data_dir: Path, total: int) -> None:
    """Make the table."""
    schema = UsageRows(lambda *_: None).schema
    path = delta_table.table_path(str(data_dir), USAGE)
    delta_table.ensure_table(path, USAGE)
    now_us = SystemClock().wall_ns() // 1000
    step_us = DAYS * 86_400_000_000 // total
    with duckdb.connect(config={"threads": 2}) as database:
        for number in range(FILES):
            first, last = total * number // FILES, total * (number + 1) // FILES
            made = database.sql(_ROWS.format(total=total, step_us=step_us, now_us=now_us, first=first, last=last)).to_arrow_table()
            known = set(made.column_names)
            columns = [made[field.name].cast(field.type) if field.name in known else pa.nulls(made.num_rows, field.type) for field in schema]
            delta_table.append(
                delta_table.ensure_table(path, USAGE), pa.Table.from_arrays(columns, schema=schema).combine_chunks(), "bench", number + 1
            )
    delta_table.sync_filesystem(path)
