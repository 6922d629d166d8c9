"""Signing in and out as a browser does it: what spends a link, what a session is worth, and when it ends."""

from urllib.parse import urlencode

import msgspec
import pytest

from headgate.admin.token_ports import EndedSession
from headgate.core.access_token import AccessToken
from headgate.core.errors import Unavailable
from headgate.exchange.snapshot import Snapshot
from headgate.policy.authenticate import TokenTable
from headgate.policy.networks import network_of
from headgate.routing.table import EndpointTable
from headgate.web.guesses import GUESSES_MAX, Guesses
from headgate.web.session import Sessions
from headgate.web.ui.service import Browsers, Pages
from headgate.web.ui.workspace import Workspace, page_routes
from tests.fakes.asking import ask, head, named
from tests.fakes.ports import FakeClock
from tests.fakes.principals import administrator, token_of, user

ADMIN = token_of(administrator("ada@example.com"), "tok_admin", expires_at_s=1_800_005_000.0)
LAPTOP = token_of(user("ada@example.com"), "tok_laptop")


class Browser:
    """A browser with one cookie, before the pages of a gateway whose tokens a test changes."""

    def __init__(self, public_url: str = "") -> None:
        self.clock = FakeClock()
        self.clock.now_s = 1000
        self.links = {"good": "tok_admin", "plain": "tok_laptop"}
        self.cookie = ""
        self.tokens = [ADMIN, LAPTOP]
        self.ended: set[bytes] = set()
        self.refused_addresses: list[str] = []
        self.store_is_busy = False
        workspace = Workspace(
            sessions=Sessions(b"p" * 32, self.clock, self._snapshot),
            guesses=Guesses(self.clock),
            snapshot=self._snapshot,
            redeem=self._redeem,
            end_session=self._end_session,
            troubles=list,
            warnings=list,
            restarts=dict,
            link_refused=self.refused_addresses.append,
        )
        self._pages = Pages(page_routes(workspace), Browsers(workspace.sessions, "http://127.0.0.1:8484", public_url), self.clock)

    def _snapshot(self) -> Snapshot:
        return Snapshot(1, TokenTable({token.id.encode(): token for token in self.tokens}), EndpointTable([], []), frozenset(self.ended))

    async def _redeem(self, secret: str) -> AccessToken | None:
        if secret == "busy":
            raise Unavailable("The store is busy.")
        return self._snapshot().tokens.live(self.links.pop(secret, ""), self.clock.wall_ns() / 1e9)

    async def _end_session(self, session: EndedSession) -> None:
        if self.store_is_busy:
            raise Unavailable("The store is busy.")
        self.ended.add(session.digest)

    async def ask(self, method: str, path: str, form: dict[str, str] | None = None, **headers: str) -> tuple[int, dict[str, str], str]:
        """One request; a cookie that is set is kept."""
        sent = [(b"host", b"gate.example"), (b"cookie", self.cookie.encode("latin-1")), *named(headers)]
        request = head(method, path, sent, address="192.0.2.1")
        client = await ask(self._pages, request, urlencode(form or {}).encode())
        found = {name.decode(): value.decode() for name, value in client.headers.items()}
        self.cookie = found.get("set-cookie", self.cookie).partition(";")[0]
        return client.status, found, client.body.decode()

    async def sign_in(self, secret: str = "good", **headers: str) -> int:
        """Press the button of a link."""
        return (await self.ask("POST", "/login", {"t": secret}, **headers))[0]

    async def home(self) -> int:
        """The status of the start page."""
        return (await self.ask("GET", "/"))[0]


async def test_only_the_button_spends_a_link() -> None:
    """GET and HEAD show a page with the button, however often a scanner or a preview opens the link; the first POST signs in, the second does not."""
    browser = Browser()
    for method in ("HEAD", "GET", "GET"):
        status, headers, page = await browser.ask(method, "/login?t=good")
        assert (status, "set-cookie" in headers) == (200, False)
    assert '<form method="post" action="/login">' in page
    assert '<input type="hidden" name="t" value="good">' in page
    assert await browser.home() == 401
    assert await browser.sign_in() == 303
    assert await browser.home() == 200
    assert await browser.sign_in() == 401


async def test_a_session_lives_as_long_as_its_token() -> None:
    """It ends when that token is revoked or expires, whatever other tokens the person has."""
    browser = Browser()
    await browser.sign_in()
    browser.tokens = [LAPTOP, token_of(administrator("ada@example.com"), "tok_other")]
    assert await browser.home() == 401
    browser.tokens = [ADMIN, LAPTOP]
    assert await browser.home() == 200
    browser.clock.now_s = 5000
    assert await browser.home() == 401


async def test_a_session_is_refused_outside_its_tokens_networks() -> None:
    """As the token itself is, and as soon as the token's networks change; the refusal ends no session."""
    browser = Browser()
    await browser.sign_in()
    elsewhere, here = (msgspec.structs.replace(ADMIN, networks=(network_of(network),)) for network in ("10.0.0.0/8", "192.0.2.0/24"))
    browser.tokens = [elsewhere]
    status, _, body = await browser.ask("GET", "/")
    assert status == 403
    assert "may not be used from 192.0.2.1" in body
    browser.tokens = [here]
    assert await browser.home() == 200


async def test_a_link_signs_in_only_by_a_live_token_of_an_administrator() -> None:
    """A link whose token was revoked meanwhile, or is no administrator's, signs nobody in."""
    browser = Browser()
    browser.tokens = [LAPTOP]
    assert [await browser.sign_in(secret) for secret in ("good", "plain", "unknown", "")] == [401] * 4
    assert len(browser.refused_addresses) == 4
    assert not browser.cookie


