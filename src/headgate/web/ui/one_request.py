"""The page of one exchange: its course, who asked for what, the arithmetic of its price, the routing decision, and what limited it."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from headgate.admin.page_queries import PageQueries
from headgate.core.errors import GatewayError, NotFound
from headgate.core.principal import Principal
from headgate.core.scopes import ANY
from headgate.web.api.policy import ExplainRequest
from headgate.web.ui.answers import PageAnswer
from headgate.web.ui.curl_command import curl_command
from headgate.web.ui.price_arithmetic import arithmetic, digits, rate_text
from headgate.web.ui.request_list import one_query
from headgate.web.ui.request_outcomes import TITLES, origin
from headgate.web.ui.routes import PageRequest, PageRoute
from headgate.web.ui.waterfall import waterfall

_NO_SUCH = "There is no request of this id, or it is not yours."


class OneRequest(msgspec.Struct, frozen=True):
    """What makes the page. `explain` says what would happen to a request now."""

    queries: PageQueries
    explain: Callable[[ExplainRequest], dict[str, Any]]

    async def shown(self, request: PageRequest) -> PageAnswer:
        """`/requests/{request_id}`. Of another user's request a member is shown that there is none."""
        row = await self.row(request.parameters["request_id"], request.principal)
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
            administrator=request.principal.is_administrator,
        )

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
    """`/requests/{request_id}`."""
    return (PageRoute("GET", "/requests/{request_id}", ANY, pages.shown),)


def _attempts(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    return ((row["routing_information"] or {}).get("attempts")) or []


def _tried(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [attempt for attempt in _attempts(row) if attempt.get("action") not in {"circuit_open", "retry_budget"}]
