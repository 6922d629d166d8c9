"""`/audit`: administrative acts and refusals, page by page with filters; one event with what it changed; the chain verified; a file to download.

For administrators. What is shown is what the table has: the pages add nothing and change nothing.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

import msgspec

from headgate.admin.page_queries import PageQueries, PageQuery
from headgate.admin.statement_ports import Parameter
from headgate.catalog.audit_chain import AuditVerdict, Head, noted_head
from headgate.core.errors import BadRequest, NotFound
from headgate.core.principal import Principal
from headgate.core.scopes import ADMIN
from headgate.web.ui.answers import PageAnswer
from headgate.web.ui.fields import Fields
from headgate.web.ui.paging import following
from headgate.web.ui.routes import PageRequest, PageRoute
from headgate.web.ui.row_files import csv_file
from headgate.web.ui.row_positions import Position, read_position

OUTCOMES: Final = {"": "every outcome", "done": "done", "refused": "refused", "failed": "failed"}
SPANS: Final = {"": "all time", "1": "last 24 hours", "7": "last 7 days", "30": "last 30 days", "90": "last 90 days"}
_ROWS = 50
_FILE_ROWS = 50_000
_DAY_US = 86_400_000_000
_TEXT_CHARS_MAX = 200
_ABOUT = "concat_ws(' ', map_values(request_params))"
_COLUMNS = f"""event_id, unix_micros(event_time) AS at_us, event_time, user_identity.email AS who, service_name AS service, action_name AS action,
  request_params AS params, response.status_code AS status, response.result AS result, response.error_message AS message,
  source_ip_address AS address, occurrences, {_ABOUT} AS about"""
_FILE_COLUMNS = """event_time, user_identity.email AS who, identity_metadata.run_as AS run_as, service_name, action_name, request_params,
  response.status_code AS status_code, response.result AS result, response.error_message AS error_message, source_ip_address, user_agent,
  session_id, request_id, occurrences, event_id, chain_sequence, row_hash"""
_CONDITIONS = {
    "who": "contains(lower(coalesce(user_identity.email, '')), :who)",
    "action": "contains(lower(action_name), :action)",
    "about": f"contains(lower(coalesce({_ABOUT}, '')), :about)",
}
_OUTCOME_CONDITIONS = {
    "done": "response.status_code < 400",
    "refused": "response.result = 'refused'",
    "failed": "response.status_code >= 400 AND coalesce(response.result, '') <> 'refused'",
}
_FURTHER = "(event_time < timestamp_micros(:before_us) OR (event_time = timestamp_micros(:before_us) AND event_id < :before_id))"
_LIST = "SELECT {columns} FROM system.access.audit{where} ORDER BY event_time DESC, event_id DESC LIMIT {rows}"
_ONE = "SELECT * FROM system.access.audit WHERE event_id = :id LIMIT 1"


class AuditChecks(Protocol):
    """Verifies the chain of the audit table, away from the event loop."""

    async def verify(self, expected: Head | None, principal: Principal) -> AuditVerdict:
        """Whether the table is as it was written, and has the row of this end that was noted before. Raises Unavailable if it cannot be read."""


class AuditParts(msgspec.Struct, frozen=True):
    """What the pages are made from."""

    queries: PageQueries
    checks: AuditChecks
    now_us: Callable[[], int]


def audit_routes(parts: AuditParts) -> tuple[PageRoute, ...]:
    """`/audit` and what is below it."""
    pages = _Audit(parts)
    return (
        PageRoute("GET", "/audit", ADMIN, pages.listed),
        PageRoute("GET", "/audit/events/{event_id}", ADMIN, pages.event),
        PageRoute("GET", "/audit/chain", ADMIN, pages.chain),
        PageRoute("GET", "/audit/csv", ADMIN, pages.file),
    )


class _Audit:
    """The pages."""

    def __init__(self, parts: AuditParts) -> None:
        self._parts = parts

    async def listed(self, request: PageRequest) -> PageAnswer:
        """A page of events, the newest first."""
        query = listing_query(_COLUMNS, request.query, self._parts.now_us(), _ROWS + 1)
        found = list((await self._parts.queries.rows(query, request.principal)).records())
        shown = found[:_ROWS]
        more = following(request, before=Position(str(shown[-1]["at_us"]), str(shown[-1]["event_id"]))) if len(found) > len(shown) else ""
        return request.framed(
            "audit.html",
            "Audit",
            listed=shown,
            more=more,
            first=following(request, before="") if request.query.get("before") else "",
            asked=request.query,
            outcomes=OUTCOMES,
            spans=SPANS,
            filtered=any(request.query.get(name) for name in (*_CONDITIONS, "outcome", "days", "before")),
            file=following(request, before="").replace("/audit?", "/audit/csv?", 1),
        )

    async def event(self, request: PageRequest) -> PageAnswer:
        """All that one event says."""
        which = request.parameters["event_id"]
        rows = await self._parts.queries.rows(PageQuery(text=_ONE, parameters=(Parameter("id", which),)), request.principal)
        found = next(rows.records(), None)
        if found is None:
            raise NotFound("There is no audit event with this id. An event is here about a second after it happened.")
        return request.framed(
            "audit_event.html", f"Event {found['action_name']}", event=found, before=_laid_out(found["before"]), after=_laid_out(found["after"])
        )

    async def chain(self, request: PageRequest) -> PageAnswer:
        """Verify every row of the table, as `headgate audit verify` does."""
        text = request.query.get("expect", "").strip()
        expected = noted_head(text)
        problem = "" if expected is not None or not text else "That is no end of a chain. It is a number, a colon and 64 hexadecimal digits."
        verdict = None if problem else await self._parts.checks.verify(expected, request.principal)
        return request.framed(
            "audit_chain.html", "Chain of the audit table", status=400 if problem else 200, verdict=verdict, expect=text, problem=problem
        )

    async def file(self, request: PageRequest) -> PageAnswer:
        """The events of the filters as CSV."""
        query = listing_query(_FILE_COLUMNS, request.query, self._parts.now_us(), _FILE_ROWS)
        rows = await self._parts.queries.rows(query, request.principal)
        return csv_file("audit", [column.name for column in rows.columns], rows.rows())


def listing_query(columns: str, asked: Fields, now_us: int, rows: int) -> PageQuery:
    """The query for these columns of the events that an address asks for, the newest first. Raises BadRequest for a place that is none."""
    conditions: list[str] = []
    parameters: list[Parameter] = []
    for name, condition in _CONDITIONS.items():
        if text := asked.get(name, "").strip().lower()[:_TEXT_CHARS_MAX]:
            conditions.append(condition)
            parameters.append(Parameter(name, text))
    if asked.get("outcome", "") in _OUTCOME_CONDITIONS:
        conditions.append(_OUTCOME_CONDITIONS[asked["outcome"]])
    if days := asked.get("days", ""):
        if days not in SPANS:
            raise BadRequest("The address names no span of time. Choose one of the list.")
        conditions.append("event_time >= timestamp_micros(:since_us)")
        parameters.append(Parameter("since_us", str(now_us - int(days) * _DAY_US), "BIGINT"))
    if before := asked.get("before", ""):
        place = read_position(before)
        if place is None or not place.value.isdecimal() or len(place.value) > 18:
            raise BadRequest("The address names no place in the list. Begin at its first page.")
        conditions.append(_FURTHER)
        parameters += [Parameter("before_us", place.value, "BIGINT"), Parameter("before_id", place.id)]
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    return PageQuery(text=_LIST.format(columns=columns, where=where, rows=rows), parameters=tuple(parameters), row_limit=rows)


def _laid_out(text: object) -> str:
    """JSON with a line for each value; as it is where it is none."""
    if not isinstance(text, str):
        return ""
    try:
        value: Mapping[str, Any] = json.loads(text)
    except ValueError:
        return text
    return json.dumps(value, indent=2, ensure_ascii=False)
