"""A browser with one cookie before the service of pages, without a network: for tests of pages and of signing in."""

import re
from collections.abc import Mapping
from urllib.parse import urlencode

from headgate.admin.token_ports import EndedSession
from headgate.core.access_token import AccessToken
from headgate.core.errors import Unauthenticated, Unavailable
from headgate.core.scopes import ADMIN as ADMIN_SCOPE
from headgate.core.scopes import ANY, VIEWER
from headgate.exchange.snapshot import Snapshot
from headgate.policy.authenticate import TokenTable
from headgate.routing.table import EndpointTable
from headgate.web.guesses import Guesses
from headgate.web.session import Sessions
from headgate.web.ui.answers import PageAnswer, json_answer
from headgate.web.ui.routes import PageRequest, PageRoute
from headgate.web.ui.service import Browsers, Pages
from headgate.web.ui.sign_in import SignIn, sign_in_routes
from tests.fakes.asking import ask, head, named
from tests.fakes.ports import FakeClock
from tests.fakes.principals import administrator, token_of, user

ADMIN = token_of(administrator("ada@example.com"), "tok_admin", expires_at_s=1_800_005_000.0)
LAPTOP = token_of(user("ada@example.com"), "tok_laptop")


async def shown(request: PageRequest) -> PageAnswer:
    """A page that shows what it was given."""
    fields = {"path": request.path, "url": request.url, "form": dict(request.form), "user": request.principal.name}
    return json_answer(fields | {"form_token": request.frame.form_token, "pages": [e.path for g in request.frame.groups for e in g.entries]})


PAGES = (
    PageRoute("GET", "/", VIEWER, shown),
    PageRoute("GET", "/me", ANY, shown),
    PageRoute("POST", "/me", ANY, shown),
    PageRoute("GET", "/endpoints", ADMIN_SCOPE, shown),
)


class Browser:
    """A browser with one cookie, before the pages of a gateway whose tokens a test changes. `links` has the token of each one-time link's secret."""

    def __init__(self, public_url: str = "", routes: tuple[PageRoute, ...] = PAGES) -> None:
        self.clock = FakeClock()
        self.clock.now_s = 1000
        self.links = {"good": "tok_admin", "plain": "tok_laptop"}
        self.cookie = ""
        self.tokens = [ADMIN, LAPTOP]
        self.ended: set[bytes] = set()
        self.refused_addresses: list[str] = []
        self.store_is_busy = False
        parts = SignIn(
            sessions=Sessions(b"p" * 32, self.clock, self._snapshot),
            guesses=Guesses(self.clock),
            redeem=self._redeem,
            present=self._present,
            end_session=self._end_session,
            link_refused=self.refused_addresses.append,
        )
        self._sign_in = parts
        self._public_url = public_url
        self.serve(routes)

    def serve(self, routes: tuple[PageRoute, ...]) -> None:
        """Serve these pages from now on, and signing in."""
        browsers = Browsers(self._sign_in.sessions, "http://127.0.0.1:8484", self._public_url)
        self._pages = Pages((*sign_in_routes(self._sign_in), *routes), browsers, self.clock)

    def _snapshot(self) -> Snapshot:
        return Snapshot(1, TokenTable({token.id.encode(): token for token in self.tokens}), EndpointTable([], []), frozenset(self.ended))

    async def _redeem(self, secret: str) -> AccessToken | None:
        if secret == "busy":
            raise Unavailable("The store is busy.")
        return self._snapshot().tokens.live(self.links.pop(secret, ""), self.clock.wall_ns() / 1e9)

    async def _present(self, secret: str, address: str) -> AccessToken:
        del address
        found = self._snapshot().tokens.live(secret.removeprefix("hg_"), self.clock.wall_ns() / 1e9)
        if found is None:
            raise Unauthenticated("This token is unknown.")
        return found

    async def _end_session(self, session: EndedSession) -> None:
        if self.store_is_busy:
            raise Unavailable("The store is busy.")
        self.ended.add(session.digest)

    async def ask(self, method: str, path: str, form: Mapping[str, str | list[str]] | None = None, **headers: str) -> tuple[int, dict[str, str], str]:
        """One request; a cookie that is set is kept."""
        sent = [(b"host", b"gate.example"), (b"cookie", self.cookie.encode("latin-1")), *named(headers)]
        request = head(method, path, sent, address="192.0.2.1")
        client = await ask(self._pages, request, urlencode(form or {}, doseq=True).encode())
        found = {name.decode(): value.decode() for name, value in client.headers.items()}
        self.cookie = found.get("set-cookie", self.cookie).partition(";")[0]
        return client.status, found, client.body.decode()

    async def sign_in(self, secret: str = "good", **headers: str) -> int:
        """Press the button of a link."""
        return (await self.ask("POST", "/login", {"t": secret}, **headers))[0]

    async def home(self) -> int:
        """The status of the start page."""
        return (await self.ask("GET", "/"))[0]

    async def form_token(self) -> str:
        """The text that this session's forms have."""
        return re.findall(r'"form_token":"([0-9a-f]*)"', (await self.ask("GET", "/me"))[2])[0]

    async def press(self, path: str, **form: str | list[str]) -> tuple[int, dict[str, str], str]:
        """Send a form of this session. A list is a field that the form has several times."""
        return await self.ask("POST", path, form | {"form_token": await self.form_token()})
