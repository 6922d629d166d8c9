"""Reading usage back: the table and the journals' tails as one set of rows, each exchange once, also while gateways and the flusher are at work.

The order makes it exact. The flusher's standing in each journal is read first, then the table, then the list of segments, then the writer's lock. All rows of frames up
to the standing are in every table version that is opened later; the table's transaction number says which of the later ones are in it too; the rest is
folded from the segments, which stay for a quarter of an hour after their release. Only reads; needs no gateway, no table and no journal.
"""

from typing import Literal, NamedTuple

import duckdb
import pyarrow as pa

from headgate.admin.plain_values import plain
from headgate.catalog.usage_table import USAGE
from headgate.core.clock import Clock, SystemClock
from headgate.core.record import Outcome
from headgate.metering.price import RatesOf
from headgate.storage.delta import delta_table
from headgate.storage.journal import journal_dir, journals
from headgate.storage.journal.fold import read_standing
from headgate.storage.journal.tail import outcomes_after
from headgate.storage.rows.usage_rows import UsageRows

By = Literal["user", "agent", "model", "endpoint", "provider", "token", "tag", "tier", "day", "week", "month", "session"]

_KEYS: dict[By, str] = {
    "user": "requester",
    "agent": "agent",
    "endpoint": "endpoint_name",
    "provider": "destination_name",
    "token": "token_id",
    "tag": "request_tags[$tag]",
    "model": "coalesce(model_charged, model_served, model_sent, model_asked)",
    "tier": "coalesce(tier_charged, 'standard')",
    "day": "CAST(event_time AT TIME ZONE 'UTC' AS DATE)",
    "week": "CAST(date_trunc('week', event_time AT TIME ZONE 'UTC') AS DATE)",
    "month": "strftime(event_time AT TIME ZONE 'UTC', '%Y-%m')",
    "session": "session_id",
}

_IN_TIME = frozenset({"day", "week", "month"})  # these are listed in their order

_TABLE = "SELECT * FROM read_parquet($files, union_by_name = true)"
_TAIL = "SELECT * FROM tail"
_ROWS = "SELECT * FROM usage WHERE {within} ORDER BY event_time, request_id"
_LATEST = "SELECT * FROM (SELECT * FROM usage WHERE {within} ORDER BY event_time DESC, request_id DESC LIMIT {count}) ORDER BY event_time, request_id"

# Every row as it is summed up. A row of an earlier release has no lines: it is one.
_WHOLE = """
SELECT *, TRUE AS first_line, service_tier AS tier_charged, NULL AS model_charged,
       list_sum([line.uses FOR line IN usage_lines IF line.kind = 'web_search']) AS searches
FROM usage
"""
# Every line of every row, where sums are by what the lines differ in.
_BY_LINE = """
SELECT event_time, ended, usage_estimated, model_served, model_sent, model_asked, place = 1 AS first_line,
       coalesce(line.model, model_served) AS model_charged, CASE WHEN line IS NULL THEN service_tier ELSE line.tier END AS tier_charged,
       CASE WHEN line.kind = 'web_search' THEN line.uses END AS searches,
       {counts},
       CASE WHEN line IS NULL THEN total_tokens ELSE coalesce(line.fresh_input_tokens, 0) + coalesce(line.cache_read_tokens, 0)
         + coalesce(line.cache_write_5m_tokens, 0) + coalesce(line.cache_write_1h_tokens, 0) + coalesce(line.output_tokens, 0) END AS total_tokens,
       CASE WHEN line IS NULL THEN charge ELSE line.charge END AS charge,
       CASE WHEN place = 1 THEN charge_reported END AS charge_reported,
       CASE WHEN line.charge IS NULL THEN charge_status ELSE 'priced' END AS charge_status
FROM (SELECT *, unnest(CASE WHEN len(usage_lines) > 0 THEN usage_lines ELSE [NULL] END) AS line,
             unnest(range(1, greatest(coalesce(len(usage_lines), 0), 1) + 1)) AS place FROM usage)
"""
_CLASSES = ("fresh_input_tokens", "cache_read_tokens", "cache_write_5m_tokens", "cache_write_1h_tokens", "output_tokens", "reasoning_tokens")
_COUNTS = ", ".join(f"CASE WHEN line IS NULL THEN {name} ELSE line.{name} END AS {name}" for name in _CLASSES)

