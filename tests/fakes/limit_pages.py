"""The pages of limits and budgets before a browser, over a store in memory and a file: for tests without a network."""

from collections.abc import Mapping
from typing import Any

from headgate.admin.objects import ObjectAdmin
from headgate.admin.page_queries import PageColumn, PageQuery, PageRows
from headgate.admin.what_if import WhatIfAnswer, WhatIfAsked
from headgate.config.load import WrittenFile, load
from headgate.config.objects import with_stored
from headgate.core.errors import BadRequest
from headgate.core.principal import Principal
from headgate.exchange.declared_budgets import Budgets
from headgate.exchange.reservation_store import MemoryReservations
from headgate.exchange.snapshot import Snapshot
from headgate.metering.spending_prices import SpendingPrices
from headgate.policy.authenticate import TokenTable
from headgate.policy.budgets import BudgetTable
from headgate.policy.limits import CountedFor, LimitTable
from headgate.policy.wants import Wants
from headgate.routing.table import EndpointTable
from headgate.web.api.policy import ExplainRequest
from headgate.web.ui.governance import Governance
from headgate.web.ui.limit_answers import LimitAnswers, limit_answer_routes
from headgate.web.ui.limits import LimitParts, limit_routes
from tests.fakes.browser import ADMIN, LAPTOP, PAGES, Browser
from tests.fakes.objects import MemoryObjects
from tests.fakes.principals import token_of, user

_QUIET = {"HEADGATE_DISCOVERY_ENVIRONMENT": "false", "HEADGATE_DISCOVERY_OLLAMA": "false"}
FILE = """
[[limits]]
key = "user_default"
per = "minute"
requests = 60

[[budgets]]
name = "everyone"
scope = "per_user"
per = "month"
usd = 50.0
"""


class LimitDesk:
    """A browser of an administrator (`good`) and of a member (`plain`), and what is behind the pages. `refusals` are the rows of the tab of that name."""

    def __init__(self, text: str = FILE) -> None:
        self.browser = Browser()
        self._store = MemoryObjects()
        self._configuration = load("", _QUIET, accepted=WrittenFile("headgate.toml", text))
        self.objects = ObjectAdmin(self._store, lambda: self._configuration, self.browser.clock)
        self.reservations = MemoryReservations(self.browser.clock)
        self.asked: list[WhatIfAsked] = []
        self.explained: list[ExplainRequest] = []
        self.answer = WhatIfAnswer()
        self.explanation: Mapping[str, Any] = {}
        self.refusals: list[tuple[object, ...]] = []
        self.follows = 0
        governance = Governance(
            self.snapshot, self.reservations, lambda name: token_of(user(name)), self._explain, {"staff": ("ada@example.com",)}.get
        )  # type: ignore[arg-type] # every group that is asked for is there
        parts = LimitParts(self.objects, governance, self, self, self._follow, lambda: self.browser.clock.wall_ns() // 1_000_000)
        answers = LimitAnswers(parts)
        self.browser.serve((*PAGES, *limit_routes(parts, answers.tab), *limit_answer_routes(answers)))

    def snapshot(self) -> Snapshot:
        """What is declared, in force."""
        both = with_stored(self._configuration, list(self._store.list_objects()))
        budgets = Budgets(BudgetTable(both.budgets), SpendingPrices(lambda *_: None)) if both.budgets else None
        tokens = TokenTable({token.id.encode(): token for token in (ADMIN, LAPTOP)})
        return Snapshot(1, tokens, EndpointTable([], []), limits=LimitTable(both.limits) if both.limits else None, budgets=budgets)

    def use(self, principal: Principal, times: int) -> None:
        """Let so many requests of a principal in."""
        limits = self.snapshot().limits
        assert limits is not None
        for number in range(times):
            counts = limits.counts("opus", CountedFor(principal, "tok_laptop", "codex", {"team": "search"}))
            self.reservations.reserve(Wants(f"r{number}", counts, 10, 10), lambda _decision: None)

    async def page(self, path: str) -> str:
        """The text of a page that is there."""
        status, _, body = await self.browser.ask("GET", path, accept="text/html")
        assert status == 200, body
        return body

    async def what_if(self, asked: WhatIfAsked, _principal: Principal) -> WhatIfAnswer:
        """The answer that the test set."""
        self.asked.append(asked)
        return self.answer

    async def rows(self, query: PageQuery, _principal: Principal) -> PageRows:
        """The refusals that the test set."""
        assert query.parameters[0].name == "since"
        columns = tuple(PageColumn(name, "STRING") for name in ("who", "code", "endpoint", "times", "last", "message"))
        return PageRows(columns=columns, values=[list(column) for column in zip(*self.refusals, strict=True)] or [[] for _ in columns])

    def _explain(self, asked: ExplainRequest) -> dict[str, Any]:
        self.explained.append(asked)
        if asked.model == "odd":
            raise BadRequest("No dialect is named so.")
        return dict(self.explanation)

    async def _follow(self) -> None:
        self.follows += 1
