"""The queries of the list of agent sessions: made of usage rows alone, so that a page of it takes little time however much the agents reported.

A session is what an agent calls one. Requests of an agent that names none belong to the session before them, or else after them, in the same run of one
token and agent without a pause of more than thirty minutes; a run without a named session is one of its own. That is how the view `sessions` has it.
"""

from collections.abc import Mapping, Sequence

import msgspec

from headgate.admin.page_queries import PageQuery
from headgate.admin.statement_ports import Parameter
from headgate.web.ui.relations import RowScope, compose
from headgate.web.ui.row_positions import Position

ROWS_MAX = 30
SORTS = {"seen": "Last seen", "cost": "Cost"}

_PLACED = """WITH asked AS (
  SELECT request_id, session_id, token_id, agent, agent_version, surface, user, subagent_id, turn_id, model, ended, input_tokens, output_tokens, spend,
    charge_status, unix_micros(event_time) AS started_us, unix_micros(event_time) + coalesce(latency_ms, 0) * 1000 AS ended_us,
    concat_ws('|', token_id, agent) AS holder
  FROM usage WHERE NOT lower(coalesce(api_type, '')) RLIKE 'count_?tokens$'
),
loose AS (SELECT * FROM asked WHERE holder IN (SELECT holder FROM asked WHERE session_id IS NULL)),
paused AS (
  SELECT *, CASE WHEN started_us - max(ended_us) OVER (PARTITION BY holder ORDER BY started_us, request_id
    ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) <= 1800000000 THEN 0 ELSE 1 END AS begins
  FROM loose
),
runs AS (
  SELECT *, sum(begins) OVER (PARTITION BY holder ORDER BY started_us, request_id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS run FROM paused
),
found AS (
  SELECT request_id, coalesce(
    last_value(session_id) IGNORE NULLS OVER (PARTITION BY holder, run ORDER BY started_us, request_id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW),
    first_value(session_id) IGNORE NULLS OVER (PARTITION BY holder, run ORDER BY started_us, request_id ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING),
    concat('run:', first_value(request_id) OVER (PARTITION BY holder, run ORDER BY started_us, request_id))) AS session
  FROM runs
),
placed AS (SELECT a.*, coalesce(a.session_id, f.session) AS session FROM asked AS a LEFT JOIN found AS f ON f.request_id = a.request_id AND a.session_id IS NULL)
"""
_LIST = """,
listed AS (
  SELECT session, max_by(user, started_us) AS user, max_by(agent, started_us) AS agent, max_by(agent_version, started_us) AS agent_version,
    max_by(surface, started_us) AS surface, count(DISTINCT turn_id) AS turns, count(*) AS requests, count(DISTINCT subagent_id) AS subagents,
    count(*) FILTER (WHERE ended IN ('failed', 'cut', 'refused', 'interrupted')) AS errors, max_by(ended, ended_us) AS last_ended,
    sum(coalesce(input_tokens, 0) + coalesce(output_tokens, 0)) AS tokens, sum(spend) AS cost,
    count(*) FILTER (WHERE charge_status = 'unpriced') AS unpriced, min(started_us) AS started_us, max(ended_us) AS ended_us,
    array_sort(array_distinct(collect_list(model))) AS models
  FROM placed GROUP BY session
)
SELECT * FROM listed{where}
ORDER BY {value} {order}, session {order}
LIMIT {limit}"""
_VALUES = {"seen": "ended_us", "cost": "coalesce(cost, 0)"}
_TYPES = {"seen": "BIGINT", "cost": "DECIMAL(38, 12)"}
_GROWTH = """
SELECT session, started_us, input_tokens FROM placed
WHERE session IN ({markers}) AND subagent_id IS NULL AND input_tokens > 0
ORDER BY started_us"""


class PageOfSessions(msgspec.Struct, frozen=True, kw_only=True):
    """Sessions in their order, and the places from which the list goes on and goes back, where it does."""

    rows: Sequence[Mapping[str, object]]
    onward: str = ""
    back: str = ""


def list_query(scope: RowScope, sort: str, onward: Position | None, back: Position | None) -> PageQuery:
    """The sessions behind a place, or before it, or the first ones; one more than a page has. The largest value comes first."""
    key, value = onward or back, _VALUES[sort]
    upwards = onward is None and back is not None
    mark = ">" if upwards else "<"
    where = "" if key is None else f"\nWHERE {value} {mark} :key_value OR ({value} = :key_value AND session {mark} :key_id)"
    order = "ASC" if upwards else "DESC"
    composed = compose(_PLACED + _LIST.format(where=where, value=value, order=order, limit=ROWS_MAX + 1), scope)
    place = () if key is None else (Parameter("key_value", key.value, _TYPES[sort]), Parameter("key_id", key.id))
    return PageQuery(text=composed.text, parameters=(*composed.parameters, *place), decimals="text")


def growth_query(scope: RowScope, sessions: Sequence[str]) -> PageQuery:
    """How the context of these sessions grew: the input of each request outside of sub-agents."""
    markers = ", ".join(f":session_{number}" for number in range(len(sessions)))
    composed = compose(_PLACED + _GROWTH.format(markers=markers), scope)
    return PageQuery(
        text=composed.text, parameters=(*composed.parameters, *(Parameter(f"session_{n}", name) for n, name in enumerate(sessions))), row_limit=20_000
    )


def page_of_sessions(records: Sequence[Mapping[str, object]], sort: str, onward: Position | None, back: Position | None) -> PageOfSessions:
    """What the rows of `list_query` are."""
    rows, more = list(records[:ROWS_MAX]), len(records) > ROWS_MAX
    upwards = onward is None and back is not None
    if upwards:
        rows.reverse()
    if not rows:
        return PageOfSessions(rows=rows, onward=str(back) if upwards else "", back=str(onward or ""))
    has_onward, has_back = (True, more) if upwards else (more, onward is not None)
    return PageOfSessions(rows=rows, onward=_position(rows[-1], sort) if has_onward else "", back=_position(rows[0], sort) if has_back else "")


def known_sort_position(found: Position | None, sort: str) -> Position | None:
    """The place, if its value is one that this order can have."""
    if found is None or len(found.value) > 40 or not found.value.isascii():
        return None
    whole, _, part = found.value.partition(".")
    fits = whole.isdigit() and len(whole) <= 17 and (not part or (sort == "cost" and part.isdigit() and len(part) <= 12))
    return found if fits else None


def _position(row: Mapping[str, object], sort: str) -> str:
    value = row["ended_us"] if sort == "seen" else row["cost"] or "0"
    return str(Position(str(value), str(row["session"])))