async def test_sign_out() -> None:
    """The button ends the session; a copy of the cookie is worth nothing afterwards."""
    browser = Browser()
    await browser.sign_in()
    copied = browser.cookie
    page = (await browser.ask("GET", "/"))[2]
    assert '<form class="who" method="post" action="/logout">' in page
    status, headers, _ = await browser.ask("POST", "/logout")
    assert (status, headers["location"], browser.cookie) == (303, "/", "headgate_session=")
    browser.cookie = copied
    assert await browser.home() == 401


async def test_a_sign_out_that_cannot_be_stored() -> None:
    """It is reported, and the browser keeps its session, so that the person can try again."""
    browser = Browser()
    await browser.sign_in()
    browser.store_is_busy = True
    status, headers, body = await browser.ask("POST", "/logout")
    assert (status, "set-cookie" in headers, "The store is busy." in body) == (503, False, True)
    browser.store_is_busy = False
    assert [await browser.home(), (await browser.ask("POST", "/logout"))[0], await browser.home()] == [200, 303, 401]


async def test_a_sign_out_without_a_session_stores_nothing() -> None:
    """A stranger's request writes no row."""
    browser = Browser()
    assert (await browser.ask("POST", "/logout"))[0] == 303
    assert browser.ended == set()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec_fetch_site": "same-origin"}, 303),
        ({"sec_fetch_site": "cross-site"}, 403),
        ({"sec_fetch_site": "same-site"}, 403),
        ({"origin": "http://gate.example"}, 303),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "null"}, 303),
    ],
)
async def test_another_sites_form_does_nothing(headers: dict[str, str], status: int) -> None:
    """Neither signs a browser in nor out, as far as the browser says where a form comes from."""
    browser = Browser()
    assert await browser.sign_in(**headers) == status
    assert ("good" in browser.links) is (status == 403)


@pytest.mark.parametrize("public_url", ["", "https://gate.example"])
async def test_cookies_behind_tls(public_url: str) -> None:
    """Where the public address has https the cookie is for this host over TLS alone."""
    browser = Browser(public_url)
    _, headers, _ = await browser.ask("POST", "/login", {"t": "good"})
    assert ("; Secure" in headers["set-cookie"], headers["set-cookie"].startswith("__Host-")) == (bool(public_url), bool(public_url))
    assert await browser.home() == 200
    assert ("https://gate.example/anthropic" if public_url else "http://gate.example/anthropic") in (await browser.ask("GET", "/"))[2]


@pytest.mark.parametrize("cookie", ["headgate_session=a.b.\xe9", 'headgate_session="a.b.\\351"', "\xff=\xfe"])
async def test_a_cookie_outside_ascii_is_no_failure(cookie: str) -> None:
    """It is no session, and nothing more."""
    browser = Browser()
    browser.cookie = cookie
    assert await browser.home() == 401


async def test_guessing_a_link_is_bounded() -> None:
    """Who tries many secrets waits, and the store is not asked meanwhile."""
    browser = Browser()
    assert [await browser.sign_in(f"guess {number}") for number in range(GUESSES_MAX)] == [401] * GUESSES_MAX
    status, headers, _ = await browser.ask("POST", "/login", {"t": "good"})
    assert (status, headers["retry-after"], "good" in browser.links) == (429, "60", True)
    browser.clock.now_s += 60
    assert await browser.sign_in() == 303


async def test_a_store_that_cannot_be_asked() -> None:
    """It is said in words, and signs nobody in."""
    status, headers, body = await Browser().ask("POST", "/login", {"t": "busy"})
    assert (status, "set-cookie" in headers, "The store is busy." in body) == (503, False, True)


async def test_a_person_sees_trouble_as_a_page() -> None:
    """A button that does not do what it says is answered with a page, in a browser; with JSON elsewhere."""
    browser = Browser()
    for accept, kind in (("text/html,*/*;q=0.8", "text/html; charset=utf-8"), ("*/*", "application/json")):
        status, headers, body = await browser.ask("POST", "/login", {"t": "busy"}, accept=accept)
        assert (status, headers["content-type"], "The store is busy." in body) == (503, kind, True)
    for number in range(GUESSES_MAX):
        await browser.sign_in(f"guess {number}")
    status, headers, body = await browser.ask("POST", "/login", {"t": "good"}, accept="text/html")
    assert (status, headers["retry-after"], '<a href="/">' in body) == (429, "60", True)


async def test_other_methods() -> None:
    """What a page does not serve is said with what it does."""
    status, headers, _ = await Browser().ask("POST", "/")
    assert (status, headers["allow"]) == (405, "GET, HEAD")
    status, headers, _ = await Browser().ask("PUT", "/login")
    assert (status, headers["allow"]) == (405, "GET, HEAD, POST")
    assert (await Browser().ask("POST", "/login", {"t": "x" * 5000}))[0] == 401


async def test_every_page_has_the_strict_policy() -> None:
    """Signed in or not: no script, no frame around it, nothing for another origin, whatever the browser says of itself."""
    browser = Browser()
    for signed_in in (False, True):
        if signed_in:
            assert await browser.sign_in() == 303
        for method, path in (("GET", "/"), ("GET", "/login?t=x"), ("GET", "/readyz"), ("OPTIONS", "/"), ("POST", "/logout")):
            for origin in ("null", "http://evil.example"):
                _, headers, _ = await browser.ask(method, path, origin=origin, access_control_request_method="POST")
                assert [name for name in headers if name.startswith("access-control-")] == []
    _, headers, _ = await browser.ask("GET", "/")
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "script-src" not in policy
