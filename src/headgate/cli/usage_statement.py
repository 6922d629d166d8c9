"""The statements by which a gateway that runs elsewhere answers `headgate usage`: the sums and rows of `storage/query/usage`, in Databricks' SQL. Pure."""

import datetime as dt
from collections.abc import Mapping
from typing import Final

import msgspec

from headgate.admin.statement_ports import Parameter

ALL_USAGE, OWN_USAGE = "system.ai_gateway.usage", "system.ai_gateway.my_usage"

_KEYS: Final[Mapping[str, str]] = {
    "user": "requester",
    "agent": "agent",
    "endpoint": "endpoint_name",
    "provider": "destination_name",
    "token": "token_id",
    "tag": "request_tags[:tag]",
    "model": "coalesce(model_charged, model_served, model_sent, model_asked)",
    "tier": "coalesce(tier_charged, 'standard')",
    "day": "CAST(event_time AS DATE)",
    "week": "CAST(date_trunc('WEEK', event_time) AS DATE)",
    "month": "date_format(event_time, 'yyyy-MM')",
    "session": "session_id",
}
_IN_TIME: Final = frozenset({"day", "week", "month"})  # these are listed in their order
_BY_LINE: Final = frozenset({"model", "tier"})  # what the lines of a row differ in
_CLASSES: Final = (
    "fresh_input_tokens", "cache_read_tokens", "cache_write_5m_tokens", "cache_write_1h_tokens", "output_tokens", "reasoning_tokens",
)  # fmt: skip
_SUMMED: Final = ("fresh_input_tokens", "cache_read_tokens", "cache_write_5m_tokens", "cache_write_1h_tokens", "output_tokens")

# A row of an earlier release has no lines: it is one.
_LINES = "LATERAL VIEW posexplode(CASE WHEN size(usage_lines) > 0 THEN usage_lines ELSE array(NULL) END) every_line AS place, line"
_OF_THE_LINE = ", ".join((
    "place = 0 AS first_line",
    "coalesce(line.model, model_served) AS model_charged",
    "CASE WHEN line IS NULL THEN service_tier ELSE line.tier END AS tier_charged",
    *(f"CASE WHEN line IS NULL THEN {name} ELSE line.{name} END AS {name}" for name in _CLASSES),
    f"CASE WHEN line IS NULL THEN total_tokens ELSE {' + '.join(f'coalesce(line.{name}, 0)' for name in _SUMMED)} END AS total_tokens",
    "CASE WHEN line IS NULL THEN charge ELSE line.charge END AS charge",
    "CASE WHEN line.charge IS NULL THEN charge_status ELSE 'priced' END AS charge_status",
    "usage_estimated",
))
# The whole row beside its first line, and nothing but searches beside the others.
_OF_THE_ROW = ", ".join((
    "place = 0 AS first_line",
    *(f"CASE WHEN place = 0 THEN {name} END AS {name}" for name in (*_CLASSES, "total_tokens", "charge", "charge_status", "usage_estimated")),
))
_ALWAYS = """
  CASE WHEN line.kind = 'web_search' THEN line.uses END AS searches,
  CASE WHEN place = 0 THEN charge_reported END AS charge_reported,
  event_time, ended, requester, agent, endpoint_name, destination_name, token_id, request_tags, session_id, model_served, model_sent, model_asked
"""
_SUMS = """
  count(*) FILTER (WHERE first_line) AS requests,
  count(*) FILTER (WHERE first_line AND ended <> 'completed') AS not_completed,
  CAST(sum(fresh_input_tokens) AS BIGINT) AS fresh_input_tokens,
  CAST(sum(cache_read_tokens) AS BIGINT) AS cache_read_tokens,
  CAST(sum(cache_write_5m_tokens) AS BIGINT) AS cache_write_5m_tokens,
  CAST(sum(cache_write_1h_tokens) AS BIGINT) AS cache_write_1h_tokens,
  CAST(sum(output_tokens) AS BIGINT) AS output_tokens,
  CAST(sum(reasoning_tokens) AS BIGINT) AS reasoning_tokens,
  CAST(sum(total_tokens) AS BIGINT) AS total_tokens,
  CAST(sum(searches) AS BIGINT) AS web_searches,
  sum(charge) AS charge,
  sum(charge_reported) AS charge_reported,
  count(*) FILTER (WHERE charge_status = 'unpriced') AS unpriced,
  count(*) FILTER (WHERE usage_estimated) AS estimated,
  min(event_time) AS first_time,
  max(event_time) AS last_time
"""


class UsageStatement(msgspec.Struct, frozen=True):
    """A statement with its parameters."""

    text: str
    parameters: tuple[Parameter, ...]


def rows_statement(table: str, since_ns: int, until_ns: int, latest: int = 0) -> UsageStatement:
    """Every row of a span, or only the latest so many, oldest first. Both moments are nanoseconds of the wall clock; 0 is no bound."""
    where, parameters = _within(since_ns, until_ns)
    rows = f"SELECT * FROM {table} WHERE {where}"  # ruff: ignore[hardcoded-sql-expression] all of it is ours
    if latest:
        rows = f"SELECT * FROM ({rows} ORDER BY event_time DESC, request_id DESC LIMIT {latest})"  # ruff: ignore[hardcoded-sql-expression] see above
    return UsageStatement(f"{rows} ORDER BY event_time, request_id", parameters)


def sums_statement(table: str, by: str, tag: str, since_ns: int, until_ns: int) -> UsageStatement:
    """Sums by one key: days, weeks and months in their order, other keys with the largest charge first. By `tag`, the key is the value of that tag."""
    where, parameters = _within(since_ns, until_ns)
    columns = _OF_THE_LINE if by in _BY_LINE else _OF_THE_ROW
    charged = f"SELECT {_ALWAYS}, {columns} FROM {table} {_LINES} WHERE {where}"  # ruff: ignore[hardcoded-sql-expression] all of it is ours
    order = f"`{by}`" if by in _IN_TIME else "charge DESC NULLS LAST, requests DESC, 1"
    text = f"SELECT {_KEYS[by]} AS `{by}`,{_SUMS}FROM ({charged}) GROUP BY ALL ORDER BY {order}"
    return UsageStatement(text, (*parameters, Parameter("tag", tag)) if by == "tag" else parameters)


def _within(since_ns: int, until_ns: int) -> tuple[str, tuple[Parameter, ...]]:
    bounds = {"since": (">=", since_ns), "until": ("<", until_ns)}
    given = {name: bound for name, bound in bounds.items() if bound[1]}
    where = " AND ".join(f"event_time {sign} :{name}" for name, (sign, _) in given.items())
    return where or "true", tuple(Parameter(name, _moment(at_ns), "TIMESTAMP") for name, (_, at_ns) in given.items())


def _moment(at_ns: int) -> str:
    return dt.datetime.fromtimestamp(at_ns // 1_000_000_000, dt.UTC).replace(microsecond=at_ns // 1000 % 1_000_000).isoformat().replace("+00:00", "Z")
