"""The queries of the list of requests: a page of rows by their place, never by a count of rows to skip, and the histogram above it."""

import datetime as dt
from collections.abc import Mapping, Sequence

import msgspec

from headgate.admin.page_queries import PageQuery
from headgate.admin.statement_ports import Parameter
from headgate.web.ui.filters import Filters
from headgate.web.ui.relations import RowScope, compose
from headgate.web.ui.request_outcomes import CLASS_SQL
from headgate.web.ui.row_positions import Position

ROWS_MAX = 40
_BARS_MAX = 62
_MINUTE_S = 60
_STEPS_S = tuple(minutes * _MINUTE_S for minutes in (1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 10080, 43200))

_COLUMNS = f"""unix_micros(event_time) AS event_us, request_id, user, agent, agent_version, model, endpoint, provider, status_code, ended, error_code,
  error_message, input_tokens, cache_read_tokens, output_tokens, usage_estimated, spend, charge_status, latency_ms, time_to_first_byte_ms, session_id, translated_to,
  {CLASS_SQL} AS outcome"""
_PAGE = f"SELECT {_COLUMNS}\nFROM usage{{where}}\nORDER BY event_time {{order}}, request_id {{order}}\nLIMIT {{limit}}"
_BEFORE = "event_time <= :key_time AND (event_time < :key_time OR request_id < :key_id)"
_AFTER = "event_time >= :key_time AND (event_time > :key_time OR request_id > :key_id)"
# An exchange has a row when it has ended, so what is new is what ended since: it may have begun before rows that are shown already.
_ENDED_SINCE = "event_time >= :begun_after AND unix_micros(event_time) + coalesce(latency_ms, 0) * 1000 >= unix_micros(:ended_after)"
_LONGEST = dt.timedelta(hours=2)
_OVERLAP = dt.timedelta(seconds=10)  # the time between the end of an exchange and its row
_HISTOGRAM = (
    f"SELECT (unix_micros(event_time) - unix_micros(:range_from)) div (CAST(:step_s AS BIGINT) * 1000000) AS bar, {CLASS_SQL} AS outcome, count(*) AS requests\n"
    "FROM usage\nGROUP BY ALL"
)


class PageOfRequests(msgspec.Struct, frozen=True, kw_only=True):
    """Rows, the newest first; and the places from which the lists of older and of newer rows go on, where there are some."""

    rows: Sequence[Mapping[str, object]]
    older: str = ""
    newer: str = ""


def page_query(scope: RowScope, outcome: str, before: Position | None, after: Position | None) -> PageQuery:
    """The rows before a place, or after it, or the newest; one more than a page has, which says whether there is another page.

    `outcome` is one of the classes, or empty for all.
    """
    key = before or after
    if key is None:
        return _rows(scope, outcome, "", ())
    place = (Parameter("key_time", _moment(key), "TIMESTAMP"), Parameter("key_id", key.id))
    return _rows(scope, outcome, _BEFORE if before is not None else _AFTER, place, order="ASC" if before is None else "DESC")


def ended_since_query(scope: RowScope, outcome: str, since: dt.datetime) -> PageQuery:
    """The newest rows of exchanges that have ended since a moment, or a little before it: rows may come twice, and none is left out."""
    since -= _OVERLAP
    moments = (Parameter("begun_after", _text(since - _LONGEST), "TIMESTAMP"), Parameter("ended_after", _text(since), "TIMESTAMP"))
    return _rows(scope, outcome, _ENDED_SINCE, moments)


def page_of(records: Sequence[Mapping[str, object]], before: Position | None, after: Position | None) -> PageOfRequests:
    """What the rows of `page_query` are: at most a page of them, the newest first."""
    rows, more = list(records[:ROWS_MAX]), len(records) > ROWS_MAX
    upwards = before is None and after is not None
    if upwards:
        rows.reverse()
    if not rows:
        return PageOfRequests(rows=rows, older=str(after) if upwards else "", newer=str(before or ""))
    has_older, has_newer = (True, more) if upwards else (more, before is not None)
    return PageOfRequests(rows=rows, older=position(rows[-1]) if has_older else "", newer=position(rows[0]) if has_newer else "")


def position(row: Mapping[str, object]) -> str:
    """The place of a row."""
    return str(Position(str(row["event_us"]), str(row["request_id"])))


def known_position(found: Position | None) -> Position | None:
    """The place, if it is one of this list: its value is a moment in microseconds."""
    fits = found is not None and found.value.isascii() and found.value.isdigit() and len(found.value) <= 17
    return found if fits else None


def step_s(filters: Filters) -> int:
    """How long a bar of the histogram is: the shortest step with which the range has few enough bars."""
    span_s = (filters.end - filters.start).total_seconds()
    return next((step for step in _STEPS_S if span_s / step <= _BARS_MAX), _STEPS_S[-1])


def one_query(request_id: str, *, everyone: bool) -> PageQuery:
    """The whole usage row of one exchange: everyone's, or the caller's own."""
    source = f"system.ai_gateway.{'usage' if everyone else 'my_usage'}"
    text = f"SELECT *, unix_micros(event_time) AS event_us, {CLASS_SQL} AS outcome FROM {source} WHERE request_id = :request_id LIMIT 1"  # ruff: ignore[hardcoded-sql-expression] - all of it is written in this file
    return PageQuery(text=text, parameters=(Parameter("request_id", request_id),), decimals="text")


def histogram_query(scope: RowScope) -> PageQuery:
    """How many requests of each class are in each bar."""
    composed = compose(_HISTOGRAM, scope)
    return PageQuery(text=composed.text, parameters=(*composed.parameters, Parameter("step_s", str(step_s(scope.filters)))))


def _rows(scope: RowScope, outcome: str, condition: str, parameters: tuple[Parameter, ...], order: str = "DESC") -> PageQuery:
    conditions = [condition] if condition else []
    if outcome:
        conditions.append(f"{CLASS_SQL} = :outcome")
        parameters = (*parameters, Parameter("outcome", outcome))
    where = f"\nWHERE {' AND '.join(conditions)}" if conditions else ""
    composed = compose(_PAGE.format(where=where, order=order, limit=ROWS_MAX + 1), scope)
    return PageQuery(text=composed.text, parameters=(*composed.parameters, *parameters))


def _moment(key: Position) -> str:
    return _text(dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=int(key.value)))


def _text(moment: dt.datetime) -> str:
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")
