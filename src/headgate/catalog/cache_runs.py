"""`cache_runs`: what agent sessions did with providers' caches. A row is a run: the requests of one session, sub-agent and model in one data file, or one
request of those that have no sums. Pure text and columns.

What a run says holds where it is the only one of its session, sub-agent and model, and wholly in the range that is asked about. Of other sessions the
usage table is read: `turns` is the same question over rows. So an answer is the same whether rows are summed or not.
"""

from collections.abc import Sequence

from headgate.catalog.summed_view import PLACE, SummedView, within
from headgate.catalog.types import Field, Structure, parse_columns
from headgate.catalog.usage_table import USAGE

_BROKEN = (
    "struct<event_time:timestamp,request_id:string,request:bigint,earlier:string,earlier_at:timestamp,cached:bigint,read:bigint,"
    "lost_usd:decimal(38,12),why:string>"
)
_COMMENTS = {
    "requests": "those of the run; a run of a data file that was summed may have many",
    "written": "tokens that were written to a cache; NULL where none were",
    "unread": "those of them after which the run reads nothing from a cache",
    "premium": "what those cost above fresh input, in USD",
    "broken": "its requests that read less than half of what the one before had read or written, though their input was not smaller",
}
_COLUMNS = parse_columns(f"""
    requester: string, agent: string, endpoint_name: string, session_id: string, subagent_id: string, model: string,
    request_tags: map<string,string>, requests: bigint, first_time: timestamp, last_time: timestamp, written: bigint, unread: bigint,
    premium: decimal(38,12), broken: array<{_BROKEN}>""")
_KEYS = tuple(column.name for column in _COLUMNS[:7])

MODEL = "coalesce(model_served, model_sent, model_asked)"
WITH_INPUT = "session_id IS NOT NULL AND input_tokens > 0"
_WRITTEN = "coalesce(cache_write_5m_tokens, 0) + coalesce(cache_write_1h_tokens, 0)"
_INPUT, _CHEAP = "rates.input_mtok", "coalesce(rates.cache_read_mtok, rates.input_mtok)"
_5M, _1H = "coalesce(rates.cache_write_5m_mtok, rates.input_mtok)", "coalesce(rates.cache_write_1h_mtok, rates.cache_write_5m_mtok, rates.input_mtok)"
PREMIUM = f"CAST((coalesce(cache_write_5m_tokens, 0) * ({_5M} - {_INPUT}) + coalesce(cache_write_1h_tokens, 0) * ({_1H} - {_INPUT})) / 1000000 AS DECIMAL(38, 12))"
"""What a request paid for writing to a cache above fresh input."""

_TURN = f"""session_id, subagent_id, {MODEL} AS model, event_time, request_id, ended IN ('completed', 'client_gone', 'cut') AS answered,
      input_tokens, coalesce(cache_read_tokens, 0) AS read, coalesce(cache_write_5m_tokens, 0) AS write_5m, coalesce(cache_write_1h_tokens, 0) AS write_1h,
      {_INPUT} - {_CHEAP} AS above, {_5M} - {_CHEAP} AS above_5m, {_1H} - {_CHEAP} AS above_1h"""
_BEFORE = """row_number() OVER before_it AS request, lag(request_id) OVER before_it AS earlier, lag(event_time) OVER before_it AS earlier_at,
    lag(input_tokens) OVER before_it AS input_before, lag(read + write_5m + write_1h) OVER before_it AS cached, lag(write_1h) OVER before_it AS hour_before"""
IS_BROKEN = "answered AND cached >= 1024 AND input_tokens >= input_before AND read < cached / 2"
_LOST = (
    "CAST((least(cached - read, write_5m) * above_5m + least(greatest(cached - read - write_5m, 0), write_1h) * above_1h "
    "+ greatest(cached - read - write_5m - write_1h, 0) * above) / 1000000 AS DECIMAL(38, 12))"
)
_WHY = (
    "CASE WHEN unix_micros(event_time) - unix_micros(earlier_at) > CASE WHEN hour_before > 0 THEN 3600000000 ELSE 300000000 END THEN 'expired' "
    "WHEN write_5m + write_1h > 0 THEN 'changed' ELSE 'changed or missed' END"
)
BROKEN = {
    **{name: name for name in ("event_time", "request_id", "request", "earlier", "earlier_at")},
    "cached": "CAST(cached AS BIGINT)",
    "read": "CAST(read AS BIGINT)",
    "lost_usd": _LOST,
    "why": _WHY,
}
"""What is said of a request whose cached prefix broke, over a row of `turns`."""


