"""The page of one exchange: its course, who asked for what, the arithmetic of its price, the routing decision, and what limited it."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from headgate.admin.page_queries import PageQueries
from headgate.core.errors import GatewayError, NotFound
from headgate.core.principal import Principal
from headgate.core.record import NOT_TRIED
from headgate.core.scopes import ANY
from headgate.web.api.policy import ExplainRequest
from headgate.web.ui.answers import PageAnswer, download
from headgate.web.ui.curl_command import curl_command
from headgate.web.ui.first_prompt import prompt_text
from headgate.web.ui.payload_reading import PayloadReader
from headgate.web.ui.price_arithmetic import arithmetic, digits, rate_text
from headgate.web.ui.request_list import one_query
from headgate.web.ui.request_outcomes import TITLES, origin
from headgate.web.ui.routes import PageRequest, PageRoute
from headgate.web.ui.said_in_request import SaidInRequest, said_in_request
from headgate.web.ui.waterfall import waterfall

_NO_SUCH = "There is no request of this id, or it is not yours."


class OneRequest(msgspec.Struct, frozen=True):
    """What makes the page. `explain` says what would happen to a request now."""

    queries: PageQueries
    payloads: PayloadReader
    explain: Callable[[ExplainRequest], dict[str, Any]]

    async def shown(self, request: PageRequest) -> PageAnswer:
        """`/requests/{request_id}`. Of another user's request a member is shown that there is none."""
        row = await self.row(request.parameters["request_id"], request.principal)
        said = await self._said(row, request.principal)
        return request.framed(
            "one_request.html",
            "Request",
            row=row,
            course=waterfall(row),
            attempts=_attempts(row),
            bill=arithmetic(row),
            digits=digits,
            rate_text=rate_text,
            titles=TITLES,
            origin=origin(str(row["ended"]), str(row["error_code"] or ""), tried=bool(_tried(row))),
            curl=curl_command(row, request.url),
            now=self._now(row) if request.principal.is_administrator else None,
            said=said,
            prompt_text=prompt_text,
        )

    async def payload(self, request: PageRequest) -> PageAnswer:
        """`/requests/{request_id}/payload`: all that was said, or with `?as=json` both bodies as they are kept."""
        row = await self.row(request.parameters["request_id"], request.principal)
        said = await self._said(row, request.principal)
        if said.missing:
            raise NotFound(said.missing)
        if request.query.get("as") == "json":
            return download(said.json(), "application/json", f"{row['request_id']}.json")
        return request.framed("payload.html", "Request and answer", row=row, said=said, prompt_text=prompt_text)

    async def _said(self, row: Mapping[str, Any], principal: Principal) -> SaidInRequest:
        """What is kept of the request and its answer. Read in a thread: bodies may be large, and gateway traffic does not wait for a page."""
        kept = await self.payloads.bodies([row["request_id"]], [row["endpoint_name"] or ""], principal)
        return await asyncio.to_thread(said_in_request, kept, row["request_id"], row["dialect"] or "")

    async def row(self, request_id: str, principal: Principal) -> Mapping[str, Any]:
        """The usage row, if this principal may see it. Raises NotFound."""
        found = await self.queries.rows(one_query(request_id, everyone=principal.reads_all_usage), principal)
        row = next(iter(found.records()), None)
        if row is None:
            raise NotFound(_NO_SUCH)
        return row

    def _now(self, row: Mapping[str, Any]) -> dict[str, Any] | None:
        """What would happen to the same question now; `None` where that cannot be said."""
        if not row["requester"] or not row["model_asked"]:
            return None
        asked = ExplainRequest(
            user=row["requester"],
            model=row["model_asked"],
            agent=row["agent"] or "",
            dialect=row["dialect"] or "",
            session_id=row["session_id"] or "",
            tags=row["request_tags"] or {},
        )
        try:
            found: dict[str, Any] = msgspec.to_builtins(self.explain(asked))
        except GatewayError as error:
            return {"error": error.message}
        return found


def one_request_routes(pages: OneRequest) -> tuple[PageRoute, ...]:
    """`/requests/{request_id}`, and what was said in it."""
    return (
        PageRoute("GET", "/requests/{request_id}", ANY, pages.shown),
        PageRoute("GET", "/requests/{request_id}/payload", ANY, pages.payload),
    )


def _attempts(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    return ((row["routing_information"] or {}).get("attempts")) or []


def _tried(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [attempt for attempt in _attempts(row) if attempt.get("action") not in NOT_TRIED]
