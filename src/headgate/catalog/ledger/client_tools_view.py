"""`client_tools`: the tool calls that agents reported, with what was decided about each and what it brought about. Text and columns.

Claude Code and Codex tell the decision and the result apart, under one call id; Gemini CLI tells both in one record. Lines, commits and pull
requests of Codex are numbers that the ingest counted before it took the arguments out; where the arguments were kept, they are read from them.
Nothing is run here.
"""

from collections.abc import Sequence

from headgate.catalog.ledger.sources import EVER, OtelTable, Stretch, over_records
from headgate.catalog.types import Structure, parse_columns

EVENTS = (
    "tool_result",
    "tool_decision",
    "claude_code.tool_result",
    "claude_code.tool_decision",
    "codex.tool_result",
    "codex.tool_decision",
    "gemini_cli.tool_call",
)

SCHEMA = Structure(
    parse_columns("""
        agent: string, session_id: string, call_id: string, tool: string, called_at: timestamp, decision: string, ran: boolean, success: boolean,
        duration_ms: bigint, lines_added: bigint, lines_removed: bigint, commits: bigint, pull_requests: bigint, edited: boolean,
        reviewed: boolean""")
)
COMMENT = "The tool calls that the coding agents reported, one row a call."


def text(tables: Sequence[OtelTable], stretch: Stretch = EVER) -> str:
    """The view's query over these tables. A call is of the stretch in which it was first reported."""
    return over_records(_TEXT, tables, EVENTS, stretch)


_TEXT = r"""-- Tool calls as the agents reported them.
WITH stored AS (
  {records}
),
-- One row a record, also where it was exported twice or to two tables.
records AS (
  SELECT DISTINCT
    CASE WHEN event_name LIKE 'codex.%' THEN 'codex' WHEN event_name LIKE 'gemini_cli.%' THEN 'gemini-cli' ELSE 'claude-code' END AS agent,
    coalesce(attributes['conversation.id'], attributes['session.id'], resource['session.id']) AS session_id,
    coalesce(attributes['call_id'], attributes['tool_use_id']) AS call_id, coalesce(attributes['tool_name'], attributes['function_name']) AS tool,
    coalesce(nullif(time_unix_nano, 0), observed_time_unix_nano) div 1000 AS time_us, attributes['event.sequence'] AS place,
    event_name LIKE '%tool_result' OR event_name LIKE '%tool_call' AS ran, lower(attributes['decision']) AS decision,
    lower(attributes['source']) AS decided_by,
    lower(coalesce(attributes['success'], 'true')) IN ('true', '1') AS success, try_cast(attributes['duration_ms'] AS BIGINT) AS duration_ms,
    coalesce(attributes['arguments'], attributes['function_args'], '') AS arguments, coalesce(attributes['metadata'], '') AS metadata,
    try_cast(attributes['headgate.lines_added'] AS BIGINT) AS counted_added,
    try_cast(attributes['headgate.lines_removed'] AS BIGINT) AS counted_removed,
    try_cast(attributes['headgate.commits'] AS BIGINT) AS counted_commits,
    try_cast(attributes['headgate.pull_requests'] AS BIGINT) AS counted_pull_requests
  FROM stored
  WHERE event_name IN (
    {events}){recent}
    AND (event_name LIKE 'codex.%' OR event_name LIKE 'gemini_cli.%'
    OR scope LIKE 'com.anthropic.claude_code%' OR resource['service.name'] LIKE 'claude-code%')
),
-- The lines of the patch inside the arguments. Line ends are escaped where the arguments are JSON; escaped backslashes step aside meanwhile.
patched AS (
  SELECT *, ran AND success AS done,
    CASE WHEN arguments LIKE '%*** Begin Patch%' THEN split(regexp_extract(
      CASE WHEN arguments LIKE '{%' THEN replace(replace(arguments, '\\\\', chr(1)), '\\n', '\n') ELSE arguments END,
      '(?s)\\*\\*\\* Begin Patch(.*?)(?:\\*\\*\\* End Patch|$)', 1), '\n') END AS patch
  FROM records
),
-- What a call brought about: as the ingest counted it, or else as the arguments say, or as Gemini CLI says beside an edit. Some models give
-- one call id again and again: its first result belongs to its first decision.
told AS (
  SELECT *, row_number() OVER (PARTITION BY agent, session_id, call_id, ran ORDER BY time_us, place, tool, arguments, metadata) AS nth,
    coalesce(counted_added, size(filter(patch, line -> line LIKE '+%')),
      try_cast(regexp_extract(metadata, '"model_added_lines":\\s*(\\d+)', 1) AS BIGINT), 0) AS added,
    coalesce(counted_removed, size(filter(patch, line -> line LIKE '-%')),
      try_cast(regexp_extract(metadata, '"model_removed_lines":\\s*(\\d+)', 1) AS BIGINT), 0) AS removed,
    coalesce(counted_commits, CASE WHEN patch IS NULL
      THEN size(regexp_extract_all(arguments, '\\bgit\\b(?:\\s+-\\S+(?:\\s+[^\\s-]\\S*)?)*\\s+commit\\b', 0)) END, 0) AS commits,
    coalesce(counted_pull_requests, CASE WHEN patch IS NULL
      THEN size(regexp_extract_all(arguments, '\\bgh\\s+pr\\s+create\\b|\\bglab\\s+mr\\s+create\\b', 0)) END, 0) AS pull_requests
  FROM patched
)
SELECT agent, session_id, call_id, max(tool) AS tool, timestamp_micros(min(time_us)) AS called_at,
  max(CASE WHEN decision LIKE 'accept%' OR decision LIKE 'approve%' OR decision IN ('auto_accept', 'modify') THEN 'accepted'
    WHEN decision IS NOT NULL THEN 'rejected' END) AS decision,
  bool_or(ran) AS ran, CASE WHEN bool_or(ran) THEN bool_or(done) END AS success, max(CASE WHEN ran THEN duration_ms END) AS duration_ms,
  CAST(coalesce(max(CASE WHEN done THEN added END), 0) AS BIGINT) AS lines_added,
  CAST(coalesce(max(CASE WHEN done THEN removed END), 0) AS BIGINT) AS lines_removed,
  CAST(coalesce(max(CASE WHEN done THEN commits END), 0) AS BIGINT) AS commits,
  CAST(coalesce(max(CASE WHEN done THEN pull_requests END), 0) AS BIGINT) AS pull_requests,
  bool_or(done AND (added > 0 OR removed > 0 OR patch IS NOT NULL
    OR tool IN ('Edit', 'Write', 'MultiEdit', 'NotebookEdit', 'apply_patch', 'replace', 'write_file', 'edit'))) AS edited,
  bool_or(CASE WHEN decision = 'auto_accept' THEN false WHEN decision IS NOT NULL AND (decided_by LIKE 'user%' OR agent = 'gemini-cli') THEN true
    WHEN decision IS NOT NULL AND decided_by IS NOT NULL THEN false END) AS reviewed
FROM told
GROUP BY agent, session_id, call_id, nth{called}
"""
