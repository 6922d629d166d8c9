"""The lists of access, and the forms that make principals and tokens."""

import re

from headgate.agents.registry import AGENTS
from tests.fakes.access import AccessDesk


async def desk_of(*users: str) -> AccessDesk:
    """A signed-in account administrator, and these users."""
    desk = AccessDesk()
    for name in users:
        desk.user(name)
    await desk.browser.sign_in()
    return desk


async def test_an_empty_list_says_what_fills_it() -> None:
    """Each tab has its own words, and the command."""
    desk = await desk_of()
    assert "headgate user create NAME" in await desk.page("/access")
    assert "headgate service-principal create NAME" in await desk.page("/access?show=service-principals")
    assert "headgate token create" in await desk.page("/access?show=tokens")
    assert 'href="/access?show=groups" aria-current="page"' in await desk.page("/access?show=groups")


async def test_long_lists_come_in_pages_and_are_searched() -> None:
    """120 users are on three pages, each once; a search finds a part of a name in any case."""
    desk = await desk_of(*(f"u{number:03}" for number in range(120)))
    path, found = "/access?show=users", []
    while path:
        page = await desk.page(path)
        found += re.findall(r'<a href="/access/users/[^"]+">([^<]+)</a>', page)
        more = re.findall(r'href="([^"]+)" rel="next"', page)
        path = more[0].replace("&amp;", "&") if more else ""
    assert found == [f"u{number:03}" for number in range(120)]
    page = await desk.page("/access?show=users&q=U11")
    assert re.findall(r'<a href="/access/users/[^"]+">([^<]+)</a>', page) == [f"u{number}" for number in range(110, 120)]
    assert "No user has" in await desk.page("/access?show=users&q=nobody")


async def test_groups_of_the_file_are_read_only() -> None:
    """They are shown with their members and their line; one of the same name cannot be made."""
    desk = await desk_of("ada@example.com")
    page = await desk.page("/access?show=groups")
    assert "<code>headgate.toml:7</code>" in page
    assert '<span class="tag">platform</span>' in await desk.page("/access")
    status, _, page = await desk.browser.press("/access/groups", name="platform", display_name="Mine")
    assert status == 409
    assert "headgate.toml:7. Change it there" in page
    assert 'value="Mine"' in page


async def test_principals_are_made() -> None:
    """By a form, which leads to the page of what was made; it is in force then."""
    desk = await desk_of("bob")
    for segment, fields in (("users", {"role": "viewer"}), ("service-principals", {}), ("groups", {"members": "bob"})):
        status, headers, _ = await desk.browser.press(f"/access/{segment}", name=f"new-{segment}", **fields)
        assert status == 303
        assert f"new-{segment}" in await desk.page(headers["location"])
    assert desk.follows == 3
    assert desk.principals.show("new-users").row.roles == ("viewer",)
    assert [row.name for row in desk.principals.show("new-groups").members] == ["bob"]


async def test_refusals_are_at_the_form_with_what_was_typed() -> None:
    """Reserved and taken names, and roles that do not exist."""
    desk = await desk_of("bob")
    for name, role, status, told in (
        ("admins", "", 400, "is reserved"),
        ("bob", "viewer", 409, "The name &#39;bob&#39; is taken"),
        ("carl", "king", 400, "There is no role"),
    ):
        answered, _, page = await desk.browser.press("/access/users", name=name, role=role, display_name="<b>Typed</b>")
        assert (answered, told in page) == (status, True)
        assert 'value="&lt;b&gt;Typed&lt;/b&gt;"' in page
        assert '<details class="confirm" open>' in page


async def test_a_token_is_made_and_shown_once() -> None:
    """For another user, with each agent's configuration; the secret is in no address and not on the page again."""
    desk = await desk_of("bob")
    form = {"name": "bob's laptop", "holder": "bob", "holder_kind": "USER", "scope": "inference", "days": "30", "endpoints": "gpt-*"}
    status, headers, _ = await desk.browser.press("/access/tokens", **form)
    where = headers["location"]
    assert (status, re.fullmatch(r"/access/tokens/tok_[0-9a-f]+", where) is not None) == (303, True)
    page = await desk.page(where)
    (secret,) = set(re.findall(r"hg_[A-Za-z0-9_-]{30,}", page))
    assert page.count(secret) == 1 + len(AGENTS)
    assert desk.tokens.list()[0].last4 == secret[-4:]
    assert "secret.js" in page
    again = await desk.page(where)
    assert secret not in again
    assert "secret.js" not in again


async def test_a_refused_token_keeps_what_was_typed() -> None:
    """A network that is none, and a group that can have no token."""
    desk = await desk_of()
    form = {"name": "t", "holder": "bob", "scope": "sql", "days": "7", "networks": "everywhere"}
    status, _, page = await desk.browser.press("/access/tokens", **form)
    assert status == 400
    assert "is no network" in page
    assert 'value="everywhere"' in page
    assert (await desk.browser.press("/access/tokens", name="t", holder="platform", scope="sql"))[0] == 400
    assert desk.tokens.list() == []


async def test_tokens_come_in_pages_the_newest_first() -> None:
    """60 live ones are on two pages; ended ones are shown when they are asked for."""
    desk = await desk_of()
    for number in range(60):
        desk.browser.clock.now_s += 1
        desk.token(f"t{number}", "bob")
    desk.tokens.revoke("t59")
    page = await desk.page("/access?show=tokens")
    shown = re.findall(r'<a href="/access/tokens/[^"]+">([^<]+)</a>', page)
    assert (shown[0], len(shown)) == ("t58", 50)
    more = re.findall(r'href="([^"]+)" rel="next"', page)[0].replace("&amp;", "&")
    assert re.findall(r'<a href="/access/tokens/[^"]+">([^<]+)</a>', await desk.page(more)) == [f"t{number}" for number in range(8, -1, -1)]
    assert "revoked" in await desk.page("/access?show=tokens&state=all&q=t59")
    assert "No token matches" in await desk.page("/access?show=tokens&q=t59")


async def test_members_have_no_access() -> None:
    """Neither to the lists nor to the forms."""
    desk = await desk_of()
    await desk.browser.sign_in("plain")
    assert (await desk.browser.ask("GET", "/access", accept="text/html"))[0] == 403
    assert (await desk.browser.press("/access/users", name="eve"))[0] == 403
    assert (await desk.browser.press("/access/tokens", name="t", scope="admin"))[0] == 403
    assert desk.principals.list() == []
