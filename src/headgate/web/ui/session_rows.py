"""The usage rows of one agent session, and what its agent reported of its tool calls."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import msgspec

from headgate.admin.page_queries import PageQueries, PageQuery
from headgate.admin.statement_ports import Parameter
from headgate.core.errors import GatewayError, NotFound
from headgate.core.principal import Principal
from headgate.web.ui.request_outcomes import CLASS_SQL

ROWS_MAX = 5_000
_RUN = "run:"
_PAUSE_US = 1_800_000_000
_TOOLS_S = 3.0  # what the agent reported adds to the page, and must not keep it waiting for long
_NO_SUCH = "There is no agent session of this id, or none of its requests is yours."

_COLUMNS = f"""unix_micros(event_time) AS event_us, request_id, requester, agent, agent_version, surface, session_id, subagent_id,
  session_metadata.parent_subagent_id AS parent_subagent_id, turn_id, coalesce(model_served, model_sent, model_asked) AS model, endpoint_name, dialect,
  fresh_input_tokens, cache_read_tokens, coalesce(cache_write_5m_tokens, 0) + coalesce(cache_write_1h_tokens, 0) AS cache_write_tokens, input_tokens,
  output_tokens, charge, charge_status, latency_ms, time_to_first_byte_ms, status_code, ended, error_code, error_message, response_id, token_id,
  {CLASS_SQL} AS outcome"""


class ReportedTool(msgspec.Struct, frozen=True, kw_only=True):
    """A tool call as the agent reported it: `decision` is `accepted`, `rejected` or empty."""

    call_id: str = ""
    tool: str = ""
    called_us: int = 0
    decision: str = ""
    success: bool | None = None
    duration_ms: int | None = None
    lines_added: int = 0
    lines_removed: int = 0


class SessionRows(msgspec.Struct, frozen=True, kw_only=True):
    """Every usage row of a session in its order; `truncated` where there are more than a page reads."""

    rows: Sequence[Mapping[str, Any]]
    truncated: bool = False

    @property
    def errors(self) -> list[int]:
        """The places of the exchanges that did not end well."""
        return [number for number, row in enumerate(self.rows) if is_error(row)]

    @property
    def charge(self) -> Decimal:
        """What was priced, together."""
        return sum((Decimal(row["charge"]) for row in self.rows if row["charge"] is not None), Decimal(0))

    def total(self, column: str) -> int:
        """The sum of a count."""
        return sum(row[column] or 0 for row in self.rows)

    def distinct(self, column: str) -> list[str]:
        """The values of a column, in the order in which they appear."""
        return list(dict.fromkeys(str(row[column]) for row in self.rows if row[column]))


def is_error(row: Mapping[str, Any]) -> bool:
    """Whether an exchange ended as failed, cut, refused or interrupted."""
    return row["ended"] not in {"completed", "client_gone"}


async def session_rows(queries: PageQueries, session_id: str, principal: Principal) -> SessionRows:
    """The rows of a session that this principal may see. Raises NotFound where there are none."""
    place = f"system.ai_gateway.{'usage' if principal.reads_all_usage else 'my_usage'}"
    if session_id.startswith(_RUN):
        found = await _run(queries, place, session_id.removeprefix(_RUN), principal)
    else:
        text = f"SELECT {_COLUMNS} FROM {place} WHERE session_id = :session ORDER BY event_time, request_id LIMIT {ROWS_MAX + 1}"  # ruff: ignore[hardcoded-sql-expression] - all of it is written in this file
        found = await _records(queries, text, (Parameter("session", session_id),), principal)
    if not found:
        raise NotFound(_NO_SUCH)
    return SessionRows(rows=found[:ROWS_MAX], truncated=len(found) > ROWS_MAX)


async def reported_tools(queries: PageQueries, session_id: str, principal: Principal) -> list[ReportedTool]:
    """The tool calls of the session as its agent reported them, in their order; none where that takes too long."""
    place = "client_tools" if principal.reads_all_usage else "my_client_tools"
    columns = "call_id, tool, unix_micros(called_at) AS called_us, decision, success, duration_ms, lines_added, lines_removed"
    text = f"SELECT {columns} FROM system.ai_gateway.{place} WHERE session_id = :session ORDER BY called_at, call_id"  # ruff: ignore[hardcoded-sql-expression] - all of it is written in this file
    try:
        rows = await queries.rows(
            PageQuery(text=text, parameters=(Parameter("session", session_id),), row_limit=20_000, timeout_s=_TOOLS_S), principal
        )
    except GatewayError:
        return []
    return [msgspec.convert({name: value for name, value in row.items() if value is not None}, ReportedTool) for row in rows.records()]


def tools_by_request(rows: Sequence[Mapping[str, Any]], tools: Sequence[ReportedTool]) -> dict[str, list[ReportedTool]]:
    """The tool calls that followed each exchange, by their time: where bodies are not kept nothing else joins them."""
    found: dict[str, list[ReportedTool]] = {}
    begun = [row["event_us"] for row in rows]
    for tool in tools:
        place = bisect_right(begun, tool.called_us) - 1
        if place >= 0:
            found.setdefault(rows[place]["request_id"], []).append(tool)
    return found


async def _run(queries: PageQueries, place: str, request_id: str, principal: Principal) -> list[dict[str, Any]]:
    """The exchanges from this one on of a token and an agent that name no session, up to a pause of more than thirty minutes."""
    text = (
        f"WITH first AS (SELECT event_time AS begun, token_id AS token, agent AS whose FROM {place} WHERE request_id = :first AND session_id IS NULL)\n"  # ruff: ignore[hardcoded-sql-expression] - all of it is written in this file
        f"SELECT {_COLUMNS} FROM {place} JOIN first ON token_id = token AND coalesce(agent, '') = coalesce(whose, '')\n"
        f"WHERE session_id IS NULL AND event_time >= begun ORDER BY event_time, request_id LIMIT {ROWS_MAX + 1}"
    )
    found = await _records(queries, text, (Parameter("first", request_id),), principal)
    ended_us = 0
    for number, row in enumerate(found):
        if number and row["event_us"] - ended_us > _PAUSE_US:
            return found[:number]
        ended_us = max(ended_us, row["event_us"] + (row["latency_ms"] or 0) * 1000)
    return found


async def _records(queries: PageQueries, text: str, parameters: tuple[Parameter, ...], principal: Principal) -> list[dict[str, Any]]:
    rows = await queries.rows(PageQuery(text=text, parameters=parameters, row_limit=ROWS_MAX + 1, decimals="text"), principal)
    return list(rows.records())
