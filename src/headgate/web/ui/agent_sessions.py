"""The page of agent sessions: each with its title, cost, errors and the growth of its context, the last or the most expensive first."""

import asyncio
import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from itertools import starmap
from typing import Any

import msgspec

from headgate.admin.page_queries import PageQueries, PageQuery
from headgate.admin.statement_ports import Parameter
from headgate.core.clock import Clock
from headgate.core.headers import Headers
from headgate.core.principal import Principal
from headgate.core.scopes import ANY
from headgate.web.ui.answers import PageAnswer, json_answer
from headgate.web.ui.filters import Filters, read_filters
from headgate.web.ui.first_prompt import first_prompt
from headgate.web.ui.payload_reading import PayloadReader, read_request
from headgate.web.ui.relations import RowScope
from headgate.web.ui.routes import PageRequest, PageRoute
from headgate.web.ui.row_positions import read_position
from headgate.web.ui.session_list import SORTS, about_query, growth_query, holders_query, known_sort_position, list_query, merged, page_of_sessions
from headgate.web.ui.sparkline import Sparkline, sparkline
from headgate.web.ui.tile_reading import NO_ROWS

PATH = "/sessions"
_POINTS = 60
_REPORTED_S = 20.0  # the script waits for it, not the page
_NAMES_MAX = 50
_NAME_CHARS_MAX = 256
_ENDED = {"completed": "answered", "client_gone": "abandoned"}
_UNSTORED: Headers = [(b"cache-control", b"no-store")]
_DIALECTS = {"anthropic": "anthropic", "openai": "openai_chat", "gemini": "gemini", "cursor": "cursor"}


