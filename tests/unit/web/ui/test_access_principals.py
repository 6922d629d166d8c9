"""The page of one principal: what applies to it, and its forms."""

import pytest

from tests.fakes.access import AccessDesk


@pytest.fixture
async def desk() -> AccessDesk:
    """A signed-in account administrator, the user bob and the group core."""
    made = AccessDesk()
    made.user("root", roles=("account_admin",))
    made.user("bob", display_name="Bob")
    made.user("core", kind="GROUP")
    await made.browser.sign_in()
    return made


def path_of(desk: AccessDesk, name: str) -> str:
    """The address of a principal's page."""
    row = desk.principals.show(name).row
    return f"/access/{'groups' if row.kind == 'GROUP' else 'users'}/{row.id}"


async def test_what_applies_is_shown(desk) -> None:
    """Groups, limits with what is left, budgets and grants that name it; not those of others."""
    desk.token("bob's laptop", "bob")
    page = await desk.page(path_of(desk, "bob"))
    assert "<h1>Bob</h1>" in page
    assert '<span class="tag">platform</span>' in page
    assert "9,000 tokens per day" in page
    assert "requests per minute" not in page
    assert "$50.00" in page
    assert "gpt-*" in page
    assert "claude-*" not in page
    assert "bob&#39;s laptop" in page
    assert "60 requests per minute" in await desk.page(path_of(desk, "root"))


async def test_a_large_group_has_pages(desk) -> None:
    """Each member is on one of them; both directions are linked, and an address from elsewhere is the first page."""
    made = tuple(desk.user(f"member{number:03}") for number in range(205))
    desk.user("large", kind="GROUP", members=made)
    path = path_of(desk, "large")
    first = await desk.page(path)
    middle, last = [await desk.page(f"{path}?members_from={start}") for start in (100, 200)]
    assert [sum(f">member{number:03}<" in page for page in (first, middle, last)) for number in range(205)] == [1] * 205
    assert "101 to 200 of 205 members" in middle
    assert [(page.count('rel="prev"'), page.count('rel="next"')) for page in (first, middle, last)] == [(0, 1), (1, 1), (1, 0)]
    assert f'href="{path}?members_from=200"' in middle
    assert "1 to 100 of 205 members" in await desk.page(f"{path}?members_from=-1")
    assert "No member follows." in await desk.page(f"{path}?members_from=900")


async def test_roles_are_replaced(desk) -> None:
    """With those of the form; a form from before another change is refused, and shows what was chosen."""
    path = path_of(desk, "bob")
    seen = str(desk.principals.show("bob").row.updated_at_ms)
    desk.browser.clock.now_s += 1
    assert (await desk.browser.press(path, act="roles", role="viewer", seen_at_ms=seen))[0] == 303
    assert desk.principals.show("bob").row.roles == ("viewer",)
    status, _, page = await desk.browser.press(path, act="roles", role="admin", seen_at_ms=seen)
    assert (status, "was changed meanwhile" in page) == (409, True)
    assert 'value="admin" checked' in page
    assert desk.principals.show("bob").row.roles == ("viewer",)


async def test_the_last_account_administrator_stays(desk) -> None:
    """Neither its role nor its activity ends, and it is not deleted."""
    path = path_of(desk, "root")
    for form in ({"act": "roles", "role": "viewer"}, {"act": "deactivate"}, {"act": "delete", "sure": "yes"}):
        status, _, page = await desk.browser.press(path, **form)
        assert (status, "no active account administrator" in page) == (409, True)
    assert desk.principals.show("root").row.active


async def test_activity(desk) -> None:
    """Deactivated, and active again; in force each time."""
    path = path_of(desk, "bob")
    for act, active in (("deactivate", False), ("activate", True)):
        assert (await desk.browser.press(path, act=act))[0] == 303
        assert desk.principals.show("bob").row.active is active
    assert desk.follows == 2


async def test_memberships(desk) -> None:
    """From either side; a group that does not exist is named at the form, and a circle is refused."""
    bob, core = path_of(desk, "bob"), path_of(desk, "core")
    group, user = core.rpartition("/")[2], bob.rpartition("/")[2]
    for path, form, members in (
        (bob, {"act": "join", "group": "core"}, ["bob"]),
        (core, {"act": "remove", "member": user}, []),
        (core, {"act": "add", "member": "bob"}, ["bob"]),
        (bob, {"act": "leave", "group": group}, []),
    ):
        assert (await desk.browser.press(path, **form))[0] == 303
        assert [row.name for row in desk.principals.show("core").members] == members
    status, _, page = await desk.browser.press(bob, act="join", group="crew")
    assert (status, 'value="crew"' in page) == (404, True)
    status, _, page = await desk.browser.press(core, act="add", member="core")
    assert (status, "No group may contain itself" in page) == (400, True)
    status, _, page = await desk.browser.press(bob, act="join", group="platform")
    assert "headgate.toml:7" in page


async def test_names_and_the_end(desk) -> None:
    """The display name changes; a principal is deleted only with the box ticked; a form that is none is refused."""
    path = path_of(desk, "bob")
    assert (await desk.browser.press(path, act="names", display_name="Robert"))[0] == 303
    assert desk.principals.show("bob").row.display_name == "Robert"
    assert (await desk.browser.press(path, act="delete"))[0] == 400
    assert (await desk.browser.press(path, act="crown"))[0] == 400
    status, headers, _ = await desk.browser.press(path, act="delete", sure="yes")
    assert (status, headers["location"]) == (303, "/access?show=users")
    assert (await desk.browser.ask("GET", path, accept="text/html"))[0] == 404


async def test_a_token_for_this_principal(desk) -> None:
    """A link leads to the form with the name in it; it makes nothing by itself."""
    page = await desk.page(path_of(desk, "bob"))
    assert 'href="/access?show=tokens&amp;for=bob&amp;kind=USER"' in page
    page = await desk.page("/access?show=tokens&for=<b>&kind=SERVICE_PRINCIPAL")
    assert 'name="holder" maxlength="128" value="&lt;b&gt;"' in page
    assert '<option value="SERVICE_PRINCIPAL" selected>' in page
    assert desk.tokens.list() == []
