"""The relations of a dashboard as data: what each reads, its columns under short names, and which of its columns a filter compares.

A source has `{place}` before the table's name: `system.ai_gateway.` for everyone's rows, `system.ai_gateway.my_` for the caller's own.
"""

from collections.abc import Callable, Mapping

import msgspec

from headgate.catalog.cache_runs import BROKEN
from headgate.catalog.ledger import client_requests_view, client_tools_view, coverage_view, exchanges_view, sessions_view
from headgate.catalog.usage_sums import LINE_AMOUNTS, LINE_CLASSES, LINE_HOURS, USAGE_HOURS, Sums
from headgate.catalog.usage_table import USAGE
from headgate.web.ui.cache_relations import CacheRows, broken_prefixes, cache_writes
from headgate.web.ui.request_outcomes import ORIGIN_SQL, origin_sql

_AGENT = "coalesce(agent, 'unknown')"
_MODEL = "coalesce(model_served, model_sent, model_asked)"
_BUCKET = "date_trunc('{{bucket}}', {time})"  # the time is put in here, the unit where the range is known


class Relation(msgspec.Struct, frozen=True, kw_only=True):
    """One relation. `columns` are expressions by name, in the place of columns of the source; `filters` the expression that a filter compares; a
    filter that is not in it is asked of the agent session's exchanges, where `session` names that column, and does not apply elsewhere.
    `before` says that it shows the compared period, `day` that `time` is a date. Where `time` is an hour, `rows` reads the rows of a part of an hour.
    `once` says that its source takes long to compute, and is read once for range and compared period. `query` makes the source from the conditions on
    the usage table and, under the filters of `run_filters` alone, on `cache_runs`.
    """

    name: str
    source: str
    time: str
    columns: Mapping[str, str]
    filters: Mapping[str, str]
    session: str = ""
    before: bool = False
    day: bool = False
    rows: "Relation | None" = None
    once: bool = False
    query: Callable[[CacheRows], str] | None = None
    run_filters: Mapping[str, str] = {}


def _columns(time: str, own: Mapping[str, str], source: tuple[str, ...]) -> dict[str, str]:
    """The short names first, then every column of the source that no short name hides."""
    bucket = {"bucket": _BUCKET.format(time=time)}
    return {**bucket, **own, **{name: name for name in source if name not in own}}


_GATEWAY = {
    "user": "requester",
    "agent": _AGENT,
    "model": _MODEL,
    "provider": "destination_name",
    "endpoint": "endpoint_name",
    "tag": "request_tags",
    "status": "status_code",
}
_USAGE_OWN = {
    "user": "requester",
    "agent": _AGENT,
    "model": _MODEL,
    "provider": "destination_name",
    "endpoint": "endpoint_name",
    "spend": "charge",
    "cache_write_tokens": "coalesce(cache_write_5m_tokens, 0) + coalesce(cache_write_1h_tokens, 0)",
}
_5M_MTOK = "coalesce(rates.cache_write_5m_mtok, rates.input_mtok)"
_1H_MTOK = "coalesce(rates.cache_write_1h_mtok, rates.cache_write_5m_mtok, rates.input_mtok)"
# Numbers, so that a query which reads them twice need not keep the rates between.
_OF_CACHES = {
    "read_saved": "cache_read_tokens * (rates.input_mtok - rates.cache_read_mtok) / 1000000",
    "write_premium": (
        f"(coalesce(cache_write_5m_tokens, 0) * ({_5M_MTOK} - rates.input_mtok) "
        f"+ coalesce(cache_write_1h_tokens, 0) * ({_1H_MTOK} - rates.input_mtok)) / 1000000"
    ),
}
_USAGE_NAMES = tuple(field.name for field in USAGE.schema.fields)
_USAGE = _columns("event_time", {**_USAGE_OWN, **_OF_CACHES, "origin": ORIGIN_SQL}, _USAGE_NAMES)

# A row for each priced line, as `headgate usage --by model` counts: an answer may be charged by more than one model.
_LINE_OWN = {
    **_USAGE_OWN,
    "model": f"coalesce(line.model, {_MODEL})",
    "kind": "line.kind",
    "uses": "line.uses",
    **{name: text for name, text in LINE_AMOUNTS.items() if name != "charge"},
    "first_line": "place = 0",
    "spend": LINE_AMOUNTS["charge"],
    **{name: f"CASE WHEN line IS NULL THEN {name} ELSE line.{name} END" for name in LINE_CLASSES},
    "cache_write_tokens": (
        "CASE WHEN line IS NULL THEN coalesce(cache_write_5m_tokens, 0) + coalesce(cache_write_1h_tokens, 0) "
        "ELSE coalesce(line.cache_write_5m_tokens, 0) + coalesce(line.cache_write_1h_tokens, 0) END"
    ),
}
_LINES = _columns(
    "event_time", {**_LINE_OWN, "origin": ORIGIN_SQL}, tuple(name for name in _USAGE_NAMES if name not in {"input_tokens", "total_tokens", "charge"})
)
_LINES_SOURCE = (
    "{place}usage\n  LATERAL VIEW posexplode(CASE WHEN size(usage_lines) > 0 THEN usage_lines ELSE array(NULL) END) every_line AS place, line"
)