class ShownSession(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the page."""

    row: Mapping[str, Any]
    title: str = ""
    outcome: str = ""
    growth: Sparkline | None = None
    most: int = 0


class SessionPages(msgspec.Struct, frozen=True):
    """What makes the list. `members_of` lists the users of a group."""

    queries: PageQueries
    payloads: PayloadReader
    members_of: Callable[[str], Sequence[str]]
    clock: Clock

    async def listed(self, request: PageRequest) -> PageAnswer:
        """`/sessions`: a page of them in one of two orders."""
        filters, sort = self._filters(request), request.query.get("sort", "seen")
        sort = sort if sort in SORTS else "seen"
        members = tuple(member for group in filters.group for member in self.members_of(group))
        scope = RowScope(filters=filters, everyone=request.principal.reads_all_usage, members=members)
        onward, back = (known_sort_position(read_position(request.query.get(name, "")), sort) for name in ("onward", "back"))
        named, holding = await asyncio.gather(
            self.queries.rows(list_query(scope, sort, onward, back), request.principal), self.queries.rows(holders_query(scope), request.principal)
        )
        holders = list(starmap(str, holding.rows()))
        runs = await self.queries.rows(list_query(scope, sort, onward, back, holders), request.principal) if holders else NO_ROWS
        listed = merged(list(named.records()), list(runs.records()), sort, upwards=onward is None and back is not None)
        page = page_of_sessions(listed, sort, onward, back)
        path = f"{PATH}?sort={sort}" if sort != "seen" else PATH
        return request.framed(
            "sessions.html",
            "Sessions",
            filters=filters,
            sort=sort,
            sorts={name: (title, filters.at(PATH if name == "seen" else f"{PATH}?sort={name}")) for name, title in SORTS.items()},
            sessions=await self._shown(page.rows, scope, holders, request.principal),
            onward=filters.at(_with(path, "onward", page.onward)) if page.onward else "",
            back=filters.at(_with(path, "back", page.back)) if page.back else "",
            keeps=bool(self.payloads.tables_of("")),
        )

    async def _shown(self, rows: Sequence[Mapping[str, Any]], scope: RowScope, holders: Sequence[str], principal: Principal) -> list[ShownSession]:
        names = [str(row["session"]) for row in rows]
        if not names:
            return []
        about, grown, titles = await asyncio.gather(
            self.queries.rows(about_query(scope, names, holders), principal),
            self.queries.rows(growth_query(scope, names, holders), principal),
            self._titles(names, principal),
        )
        known = {str(record["session"]): record for record in about.records()}
        series: dict[str, list[int]] = {}
        for session, _, tokens in grown.rows():
            if isinstance(tokens, int):
                series.setdefault(str(session), []).append(tokens)
        return [
            ShownSession(
                row=row,
                title=titles.get(name, ""),
                outcome=_ENDED.get(str(row["last_ended"]), "failed"),
                growth=sparkline(_thinned(series.get(name, [])), scope.filters),
                most=max(series.get(name, [0])),
            )
            for name in names
            if (row := known.get(name)) is not None
        ]

    async def _titles(self, names: Sequence[str], principal: Principal) -> dict[str, str]:
        """The first prompts. Read in a thread: bodies may be large, and gateway traffic does not wait for a page."""
        found = await self.payloads.titles(names, principal)
        return await asyncio.to_thread(lambda: {name: first_prompt(read_request(dialect_of(route), body)) for name, (body, route) in found.items()})

    async def reported(self, request: PageRequest) -> PageAnswer:
        """`/sessions/reported?id=…`: what the agents reported of sessions, for the script. It takes longer than the page, which does not wait for it."""
        names = [name for name in request.query.all("id") if name and len(name) <= _NAME_CHARS_MAX][:_NAMES_MAX]
        if not names:
            return json_answer({}, extra=_UNSTORED)
        rows = await self.queries.rows(reported_query(names, everyone=request.principal.reads_all_usage), request.principal)
        return json_answer({str(record["session_id"]): _reported(record) for record in rows.records()}, extra=_UNSTORED)

    def _filters(self, request: PageRequest) -> Filters:
        pairs = ((name, value) for name in request.query for value in request.query.all(name))
        return read_filters(pairs, dt.datetime.fromtimestamp(self.clock.wall_ns() / 1e9, dt.UTC))


def reported_query(names: Sequence[str], *, everyone: bool) -> PageQuery:
    """What came of sessions, as their agents report it: of their own a member sees the tool calls."""
    markers = ", ".join(f":session_{number}" for number in range(len(names)))
    parameters = tuple(Parameter(f"session_{number}", name) for number, name in enumerate(names))
    columns = "sum(lines_added) AS lines_added, sum(lines_removed) AS lines_removed, sum(commits) AS commits, sum(pull_requests) AS pull_requests"
    if everyone:
        source = f"max(prompts) AS prompts, max(tool_calls) AS tool_calls, max(edits) AS edits, {columns} FROM system.ai_gateway.client_sessions"
    else:
        source = f"CAST(NULL AS BIGINT) AS prompts, count(*) AS tool_calls, count(*) FILTER (WHERE edited) AS edits, {columns} FROM system.ai_gateway.my_client_tools"
    text = f"SELECT session_id, {source} WHERE session_id IN ({markers}) GROUP BY session_id"
    return PageQuery(text=text, parameters=parameters, timeout_s=_REPORTED_S)


def session_routes(pages: SessionPages) -> tuple[PageRoute, ...]:
    """The list. Rows are those that the principal may read, so every signed-in principal may look."""
    return (PageRoute("GET", PATH, ANY, pages.listed), PageRoute("GET", f"{PATH}/reported", ANY, pages.reported))


def dialect_of(api_type: str) -> str:
    """The client's wire format of a route, such as `anthropic/v1/messages`."""
    if api_type.endswith("/responses"):
        return "openai_responses"
    return _DIALECTS.get(api_type.partition("/")[0], "")


def _reported(record: Mapping[str, Any]) -> dict[str, Any]:
    """What a session came to, in the words of the view `sessions`: empty where its last request decides that."""
    edited = record["edits"] or record["lines_added"] or record["lines_removed"]
    outcome = "committed" if record["commits"] or record["pull_requests"] else "edited" if edited else ""
    return {"outcome": outcome, "turns": record["prompts"], "added": record["lines_added"] or 0, "removed": record["lines_removed"] or 0}


def _thinned(values: Sequence[int]) -> list[int]:
    """At most so many of them, evenly, with the last."""
    if len(values) <= _POINTS:
        return list(values)
    return [values[round(number * (len(values) - 1) / (_POINTS - 1))] for number in range(_POINTS)]


def _with(path: str, name: str, value: str) -> str:
    return f"{path}{'&' if '?' in path else '?'}{name}={value}"
