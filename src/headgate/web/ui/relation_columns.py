"""The relations of a dashboard as data: what each reads, its columns under short names, and which of its columns a filter compares.

A source has `{place}` before the table's name: `system.ai_gateway.` for everyone's rows, `system.ai_gateway.my_` for the caller's own.
"""

from collections.abc import Mapping

import msgspec

from headgate.catalog.ledger import client_requests_view, client_tools_view, coverage_view, exchanges_view, sessions_view
from headgate.catalog.usage_table import USAGE
from headgate.web.ui.request_outcomes import ORIGIN_SQL

_AGENT = "coalesce(agent, 'unknown')"
_MODEL = "coalesce(model_served, model_sent, model_asked)"
_BUCKET = "date_trunc('{{bucket}}', {time})"  # the time is put in here, the unit where the range is known


class Relation(msgspec.Struct, frozen=True, kw_only=True):
    """One relation. `columns` are expressions by name, in the place of columns of the source; `filters` the expression that a filter compares; a
    filter that is not in it is asked of the agent session's exchanges, where `session` names that column, and does not apply elsewhere.
    `before` says that it shows the compared period, `day` that `time` is a date.
    """

    name: str
    source: str
    time: str
    columns: Mapping[str, str]
    filters: Mapping[str, str]
    session: str = ""
    before: bool = False
    day: bool = False


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
_USAGE_NAMES = tuple(field.name for field in USAGE.schema.fields)
_USAGE = _columns("event_time", {**_USAGE_OWN, "origin": ORIGIN_SQL}, _USAGE_NAMES)

# A row for each priced line, as `headgate usage --by model` counts: an answer may be charged by more than one model.
_LINE_CLASSES = ("fresh_input_tokens", "cache_read_tokens", "cache_write_5m_tokens", "cache_write_1h_tokens", "output_tokens", "reasoning_tokens")


def _spent(*classes: tuple[str, tuple[str, ...]]) -> str:
    """What the tokens of classes cost in a line that was charged: exact as the charge is, by the rates of `metering.price`."""
    items = [
        f"CAST(coalesce(line.{tokens}, 0) AS DECIMAL(14, 0)) * CAST(coalesce({', '.join(f'line.rates.{rate}' for rate in rates)}, 0) AS DECIMAL(14, 6))"
        for tokens, rates in classes
    ]
    return f"CASE WHEN line.charge > 0 THEN CAST(0.000001 AS DECIMAL(6, 6)) * ({' + '.join(items)}) END"


_CLASS_SPEND = {
    "fresh_input_spend": _spent(("fresh_input_tokens", ("input_mtok",))),
    "cache_read_spend": _spent(("cache_read_tokens", ("cache_read_mtok", "input_mtok"))),
    "cache_write_spend": _spent(
        ("cache_write_5m_tokens", ("cache_write_5m_mtok", "input_mtok")),
        ("cache_write_1h_tokens", ("cache_write_1h_mtok", "cache_write_5m_mtok", "input_mtok")),
    ),
    "output_spend": _spent(("output_tokens", ("output_mtok",))),
    "use_spend": "CASE WHEN coalesce(line.uses, 0) > 0 THEN line.charge END",
}
_LINE_OWN = {
    **_USAGE_OWN,
    "model": f"coalesce(line.model, {_MODEL})",
    "kind": "line.kind",
    "uses": "line.uses",
    **_CLASS_SPEND,
    "first_line": "place = 0",
    "spend": "CASE WHEN line IS NULL THEN charge ELSE line.charge END",
    **{name: f"CASE WHEN line IS NULL THEN {name} ELSE line.{name} END" for name in _LINE_CLASSES},
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
_COVERAGE = _columns("day", {"user": "requester", "agent": _AGENT}, tuple(field.name for field in coverage_view.SCHEMA.fields))


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
    *_both(
        "sessions",
        "sessions_before",
        Relation(name="", source="{place}sessions", time="started_at", columns=_SESSIONS, filters=_SESSION_FILTERS, session="session_id"),
    ),
    *_both(
        "tools",
        "tools_before",
        Relation(name="", source="{place}client_tools", time="called_at", columns=_TOOLS, filters={"agent": _AGENT}, session="session_id"),
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
)