def _hours(sums: Sums, model: str, own: Mapping[str, str], of_row: Mapping[str, str], explode: str = "") -> Relation:
    """The relation over sums of hours, and over the rows of a part of one. `own` are columns over both, `of_row` those that differ over rows."""
    short = {**{name: text for name, text in _USAGE_OWN.items() if name != "spend"}, "model": model, "spend": "charge", **own}
    columns, spend = _columns("hour", short, tuple(sums.of_row)), sums.measures["charge"].value
    rows = {**columns, **sums.of_row, **short, "bucket": _BUCKET.format(time="event_time"), "spend": spend, **of_row}
    filters = {**_GATEWAY, "model": model}
    single = Relation(name="", source=f"{{place}}usage{explode}", time="event_time", columns=rows, filters={**filters, "model": rows["model"]})
    return Relation(name="", source=f"{{place}}{sums.name.leaf}", time="hour", columns=columns, filters=filters, rows=single)


_USAGE_HOURS = _hours(USAGE_HOURS, _MODEL, {**_OF_CACHES, "origin": origin_sql("provider_answered")}, {"origin": ORIGIN_SQL})
_LINE_CACHE = f"coalesce({_LINE_OWN['cache_write_5m_tokens']}, 0) + coalesce({_LINE_OWN['cache_write_1h_tokens']}, 0)"
_LINE_HOURS = _hours(LINE_HOURS, "model_charged", {}, {"model": _LINE_OWN["model"], "cache_write_tokens": _LINE_CACHE}, LINE_HOURS.explode)

_SESSION_OWN = {"user": "coalesce(principal, client_user)", "agent": _AGENT, "spend": "charge"}
_SESSIONS = _columns("started_at", _SESSION_OWN, tuple(field.name for field in sessions_view.SCHEMA.fields))
_SESSION_FILTERS = {"user": "coalesce(principal, client_user)", "agent": _AGENT, "model": "models"}

_TOOLS = _columns("called_at", {"agent": _AGENT}, tuple(field.name for field in client_tools_view.SCHEMA.fields))
_REQUESTS = _columns("reported_at", {"agent": _AGENT, "user": "client_user"}, tuple(field.name for field in client_requests_view.SCHEMA.fields))
_EXCHANGE_OWN = {
    **_USAGE_OWN,
    "user": "coalesce(requester, client_user)",
    "model": "coalesce(model_served, model_sent, model_asked, client_model)",
}
_EXCHANGES = _columns("event_time", _EXCHANGE_OWN, tuple(field.name for field in exchanges_view.SCHEMA.fields))
_EXCHANGE_FILTERS = {**_GATEWAY, "user": _EXCHANGE_OWN["user"], "model": _EXCHANGE_OWN["model"]}
# A date cut to a day has no zone, and a browser would read it as its own time.
_COVERAGE = _columns("CAST(day AS TIMESTAMP)", {"user": "requester", "agent": _AGENT}, tuple(field.name for field in coverage_view.SCHEMA.fields))


_RUN_FILTERS = {"user": "requester", "agent": _AGENT, "model": "model", "endpoint": "endpoint_name", "tag": "request_tags"}
_BROKEN = {"bucket": _BUCKET.format(time="event_time"), **{name: name for name in ("session_id", "user", "agent", "model", *BROKEN)}}
_WRITES = {name: name for name in ("user", "agent", "model", "written", "unread", "premium")}


def _cache(name: str, columns: Mapping[str, str], query: Callable[[CacheRows], str]) -> Relation:
    return Relation(name=name, source="", time="event_time", columns=columns, filters=_GATEWAY, query=query, run_filters=_RUN_FILTERS)


def _both(name: str, before: str, relation: Relation) -> tuple[Relation, Relation]:
    """The relation over the range, and over the compared period."""
    return msgspec.structs.replace(relation, name=name), msgspec.structs.replace(relation, name=before, before=True)


RELATIONS = (
    *_both("usage", "before", Relation(name="", source="{place}usage", time="event_time", columns=_USAGE, filters=_GATEWAY)),
    *_both(
        "lines",
        "lines_before",
        Relation(name="", source=_LINES_SOURCE, time="event_time", columns=_LINES, filters={**_GATEWAY, "model": _LINE_OWN["model"]}),
    ),
    *_both("usage_hours", "before_hours", _USAGE_HOURS),
    *_both("line_hours", "line_hours_before", _LINE_HOURS),
    *_both(
        "sessions",
        "sessions_before",
        Relation(name="", source="{place}sessions", time="started_at", columns=_SESSIONS, filters=_SESSION_FILTERS, session="session_id", once=True),
    ),
    *_both(
        "tools",
        "tools_before",
        Relation(name="", source="{place}client_tools", time="called_at", columns=_TOOLS, filters={"agent": _AGENT}, session="session_id", once=True),
    ),
    Relation(
        name="client_requests",
        source="{place}client_requests",
        time="reported_at",
        columns=_REQUESTS,
        filters={"agent": _AGENT, "model": "model"},
        session="session_id",
    ),
    Relation(name="exchanges", source="{place}exchanges", time="event_time", columns=_EXCHANGES, filters=_EXCHANGE_FILTERS),
    Relation(name="coverage", source="{place}coverage", time="day", columns=_COVERAGE, filters={"user": "requester", "agent": _AGENT}, day=True),
    _cache("broken_prefixes", _BROKEN, broken_prefixes),
    _cache("cache_writes", _WRITES, cache_writes),
)