def turns(table: str, where: str, *, beside: Sequence[str] = (), partition: str = "session_id, subagent_id, model") -> str:
    """Requests and what was before each in its session, sub-agent and model. `beside` are more columns of the table, `partition` what else is kept apart."""
    more = "".join(f",\n      {column}" for column in beside)
    return f"""SELECT *, {_BEFORE}
  FROM (
    SELECT {_TURN}{more}
    FROM {table}
    WHERE {where}
  ) AS every_turn
  WINDOW before_it AS (PARTITION BY {partition}, answered ORDER BY event_time, request_id)"""  # ruff: ignore[hardcoded-sql-expression] - all of it is ours


def later_read(partition: str) -> str:
    """Whether a request of the same session, sub-agent and model reads from the cache after this one."""
    last = f"max(CASE WHEN cache_read_tokens > 0 THEN struct(event_time, request_id) END) OVER (PARTITION BY {partition})"
    return f"coalesce(struct(event_time, request_id) < {last}, false)"


class CacheRuns(SummedView, frozen=True, kw_only=True):
    """The view."""

    @property
    def schema(self) -> Structure:
        """The view's columns."""
        return Structure(tuple(Field(column.name, column.type, comment=_COMMENTS.get(column.name, "")) for column in _COLUMNS))

    def rows_text(self, table: str) -> str:
        """Every request of a session as a run."""
        written = f"CASE WHEN {_WRITTEN} > 0 THEN {_WRITTEN} END"
        columns = [
            *(f"{MODEL} AS model" if name == "model" else name for name in _KEYS),
            "CAST(1 AS BIGINT) AS requests, event_time AS first_time, event_time AS last_time",
            f"CAST({written} AS BIGINT) AS written, CAST({written} AS BIGINT) AS unread, CASE WHEN {_WRITTEN} > 0 THEN {PREMIUM} END AS premium",
            f"CAST(NULL AS ARRAY<{_BROKEN.upper().replace(':', ': ')}>) AS broken",
        ]
        return f"SELECT {', '.join(columns)}\nFROM {table}\nWHERE {WITH_INPUT}"

    def summing(self, from_us: int, until_us: int) -> str:
        """The runs of a stretch of time of the usage table."""
        keys = ", ".join(_KEYS)
        beside = ("requester", "agent", "endpoint_name", "request_tags", f"{_WRITTEN} AS written", f"{PREMIUM} AS premium", "cache_read_tokens")
        every = turns(USAGE.name.sql, f"{WITH_INPUT} AND {within(from_us, until_us)}", beside=beside, partition=keys)
        broken = ", ".join(f"{text} AS {name}" for name, text in BROKEN.items())
        return f"""SELECT {keys}, count(*) AS requests, min(event_time) AS first_time, max(event_time) AS last_time,
  CAST(sum(written) FILTER (WHERE written > 0) AS BIGINT) AS written,
  CAST(sum(written) FILTER (WHERE written > 0 AND NOT read_later) AS BIGINT) AS unread,
  CAST(sum(premium) FILTER (WHERE written > 0 AND NOT read_later) AS DECIMAL(38, 12)) AS premium,
  collect_list(struct({broken})) FILTER (WHERE {IS_BROKEN}) AS broken
FROM (
  SELECT *, {later_read(keys)} AS read_later
  FROM ({every}) AS with_before
) AS with_later
GROUP BY {keys}
ORDER BY first_time"""  # ruff: ignore[hardcoded-sql-expression] - all of it is ours


CACHE_RUNS = CacheRuns(
    name=PLACE.child("cache_runs"),
    comment="What agent sessions did with caches: a row is the requests of one session, sub-agent and model in one data file, or one request.",
)
