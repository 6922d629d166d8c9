"""One token on a page, and a member's own tokens."""

import re

import pytest

from headgate.admin.token_request import TokenRequest
from tests.fakes.access import AccessDesk
from tests.fakes.browser import LAPTOP


@pytest.fixture
async def desk() -> AccessDesk:
    """A signed-in account administrator."""
    made = AccessDesk()
    await made.browser.sign_in()
    return made


async def signed_in_member(desk: AccessDesk) -> str:
    """Sign in as the owner of a token of the store, whose id is returned."""
    made = desk.tokens.create(TokenRequest(name="mine", user="ada@example.com"))
    # In the store the user has an id of its own.
    own = LAPTOP.principal.__class__(id=made.row.principal.id, name="ada@example.com", scopes=LAPTOP.principal.scopes)
    desk.browser.tokens = [LAPTOP.__class__(id=made.row.id, name="mine", principal=own)]
    desk.browser.links["own"] = made.row.id
    await desk.browser.sign_in("own")
    return made.row.id


async def test_rotation_with_an_overlap(desk) -> None:
    """The successor's secret is shown once; the old token ends an hour later."""
    old = desk.token("ci", "bob")
    status, headers, _ = await desk.browser.press(f"/access/tokens/{old}", act="rotate", overlap="3600")
    assert status == 303
    page = await desk.page(headers["location"])
    assert len(set(re.findall(r"hg_[A-Za-z0-9_-]{30,}", page))) == 1
    rows = {row.id: row for row in desk.tokens.list()}
    assert rows[old].expires_at_ms == desk.parts.now_ms + 3_600_000
    assert headers["location"].rpartition("/")[2] in rows


async def test_revoking(desk) -> None:
    """It is refused from then on; a second time says that it is gone."""
    which = desk.token("ci", "bob")
    assert (await desk.browser.press(f"/access/tokens/{which}", act="revoke"))[0] == 303
    assert desk.tokens.get(which).revoked_at_ms > 0
    assert "revoked" in await desk.page(f"/access/tokens/{which}")
    status, _, page = await desk.browser.press(f"/access/tokens/{which}", act="revoke")
    assert (status, "is revoked already" in page) == (404, True)
    assert (await desk.browser.press(f"/access/tokens/{which}", act="copy"))[0] == 400
    assert (await desk.browser.ask("GET", "/access/tokens/tok_none", accept="text/html"))[0] == 404


async def test_a_member_has_own_tokens(desk) -> None:
    """Makes one for itself with what its own allows, and sees no others."""
    other = desk.token("other", "bob")
    await signed_in_member(desk)
    desk.browser.clock.now_s += 1
    status, headers, _ = await desk.browser.press("/me/tokens", name="second", scope="inference", days="7")
    assert status == 303
    assert "hg_" in await desk.page(headers["location"])
    page = await desk.page("/me/tokens")
    assert re.findall(r'<a href="/me/tokens/[^"]+">([^<]+)</a>', page) == ["second", "mine"]
    assert "administer Headgate" not in page
    assert (await desk.browser.ask("GET", f"/me/tokens/{other}", accept="text/html"))[0] == 404
    assert (await desk.browser.press(f"/me/tokens/{other}", act="revoke"))[0] == 404


async def test_a_member_gets_no_more_than_it_has(desk) -> None:
    """No scope that its token lacks, and none for others; what was typed stays."""
    await signed_in_member(desk)
    status, _, page = await desk.browser.press("/me/tokens", name="big", scope="admin", days="7")
    assert (status, "A token cannot give more than it has" in page, 'value="big"' in page) == (403, True, True)
    assert (await desk.browser.press("/me/tokens", name="x", scope="sql", holder="bob"))[0] == 400
    assert len(desk.tokens.list()) == 1


async def test_a_member_rotates_the_token_of_the_session_alone(desk) -> None:
    """Another one may have more rights."""
    mine = await signed_in_member(desk)
    second = desk.token("second", "ada@example.com")
    assert "sign in with this one to rotate it" in await desk.page(f"/me/tokens/{second}")
    status, _, page = await desk.browser.press(f"/me/tokens/{second}", act="rotate")
    assert (status, "A token rotates itself" in page) == (403, True)
    status, _, page = await desk.browser.press(f"/me/tokens/{mine}", act="rotate", overlap="0")
    assert (status, "so that the page can show you the new secret" in page, "not at all" in page) == (400, True, False)
    assert (await desk.browser.press("/me/tokens/mine", act="rotate", overlap="1"))[0] == 400
    assert (await desk.browser.press(f"/me/tokens/{mine}", act="rotate", overlap="600"))[0] == 303
    status, headers, _ = await desk.browser.press(f"/me/tokens/{mine}", act="revoke")
    assert (status, headers["location"]) == (303, "/login")