_GROUPED = """
SELECT {key} AS "{by}",
       count(*) FILTER (first_line) AS requests,
       count(*) FILTER (first_line AND ended <> 'completed') AS not_completed,
       sum(fresh_input_tokens)::BIGINT AS fresh_input_tokens,
       sum(cache_read_tokens)::BIGINT AS cache_read_tokens,
       sum(cache_write_5m_tokens)::BIGINT AS cache_write_5m_tokens,
       sum(cache_write_1h_tokens)::BIGINT AS cache_write_1h_tokens,
       sum(output_tokens)::BIGINT AS output_tokens,
       sum(reasoning_tokens)::BIGINT AS reasoning_tokens,
       sum(total_tokens)::BIGINT AS total_tokens,
       sum(searches)::BIGINT AS web_searches,
       sum(charge) AS charge,
       sum(charge_reported) AS charge_reported,
       count(*) FILTER (charge_status = 'unpriced') AS unpriced,
       count(*) FILTER (usage_estimated) AS estimated,
       min(event_time) AS first_time,
       max(event_time) AS last_time
FROM ({charged}) WHERE {within} GROUP BY ALL ORDER BY {order}
"""


class Span(NamedTuple):
    """A stretch of time, in nanoseconds of the wall clock. `until_ns` is the first moment after it; 0 for no end."""

    since_ns: int = 0
    until_ns: int = 0


EVER = Span()


class UsageView:
    """All usage rows as of one moment."""

    def __init__(self, files: list[str], tail: pa.Table) -> None:
        self._files = files
        self._tail = tail

    def rows(self, within: Span = EVER, latest: int = 0) -> list[dict[str, object]]:
        """Every row of a span, or only the latest so many, oldest first, as JSON takes it: times in ISO 8601 UTC, charges as numbers."""
        return self._fetch((_LATEST if latest else _ROWS).format(within=_within(within), count=int(latest)))

    def grouped(self, by: By, within: Span = EVER, tag: str = "") -> list[dict[str, object]]:
        """Sums by one key of what arrived in a span, the largest charge first; days, weeks (by their Monday) and months in their order. By `tag`, the
        key is the value of this request tag.
        """
        order = f'"{by}"' if by in _IN_TIME else "charge DESC NULLS LAST, requests DESC, 1"
        charged = _BY_LINE.format(counts=_COUNTS) if by in {"model", "tier"} else _WHOLE
        query = _GROUPED.format(key=_KEYS[by], by=by, within=_within(within), order=order, charged=charged)
        return self._fetch(query, {"tag": tag} if by == "tag" else {})

    def _fetch(self, query: str, parameters: dict[str, str] | None = None) -> list[dict[str, object]]:
        with duckdb.connect(":memory:") as database:
            database.execute("SET TimeZone = 'UTC'")
            database.register("tail", self._tail)
            given = parameters or {}
            if self._files:
                whole = f"WITH usage AS ({_TABLE} UNION ALL BY NAME {_TAIL}) {query}"
                answer = database.sql(whole, params={**given, "files": self._files})
            else:
                answer = database.sql(f"WITH usage AS ({_TAIL}) {query}", params=given or None)
            rows = answer.to_arrow_table().to_pylist(maps_as_pydicts="lossy")
        return [{name: plain(value) for name, value in row.items()} for row in rows]


def read_usage(data_dir: str, rates_of: RatesOf, clock: Clock | None = None) -> UsageView:
    """The usage rows of a data directory as of now. `rates_of` prices those that are not in the table yet."""
    listed = journals.list_journals(data_dir)
    standings = [read_standing(journal) for journal in listed]
    table = delta_table.open_table(delta_table.table_path(data_dir, USAGE))
    now_ns = (clock or SystemClock()).wall_ns()
    outcomes: list[Outcome] = []
    for journal, standing in zip(listed, standings, strict=True):
        app_id = journal_dir.read_app_id(journal)
        in_table = delta_table.carried_seq(table, app_id) if table is not None and app_id is not None else 0
        outcomes += outcomes_after(journal, standing, max(standing.seq, in_table), now_ns)
    return UsageView([] if table is None else table.file_uris(), UsageRows(rates_of).fitting(outcomes)[0])


def _within(span: Span) -> str:
    since = f"event_time >= make_timestamptz({int(span.since_ns) // 1000})"
    return f"{since} AND event_time < make_timestamptz({int(span.until_ns) // 1000})" if span.until_ns else since
