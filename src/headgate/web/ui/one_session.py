"""The page of one agent session: the conversation as far as it is kept, what each turn cost, and where it went wrong; and the same as a file."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from headgate.admin.page_queries import PageQueries
from headgate.core.principal import Principal
from headgate.core.scopes import ANY
from headgate.web.ui.answers import PageAnswer, download
from headgate.web.ui.first_prompt import first_prompt, prompt_text
from headgate.web.ui.payload_reading import Bodies, Kept, PayloadReader, read_answer, read_request
from headgate.web.ui.routes import PageRequest, PageRoute
from headgate.web.ui.session_export import session_json, session_markdown
from headgate.web.ui.session_outline import outline, points, running_costs
from headgate.web.ui.session_rows import ReportedTool, SessionRows, is_error, reported_tools, session_rows, tools_by_request
from headgate.web.ui.session_steps import Unfolding

STEPS_MAX = 25  # exchanges of a page
_BEFORE = 4  # exchanges that are read before a page's own, to know what is new in them
_TITLED = 3  # exchanges in which the first prompt is looked for
_EXPORTED_MAX = 1_000


class OneSession(msgspec.Struct, frozen=True):
    """What makes the page and its files."""

    queries: PageQueries
    payloads: PayloadReader

    async def shown(self, request: PageRequest) -> PageAnswer:
        """`/sessions/{session_id}`. Of another user's session a member is shown that there is none."""
        session_id = request.parameters["session_id"]
        found, tools = await asyncio.gather(
            session_rows(self.queries, session_id, request.principal), reported_tools(self.queries, session_id, request.principal)
        )
        first = _first_of_page(found, request)
        rows = found.rows[first : first + STEPS_MAX]
        before = found.rows[max(0, first - _BEFORE) : first]
        kept = await self._kept([*before, *rows], request.principal)
        unfolding = Unfolding(session_id, _by_call(tools))
        await asyncio.to_thread(_unfold, unfolding, before, kept, shown=False)
        await asyncio.to_thread(_unfold, unfolding, rows, kept, shown=True)
        costs = running_costs(found.rows)
        return request.framed(
            "one_session.html",
            await self._title(found, kept if not first else None, request.principal) or "Agent session",
            session_id=session_id,
            session=found,
            first=first,
            steps=outline(unfolding.steps(), session_id),
            costs={row["request_id"]: cost for row, cost in zip(found.rows, costs, strict=True)},
            numbers={row["request_id"]: number for number, row in enumerate(found.rows, start=1)},
            errors=[(number // STEPS_MAX * STEPS_MAX, found.rows[number]) for number in found.errors],
            pages=[(start, min(start + STEPS_MAX, len(found.rows))) for start in range(0, len(found.rows), STEPS_MAX)],
            kept=kept,
            tools={name: calls for name, calls in tools_by_request(found.rows, tools).items() if name not in kept.bodies},
            is_error=is_error,
            prompt_text=prompt_text,
            context_line=points([row["input_tokens"] for row in found.rows if row["input_tokens"] and row["subagent_id"] in {None, session_id}]),
            context_most=max((row["input_tokens"] or 0 for row in found.rows), default=0),
            cost_line=points(costs),
        )

    async def exported(self, request: PageRequest) -> PageAnswer:
        """`/sessions/{session_id}/export`: the whole session as JSON, or as Markdown with `?as=md`."""
        session_id = request.parameters["session_id"]
        found = await session_rows(self.queries, session_id, request.principal)
        unfolding = Unfolding(session_id, _by_call(await reported_tools(self.queries, session_id, request.principal)))
        missing = ""
        for first in range(0, min(len(found.rows), _EXPORTED_MAX), STEPS_MAX):
            rows = found.rows[first : first + STEPS_MAX]
            kept = await self._kept(rows, request.principal)
            missing = missing or kept.missing
            await asyncio.to_thread(_unfold, unfolding, rows, kept, shown=True)
        steps = unfolding.steps()
        if request.query.get("as") == "md":
            text = await asyncio.to_thread(session_markdown, session_id, found, steps, missing)
            return download(text.encode(errors="replace"), "text/markdown; charset=utf-8", f"session-{session_id}.md")
        body = await asyncio.to_thread(session_json, session_id, found, steps, missing)
        return download(body, "application/json", f"session-{session_id}.json")

    async def _kept(self, rows: Sequence[Mapping[str, Any]], principal: Principal) -> Kept:
        endpoints = list(dict.fromkeys(str(row["endpoint_name"] or "") for row in rows))
        return await self.payloads.bodies([str(row["request_id"]) for row in rows], endpoints, principal)

    async def _title(self, found: SessionRows, kept: Kept | None, principal: Principal) -> str:
        """The first prompt, as the longest of the first requests has it: agents ask small things beside the conversation, such as a name for it."""
        rows = found.rows[:_TITLED]
        if kept is None:
            kept = await self._kept(rows, principal)
        asked = [(str(row["dialect"] or ""), kept.bodies[row["request_id"]].request) for row in rows if row["request_id"] in kept.bodies]
        dialect, body = max(asked, key=lambda each: len(each[1]), default=("", ""))
        return first_prompt(read_request(dialect, body))


def one_session_routes(pages: OneSession) -> tuple[PageRoute, ...]:
    """`/sessions/{session_id}` and its files."""
    return (
        PageRoute("GET", "/sessions/{session_id}", ANY, pages.shown),
        PageRoute("GET", "/sessions/{session_id}/export", ANY, pages.exported),
    )


def _by_call(tools: Sequence[ReportedTool]) -> dict[str, ReportedTool]:
    return {tool.call_id: tool for tool in reversed(tools) if tool.call_id}


def _unfold(unfolding: Unfolding, rows: Sequence[Mapping[str, Any]], kept: Kept, *, shown: bool) -> None:
    """Read the bodies of these exchanges. In a thread: bodies may be large, and gateway traffic does not wait for a page."""
    for row in rows:
        bodies = kept.bodies.get(row["request_id"], Bodies())
        dialect = str(row["dialect"] or "")
        request = read_request(dialect, bodies.request) if bodies.request else None
        unfolding.add(row, request, read_answer(dialect, bodies.response), shown=shown)


def _first_of_page(found: SessionRows, request: PageRequest) -> int:
    """The place of the first exchange of the page that is asked for: by its number, or by a request that is on it."""
    at = request.query.get("at", "")
    number = next((place for place, row in enumerate(found.rows) if row["request_id"] == at), None) if at else None
    if number is None:
        text = request.query.get("from", "")
        number = int(text) if text.isascii() and text.isdigit() and len(text) <= 6 else 0
    return min(number, max(0, len(found.rows) - 1)) // STEPS_MAX * STEPS_MAX
