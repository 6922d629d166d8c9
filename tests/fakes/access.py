"""The pages of access before a browser, over a store in memory: for tests without a network."""

import msgspec

from headgate.admin.principals import NewPrincipal, PrincipalAdmin
from headgate.admin.token_request import TokenRequest
from headgate.admin.tokens import TokenAdmin
from headgate.core.access_token import AccessToken
from headgate.core.endpoint_grant import EndpointGrant
from headgate.core.group import DeclaredGroup
from headgate.core.limit import Limit
from headgate.core.principal import Principal
from headgate.core.principal_name import PrincipalName
from headgate.exchange.declared_budgets import Budgets
from headgate.exchange.reservation_store import MemoryReservations
from headgate.exchange.snapshot import Snapshot
from headgate.metering.spending_prices import SpendingPrices
from headgate.policy.authenticate import TokenTable
from headgate.policy.budgets import BudgetTable
from headgate.policy.limits import LimitTable
from headgate.policy.permissions import PermissionTable
from headgate.routing.table import EndpointTable
from headgate.web.ui.access import access_routes
from headgate.web.ui.access_parts import AccessParts
from headgate.web.ui.access_principals import principal_page_routes
from headgate.web.ui.access_tokens import token_page_routes
from headgate.web.ui.governance import Governance
from headgate.web.ui.shown_once import ShownOnce
from tests.fakes.browser import ADMIN, LAPTOP, PAGES, Browser
from tests.fakes.budgets import budget
from tests.fakes.principals import token_of
from tests.fakes.state import MemoryState

FILE = (DeclaredGroup("platform", ("ada@example.com", "bob"), "headgate.toml:7"),)
ROOT = Principal(id="usr_root", name="root", scopes=frozenset({"inference", "telemetry", "sql", "admin"}), roles=frozenset({"account_admin"}))
LIMITS = (
    Limit(id="*\nuser_default\n\n\n\nminute", endpoint="*", key="user_default", bounds=(("requests", 60),)),
    Limit(id="*\nuser\nbob\n\n\nday", endpoint="*", key="user", holder="bob", per="day", bounds=(("tokens", 9_000),)),
)
GRANTS = (EndpointGrant(PrincipalName("bob"), "gpt-*", "CAN_QUERY"), EndpointGrant(PrincipalName("eve"), "claude-*", "CAN_QUERY"))


def governance_of(browser: Browser) -> Governance:
    """Limits, a budget and grants, of which nothing is used."""
    snapshot = Snapshot(
        1,
        TokenTable({}),
        EndpointTable([], []),
        permissions=PermissionTable(GRANTS),
        limits=LimitTable(LIMITS),
        budgets=Budgets(BudgetTable([budget(per_user=True)]), SpendingPrices(lambda *_: None)),
    )

    def token_as(name: str) -> AccessToken:
        return token_of(Principal(id=f"usr_{name}", name=name, groups=frozenset({"platform"}), roles=frozenset({"member"})))

    return Governance(lambda: snapshot, MemoryReservations(browser.clock), token_as, lambda _asked: {})


class AccessDesk:
    """A browser of an account administrator (`good`) and of a member (`plain`), and the use-cases behind the pages."""

    def __init__(self) -> None:
        self.browser = Browser()
        self.browser.tokens = [
            msgspec.structs.replace(ADMIN, principal=msgspec.structs.replace(ADMIN.principal, roles=frozenset({"account_admin"}))),
            LAPTOP,
        ]
        self.state = MemoryState()
        self.tokens = TokenAdmin(self.state, b"p" * 32, self.browser.clock, lambda: [group.name for group in FILE])
        self.principals = PrincipalAdmin(self.state.principals, self.browser.clock, lambda: FILE)
        self.follows = 0
        self.parts = AccessParts(
            self.principals, self.tokens, governance_of(self.browser), self._follow, self.browser.clock, ShownOnce(self.browser.clock)
        )
        self.browser.serve((*PAGES, *access_routes(self.parts), *principal_page_routes(self.parts), *token_page_routes(self.parts)))

    def user(self, name: str, **fields: object) -> str:
        """A user, and its id."""
        return self.principals.create(ROOT, NewPrincipal(name=name, **fields)).row.id  # type: ignore[arg-type] # what a principal has

    def token(self, name: str, user: str) -> str:
        """A token, and its id."""
        return self.tokens.create(TokenRequest(name=name, user=user)).row.id

    async def page(self, path: str) -> str:
        """The text of a page that is there."""
        status, _, body = await self.browser.ask("GET", path, accept="text/html")
        assert status == 200, body
        return body

    async def _follow(self) -> None:
        self.follows += 1
