"""What limits and budgets do to people: what would happen to a request now, what was refused lately, and what applies to the one who looks."""

from collections.abc import Mapping

from headgate.admin.page_queries import PageQuery
from headgate.admin.statement_ports import Parameter
from headgate.core.errors import BadRequest, GatewayError
from headgate.core.scopes import ANY
from headgate.policy.budget_text import meter
from headgate.web.api.policy import ExplainRequest
from headgate.web.ui.access_forms import words
from headgate.web.ui.answers import PageAnswer
from headgate.web.ui.limits import TABS, LimitParts
from headgate.web.ui.refused_form import NEW_FORM, refused_form
from headgate.web.ui.routes import PageRequest, PageRoute

AGENTS = ("claude-code", "codex", "gemini-cli", "cursor")
_DAY_MS = 86_400_000
_REFUSALS = """
SELECT requester AS who, error_code AS code, coalesce(endpoint_name, model_asked) AS endpoint, count(*) AS times,
       max(event_time) AS last, max_by(error_message, event_time) AS message
FROM system.ai_gateway.usage
WHERE event_time >= timestamp_millis(:since) AND ended = 'refused'
  AND (error_code LIKE 'limit_%' OR error_code LIKE 'budget_%' OR error_code IN ('over_limit', 'unbounded_output'))
GROUP BY ALL ORDER BY times DESC, last DESC LIMIT 200
"""


class LimitAnswers:
    """The tabs of `/limits` that are no list, and `/me/limits`."""

    def __init__(self, parts: LimitParts) -> None:
        self._parts = parts

    async def tab(self, show: str, request: PageRequest) -> PageAnswer:
        """The tab of this name."""
        return await (self.refusals(request) if show == "refusals" else self.would_happen(request))

    async def would_happen(self, request: PageRequest) -> PageAnswer:
        """What the same function says that answers `headgate policy explain`."""
        query, form, found = request.query, NEW_FORM, None
        status = 200
        if query.get("model"):
            try:
                found = self._parts.governance.explain(asked_of(request))
            except GatewayError as error:
                form, status = refused_form("try", error, query), error.status
        endpoints = sorted(endpoint.name for endpoint in self._parts.governance.snapshot().endpoints.everything())
        return request.framed(
            "limits_try.html",
            "Limits and budgets",
            status=status,
            show="try",
            tabs=TABS,
            form=form,
            asked=query,
            found=found,
            agents=AGENTS,
            endpoints=endpoints,
        )

    async def refusals(self, request: PageRequest) -> PageAnswer:
        """What limits and budgets refused within the last day."""
        since = Parameter("since", str(self._parts.now_ms() - _DAY_MS), "BIGINT")
        rows = await self._parts.queries.rows(PageQuery(text=_REFUSALS, parameters=(since,)), request.principal)
        return request.framed("limits_refusals.html", "Limits and budgets", show="refusals", tabs=TABS, listed=list(rows.records()))

    async def mine(self, request: PageRequest) -> PageAnswer:
        """What applies to the one who looks."""
        applying = self._parts.governance.applying_to(request.principal)
        budgets = [meter(state) for state in applying.budgets]
        return request.framed("me_limits.html", "My limits", applying=applying, budgets=budgets)


def limit_answer_routes(answers: LimitAnswers) -> tuple[PageRoute, ...]:
    """`/me/limits`."""
    return (PageRoute("GET", "/me/limits", ANY, answers.mine),)


def asked_of(request: PageRequest) -> ExplainRequest:
    """The question that an address asks. Raises BadRequest for tags that are none."""
    query = request.query
    return ExplainRequest(
        user=query.get("user", "").strip() or request.principal.name,
        model=query["model"].strip(),
        agent=query.get("agent", "").strip(),
        tags=_tags(query.get("tags", "")),
    )


def _tags(text: str) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for word in words(text):
        key, equals, value = word.partition("=")
        if not key.strip() or not equals:
            raise BadRequest(f"{word[:60]!r} is no tag. Write team=search, and further ones after a comma.")
        found[key.strip()] = value.strip()
    return found
