"""Signing in and out as a browser does it: what spends a link, what a session is worth, and when it ends."""

import msgspec
import pytest

from headgate.core.roles import VIEWER
from headgate.policy.networks import network_of
from headgate.web.guesses import GUESSES_MAX
from tests.fakes.browser import ADMIN, LAPTOP, Browser
from tests.fakes.principals import administrator, token_of, user


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


async def test_a_link_signs_in_only_by_a_live_token() -> None:
    """A link whose token was revoked meanwhile signs in no browser; the link of a member shows what a member may see."""
    browser = Browser()
    browser.tokens = [LAPTOP]
    assert [await browser.sign_in(secret) for secret in ("good", "unknown", "")] == [401] * 3
    assert len(browser.refused_addresses) == 3
    assert not browser.cookie
    assert await browser.sign_in("plain") == 303
    assert [(await browser.ask("GET", path))[0] for path in ("/me", "/endpoints")] == [200, 403]
    status, headers, _ = await browser.ask("GET", "/")
    assert (status, headers["location"]) == (303, "/me")


async def test_a_token_signs_in() -> None:
    """The session acts as the token that was typed; a token that Headgate does not know signs in no browser."""
    browser = Browser()
    status, _, body = await browser.ask("POST", "/login", {"token": "hg_nothing"})
    assert (status, "does not know this token" in body, browser.cookie) == (401, True, "")
    status, headers, _ = await browser.ask("POST", "/login", {"token": " hg_tok_laptop ", "next": "/me"})
    assert (status, headers["location"]) == (303, "/me")
    assert (await browser.ask("GET", "/me"))[0] == 200
    assert (await browser.ask("GET", "/endpoints"))[0] == 403


async def test_a_viewer_opens_the_pages_of_everyone() -> None:
    """The role opens the dashboards, and not the pages that administer."""
    browser = Browser()
    browser.tokens = [token_of(msgspec.structs.replace(user("vic@example.com"), roles=frozenset({VIEWER})), "tok_laptop")]
    assert await browser.sign_in("plain") == 303
    assert [(await browser.ask("GET", path))[0] for path in ("/", "/me", "/endpoints")] == [200, 200, 403]


@pytest.mark.parametrize("path", ["//evil.example", "https://evil.example/", "/\\evil.example", "", "me", "/login?t=x", "/logout"])
async def test_signing_in_leads_to_pages_of_this_gateway_alone(path: str) -> None:
    """Any other address becomes the start page."""
    browser = Browser()
    _, headers, _ = await browser.ask("POST", "/login", {"t": "good", "next": path})
    assert headers["location"] == "/"


async def test_signing_in_goes_on_to_the_page_that_was_asked_for() -> None:
    """With its filters; the sign-in page carries the address."""
    _, _, page = await Browser().ask("GET", "/me?range=7d&user=ada")
    assert '<input type="hidden" name="next" value="/me?range=7d&amp;user=ada">' in page


async def test_a_form_needs_its_sessions_text() -> None:
    """A form without it, or with another session's, changes nothing."""
    browser = Browser()
    await browser.sign_in()
    mine = await browser.form_token()
    for wrong in ({}, {"form_token": ""}, {"form_token": "0" * 64}, {"form_token": "\xe9"}):
        status, _, body = await browser.ask("POST", "/me", wrong)
        assert (status, "form is from an earlier session" in body) == (403, True)
    assert (await browser.ask("POST", "/me", {"form_token": mine, "name": "x"}))[0] == 200
    browser.links["good"] = "tok_admin"
    await browser.sign_in()
    assert await browser.form_token() != mine
    assert (await browser.ask("POST", "/me", {"form_token": mine}))[0] == 403


async def test_each_role_sees_its_pages() -> None:
    """The navigation has the pages that are served and that the principal may open, and no others."""
    for secret, pages in (("good", ["/", "/me", "/endpoints"]), ("plain", ["/me"])):
        browser = Browser()
        await browser.sign_in(secret)
        assert msgspec.json.decode((await browser.ask("GET", "/me"))[2])["pages"] == pages


async def test_sign_out() -> None:
    """The button ends the session; a copy of the cookie is worth nothing afterwards."""
    browser = Browser()
    await browser.sign_in()
    copied = browser.cookie
    status, headers, _ = await browser.press("/logout")
    assert (status, headers["location"], browser.cookie) == (303, "/login", "headgate_session=")
    browser.cookie = copied
    assert await browser.home() == 401


async def test_a_sign_out_that_cannot_be_stored() -> None:
    """It is reported, and the browser keeps its session, so that the person can try again."""
    browser = Browser()
    await browser.sign_in()
    browser.store_is_busy = True
    status, headers, body = await browser.press("/logout")
    assert (status, "set-cookie" in headers, "The store is busy." in body) == (503, False, True)
    browser.store_is_busy = False
    assert [await browser.home(), (await browser.press("/logout"))[0], await browser.home()] == [200, 303, 401]


async def test_a_sign_out_without_a_session_stores_nothing() -> None:
    """A request without a session writes no row."""
    browser = Browser()
    assert (await browser.ask("POST", "/logout"))[0] == 401
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
    assert f'"url":"{public_url or "http://gate.example"}"' in (await browser.ask("GET", "/"))[2]


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
    status, headers, body = await Browser().ask("DELETE", "/login", accept="text/html")
    assert (status, headers["allow"], headers["content-type"]) == (405, "GET, HEAD, POST", "text/html; charset=utf-8")
    assert "Only GET, HEAD and POST are served here." in body
    assert '<a href="/">' in body
    assert (await Browser().ask("POST", "/login", {"t": "x" * 70_000}))[0] == 401


async def test_every_page_has_the_strict_policy() -> None:
    """Signed in or not: scripts and styles of this gateway alone, no frame around a page, nothing for another origin, whatever the browser says of itself."""
    browser = Browser()
    for signed_in in (False, True):
        if signed_in:
            assert await browser.sign_in() == 303
        for method, path in (("GET", "/"), ("GET", "/login?t=x"), ("OPTIONS", "/"), ("POST", "/logout")):
            for origin in ("null", "http://evil.example"):
                _, headers, _ = await browser.ask(method, path, origin=origin, access_control_request_method="POST")
                assert [name for name in headers if name.startswith("access-control-")] == []
    _, headers, _ = await browser.ask("GET", "/login")
    policy = dict(each.split(" ", 1) for each in headers["content-security-policy"].split("; "))
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert "unsafe" not in headers["content-security-policy"]
