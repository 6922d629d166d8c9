"""Reads logged requests and answers for pages, with the privileges of the principal that looks: what may not be read, or is not there, is said in words."""

from collections.abc import Callable, Mapping, Sequence

import msgspec

from headgate.admin.page_queries import PageQueries, PageQuery
from headgate.admin.statement_ports import Parameter
from headgate.core.errors import Forbidden, GatewayError, NotFound
from headgate.core.principal import Principal
from headgate.dialects.registry import TRANSCRIPTS
from headgate.dialects.transcript import Part, Transcript

BODY_CHARS_MAX = 1_000_000  # a longer body is not read for a page
_AT_ONCE = 12  # exchanges whose bodies are asked for together: within the bytes that a page's query may give
TITLE_BODY_CHARS_MAX = 150_000

_COLUMNS = """request_id, request_file, response_file, length(request) AS request_chars, length(response) AS response_chars,
  CASE WHEN length(request) <= :most THEN request END AS request, CASE WHEN length(response) <= :most THEN response END AS response"""
# Of the first requests of a session the longest: agents ask small things beside the conversation, such as a name for it.
_TITLES = """SELECT session_id, max_by(request, length(request)) AS request, max_by(api_type, length(request)) AS api_type
FROM (SELECT session_id, request, api_type, row_number() OVER (PARTITION BY session_id ORDER BY event_time, request_id) AS place
  FROM {table} WHERE session_id IN ({markers}) AND length(request) <= :most)
WHERE place <= 3 GROUP BY session_id"""
_HOW = 'Requests are kept from when headgate.toml names a table: [payloads] with table = "main.default.agents", or payload_table of an endpoint.'
_NO_TABLE = f"No requests and answers are kept. {_HOW}"
_NOT_KEPT = f"The requests and answers of these exchanges are not kept. {_HOW}"


class Bodies(msgspec.Struct, frozen=True, kw_only=True):
    """One exchange's bodies as text, where they are kept; `large` says that one of them is too large to be read here, or is in a file."""

    request: str = ""
    response: str = ""
    large: bool = False


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """What was found: bodies by request id, or why there are none."""

    bodies: Mapping[str, Bodies] = {}
    missing: str = ""


class PayloadReader(msgspec.Struct, frozen=True):
    """Reads payload tables. `tables_of` lists those that an endpoint's exchanges may be in; without an endpoint, all."""

    queries: PageQueries
    tables_of: Callable[[str], Sequence[str]]

    async def bodies(self, request_ids: Sequence[str], endpoints: Sequence[str], principal: Principal) -> Kept:
        """The bodies of these exchanges."""
        tables = list(dict.fromkeys(table for endpoint in endpoints for table in self.tables_of(endpoint)))
        if not tables:
            return Kept(missing=_NO_TABLE)
        found: dict[str, Bodies] = {}
        missing = ""
        for table in tables:
            try:
                for first in range(0, len(request_ids), _AT_ONCE):
                    rows = await self.queries.rows(_bodies_query(table, request_ids[first : first + _AT_ONCE]), principal)
                    found |= {str(row["request_id"]): _bodies(row) for row in rows.records()}
            except Forbidden as error:
                missing = f"You may not read the table {table}, in which they may be. {error.message}"
            except NotFound:
                continue  # of a table that this principal may not see, nothing is said
        return Kept(bodies=found, missing="" if found else missing or _NOT_KEPT)

    async def titles(self, sessions: Sequence[str], principal: Principal) -> dict[str, tuple[str, str]]:
        """A first request of each of these sessions, and the route that it came by; of those that are kept and may be read."""
        found: dict[str, tuple[str, str]] = {}
        markers = ", ".join(f":session_{number}" for number in range(len(sessions)))
        parameters = (Parameter("most", str(TITLE_BODY_CHARS_MAX), "INT"), *(Parameter(f"session_{n}", each) for n, each in enumerate(sessions)))
        for table in self.tables_of("") if sessions else ():
            text = _TITLES.format(table=table, markers=markers)
            try:
                rows = await self.queries.rows(PageQuery(text=text, parameters=parameters, timeout_s=3.0), principal)
            except GatewayError:
                continue
            found |= {str(row["session_id"]): (str(row["request"] or ""), str(row["api_type"] or "")) for row in rows.records()}
        return found


def read_request(dialect: str, body: str) -> Transcript:
    """What a logged request says; nothing where it is no JSON."""
    reader = TRANSCRIPTS.get(dialect)
    return reader.request(_decoded(body)) if reader is not None and body else Transcript()


def read_answer(dialect: str, body: str) -> tuple[Part, ...]:
    """What a logged answer says."""
    reader = TRANSCRIPTS.get(dialect)
    return reader.answer(_decoded(body)) if reader is not None and body else ()


def _bodies_query(table: str, request_ids: Sequence[str]) -> PageQuery:
    markers = ", ".join(f":id_{number}" for number in range(len(request_ids)))
    text = f"SELECT {_COLUMNS} FROM {table} WHERE request_id IN ({markers})"  # ruff: ignore[hardcoded-sql-expression] - the name is the catalog's own
    parameters = (Parameter("most", str(BODY_CHARS_MAX), "INT"), *(Parameter(f"id_{n}", each) for n, each in enumerate(request_ids)))
    return PageQuery(text=text, parameters=parameters)


def _bodies(row: Mapping[str, object]) -> Bodies:
    large = any(row[f"{name}_file"] or (row[f"{name}_chars"] and row[name] is None) for name in ("request", "response"))
    return Bodies(request=str(row["request"] or ""), response=str(row["response"] or ""), large=bool(large))


def _decoded(body: str) -> object:
    try:
        return msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None
