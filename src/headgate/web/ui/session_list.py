"""The queries of the list of agent sessions: made of usage rows alone, so that a page of it takes little time however much the agents reported.

A session is what an agent calls one. Requests of an agent that names none belong to the session before them, or else after them, in the same run of one
token and agent without a pause of more than thirty minutes; a run without a named session is one of its own. That is how the view `sessions` has it.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal

import msgspec

from headgate.admin.page_queries import PageQuery
from headgate.admin.statement_ports import Parameter
from headgate.web.ui.relations import RowScope, compose
from headgate.web.ui.row_positions import Position

ROWS_MAX = 25
SORTS = {"seen": "Last seen", "cost": "Cost"}

HOLDERS_MAX = 200
_HOLDER = "concat(coalesce(token_id, ''), '|', agent)"
_GENERATES = "NOT lower(coalesce(api_type, '')) RLIKE 'count_?tokens$'"
_WORDS = {"holder": _HOLDER, "generates": _GENERATES, "ended_us": "unix_micros(event_time) + coalesce(latency_ms, 0) * 1000"}
# Each query names `usage` once: of several readers the engine would keep all rows of the range in memory.
_HOLDERS = "SELECT DISTINCT {holder} AS holder FROM usage WHERE session_id IS NULL AND {generates} LIMIT {limit}"
_ASKED = """WITH asked AS (
  SELECT {columns}request_id, session_id, spend, {holder} AS holder, unix_micros(event_time) AS started_us, {ended_us} AS ended_us
  FROM usage WHERE {generates} AND ({within})
),
"""
_PLACED = """loose AS (SELECT * FROM asked WHERE holder IN ({holders})),
paused AS (
  SELECT *, CASE WHEN started_us - max(ended_us) OVER (PARTITION BY holder ORDER BY started_us, request_id
    ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) <= 1800000000 THEN 0 ELSE 1 END AS begins
  FROM loose
),
runs AS (
  SELECT *, sum(begins) OVER (PARTITION BY holder ORDER BY started_us, request_id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS run FROM paused
),
found AS (
  SELECT *, coalesce(
    last_value(session_id) IGNORE NULLS OVER (PARTITION BY holder, run ORDER BY started_us, request_id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW),
    first_value(session_id) IGNORE NULLS OVER (PARTITION BY holder, run ORDER BY started_us, request_id ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING),
    concat('run:', first_value(request_id) OVER (PARTITION BY holder, run ORDER BY started_us, request_id))) AS session
  FROM runs
),
placed AS (
  SELECT {columns}spend, started_us, ended_us, session_id AS session FROM asked WHERE session_id IS NOT NULL
  UNION ALL SELECT {columns}spend, started_us, ended_us, session FROM found WHERE session_id IS NULL
)
"""
_WHOLE = "user, agent, agent_version, surface, subagent_id, turn_id, model, ended, input_tokens, output_tokens, charge_status, "
# First the page's sessions, of as few columns as that takes: those with a name, and runs without; then all about these.
_NAMED = (
    "SELECT session_id AS session, max({ended_us}) AS ended_us, sum(spend) AS cost FROM usage WHERE session_id IS NOT NULL AND {generates} GROUP BY 1"
)
_RUNS = "SELECT session, max(ended_us) AS ended_us, sum(spend) AS cost FROM placed WHERE session LIKE 'run:%' GROUP BY session"
_LISTED = """listed AS ({listed})
SELECT session, ended_us, cost FROM listed{where}
ORDER BY {value} {order}, session {order}
LIMIT {limit}"""
_ABOUT = """
SELECT session, max_by(user, started_us) AS user, max_by(agent, started_us) AS agent, max_by(agent_version, started_us) AS agent_version,
  max_by(surface, started_us) AS surface, count(DISTINCT turn_id) AS turns, count(*) AS requests, count(DISTINCT subagent_id) AS subagents,
  count(*) FILTER (WHERE ended IN ('failed', 'cut', 'refused', 'interrupted')) AS errors, max_by(ended, ended_us) AS last_ended,
  sum(coalesce(input_tokens, 0) + coalesce(output_tokens, 0)) AS tokens, sum(spend) AS cost,
  count(*) FILTER (WHERE charge_status = 'unpriced') AS unpriced, min(started_us) AS started_us, max(ended_us) AS ended_us
FROM placed WHERE session IN ({markers}) GROUP BY session"""
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


def holders_query(scope: RowScope) -> PageQuery:
    """The tokens and agents with a request that names no session: only of those do neighbours matter."""
    composed = compose(_HOLDERS.format(limit=HOLDERS_MAX, **_WORDS), scope)
    return PageQuery(text=composed.text, parameters=composed.parameters)


def list_query(scope: RowScope, sort: str, onward: Position | None, back: Position | None, holders: Sequence[str] | None = None) -> PageQuery:
    """The sessions behind a place, or before it, or the first ones; one more than a page has. The largest value comes first.

    Those that have a name; with `holders` the runs of these tokens and agents without one.
    """
    key, value = onward or back, _VALUES[sort]
    upwards = onward is None and back is not None
    mark = ">" if upwards else "<"
    where = "" if key is None else f"\nWHERE {value} {mark} :key_value OR ({value} = :key_value AND session {mark} :key_id)"
    rest = {"where": where, "value": value, "order": "ASC" if upwards else "DESC", "limit": ROWS_MAX + 1}
    if holders is None:
        text = "WITH " + _LISTED.format(listed=_NAMED.format(**_WORDS), **rest)
    else:
        marked = _markers("holder", holders)
        asked = _ASKED.format(columns="", within=f"{_HOLDER} IN ({marked})", **_WORDS)
        text = asked + _PLACED.format(columns="", holders=marked) + ", " + _LISTED.format(listed=_RUNS, **rest)
    place = () if key is None else (Parameter("key_value", key.value, _TYPES[sort]), Parameter("key_id", key.id))
    composed = compose(text, scope)
    return PageQuery(text=composed.text, parameters=(*composed.parameters, *place, *_named("holder", holders or ())), decimals="text")


def merged(first: Sequence[Mapping[str, object]], second: Sequence[Mapping[str, object]], sort: str, *, upwards: bool) -> list[Mapping[str, object]]:
    """Two lists in one order as one."""
    return sorted((*first, *second), key=lambda row: (_rank(row, sort), str(row["session"])), reverse=not upwards)


def about_query(scope: RowScope, sessions: Sequence[str], holders: Sequence[str]) -> PageQuery:
    """All that the list shows of these sessions, in no order."""
    return _of_sessions(_ABOUT, scope, sessions, holders)


def growth_query(scope: RowScope, sessions: Sequence[str], holders: Sequence[str]) -> PageQuery:
    """How the context of these sessions grew: the input of each request outside of sub-agents."""
    return _of_sessions(_GROWTH, scope, sessions, holders)


def _of_sessions(text: str, scope: RowScope, sessions: Sequence[str], holders: Sequence[str]) -> PageQuery:
    markers, marked = _markers("session", sessions), _markers("holder", holders) or "NULL"
    asked = _ASKED.format(columns=_WHOLE, within=f"session_id IN ({markers}) OR {_HOLDER} IN ({marked})", **_WORDS)
    composed = compose(asked + _PLACED.format(columns=_WHOLE, holders=marked) + text.format(markers=markers), scope)
    names = (*_named("session", sessions), *_named("holder", holders))
    return PageQuery(text=composed.text, parameters=(*composed.parameters, *names), row_limit=20_000, decimals="text")


def _markers(name: str, values: Sequence[str]) -> str:
    return ", ".join(f":{name}_{number}" for number in range(len(values)))


def _named(name: str, values: Sequence[str]) -> tuple[Parameter, ...]:
    return tuple(Parameter(f"{name}_{number}", value) for number, value in enumerate(values))


def _rank(row: Mapping[str, object], sort: str) -> Decimal:
    return Decimal(str((row["ended_us"] if sort == "seen" else row["cost"]) or 0))


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
