"""The pages of access, limits and budgets, and audit: puts together what each is given. Makes no page itself."""

from headgate.app.control import Control
from headgate.app.explaining import governance
from headgate.app.health import Health
from headgate.app.long_questions import LongQuestions
from headgate.app.workspace_api import WorkspaceApi
from headgate.core.clock import Clock
from headgate.web.ui.access import access_routes
from headgate.web.ui.access_parts import AccessParts
from headgate.web.ui.access_principals import principal_page_routes
from headgate.web.ui.access_tokens import token_page_routes
from headgate.web.ui.audit import AuditParts, audit_routes
from headgate.web.ui.limit_answers import LimitAnswers, limit_answer_routes
from headgate.web.ui.limits import LimitParts, limit_routes
from headgate.web.ui.routes import PageRoute
from headgate.web.ui.shown_once import ShownOnce


def governance_routes(control: Control, health: Health, api: WorkspaceApi, clock: Clock) -> tuple[PageRoute, ...]:
    """The routes."""
    governed = governance(control, health.exchanges)
    access = AccessParts(api.principals, control.store.admin, governed, control.store.follow, clock, ShownOnce(clock))
    questions = LongQuestions(api.statements)
    limits = LimitParts(
        objects=api.objects,
        governance=governed,
        queries=api.page_queries,
        trials=questions,
        follow=control.store.follow,
        now_ms=lambda: clock.wall_ns() // 1_000_000,
    )
    answers = LimitAnswers(limits)
    return (
        *access_routes(access),
        *principal_page_routes(access),
        *token_page_routes(access),
        *limit_routes(limits, answers.tab),
        *limit_answer_routes(answers),
        *audit_routes(AuditParts(api.page_queries, questions, lambda: clock.wall_ns() // 1_000)),
    )
