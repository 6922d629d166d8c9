"""Governed objects over REST, in the shape of the file."""

import pytest

from headgate.core.scopes import ADMIN, ANY
from headgate.web.api.objects import object_routes
from tests.unit.web.api.objects_asking import CODING, ObjectHouse

ROOT = "/api/2.0/headgate"
LIMIT = {"key": "agent", "per": "day", "requests": 5}


@pytest.fixture
def house():
    """The interface over fakes."""
    return ObjectHouse(object_routes)


async def test_an_object_is_created_changed_and_deleted(house):
    """Each change is in force when it is answered; an old etag is refused."""
    made = await house.ask("root", "POST", f"{ROOT}/limits", LIMIT)
    assert (made["name"], made["etag"], made["created_by"], made["limit"]) == ("* agent day", "1", "root", LIMIT)
    path = f"{ROOT}/limits/{made['id']}"
    changed = await house.ask("root", "PATCH", f"{path}?update_mask=requests,%20tokens&etag=1", {"tokens": 7, "per": "hour"})
    assert changed["limit"] == {"key": "agent", "per": "day", "tokens": 7}
    assert await house.ask("root", "PATCH", f"{path}?etag=1", {"tokens": 8}) == (409, "ABORTED")
    assert await house.ask("root", "DELETE", f"{path}?etag=1") == (409, "ABORTED")
    assert await house.ask("root", "GET", f"{ROOT}/limits/*%20agent%20day") == changed
    assert await house.ask("root", "DELETE", path) == {}
    assert await house.ask("root", "GET", path) == (404, "RESOURCE_DOES_NOT_EXIST")
    assert house.follows == 3


async def test_the_file_is_listed_first_and_cannot_be_changed(house):
    """With its place."""
    await house.ask("root", "POST", f"{ROOT}/endpoints", CODING)
    found = await house.ask("root", "GET", f"{ROOT}/endpoints")
    assert [(each["name"], each["declared_at"]) for each in found["endpoints"]] == [("house", "headgate.toml:11"), ("coding", "")]
    for step in (("PATCH", {"display_name": "x"}), ("DELETE", None)):
        assert await house.ask("root", step[0], f"{ROOT}/endpoints/house", step[1]) == (409, "INVALID_STATE")
        assert "declared at headgate.toml:11" in house.refusal


async def test_listings_come_in_pages(house):
    """Each object once, in the order of their creation; a token of nothing is refused."""
    for requests in range(1, 6):
        await house.ask("root", "POST", f"{ROOT}/limits", LIMIT | {"agent": f"a{requests}"})
    names, token = [], ""
    for _ in range(3):
        page = await house.ask("root", "GET", f"{ROOT}/limits?page_size=2&page_token={token}")
        names += [each["name"] for each in page["limits"]]
        token = page["next_page_token"]
    assert (len(names), len(set(names)), token) == (6, 6, "")
    for query in ("page_size=many", "page_token=none"):
        assert await house.ask("root", "GET", f"{ROOT}/limits?{query}") == (400, "INVALID_PARAMETER_VALUE")


@pytest.mark.parametrize(
    ("who", "listed", "get", "change"),
    [
        ("root", ["house", "coding"], "coding", "coding"),
        ("ada", ["house", "coding"], "coding", "coding"),
        ("ben", ["house", "coding"], "coding", (403, "permission_missing")),
        ("eve", ["house"], (404, "RESOURCE_DOES_NOT_EXIST"), (404, "RESOURCE_DOES_NOT_EXIST")),
    ],
)  # fmt: skip
async def test_who_may_do_what_with_endpoints(house, who, listed, get, change):
    """What a caller may not query does not exist for them; who manages an endpoint changes and deletes it; administrators create."""
    made = await house.ask("root", "POST", f"{ROOT}/endpoints", CODING)
    assert [each["name"] for each in (await house.ask(who, "GET", f"{ROOT}/endpoints"))["endpoints"]] == listed
    for which in ("coding", made["id"]):
        found = await house.ask(who, "GET", f"{ROOT}/endpoints/{which}")
        assert (found["name"] if isinstance(found, dict) else found) == get
        found = await house.ask(who, "PATCH", f"{ROOT}/endpoints/{which}", {"display_name": who})
        assert (found["name"] if isinstance(found, dict) else found) == change
    found = await house.ask(who, "DELETE", f"{ROOT}/endpoints/coding")
    assert found == (change if isinstance(change, tuple) else {})
    created = await house.ask(who, "POST", f"{ROOT}/endpoints", CODING | {"name": "more"})
    assert created == (403, "PERMISSION_DENIED") if who != "root" else created["name"] == "more"


def test_only_endpoints_are_for_everyone():
    """All other kinds need an administrator's token."""
    rules = {(route.path.split("/")[4], route.access) for route in ObjectHouse(object_routes)._table}
    assert ("endpoints", ANY) in rules
    assert {access for section, access in rules if section != "endpoints"} == {ADMIN}


async def test_an_endpoint_is_renamed_by_administrators_alone(house):
    """A manager would open it to everyone under a name that nothing restricts. The same name in a change is none."""
    made = await house.ask("root", "POST", f"{ROOT}/endpoints", CODING)
    path = f"{ROOT}/endpoints/{made['id']}"
    assert await house.ask("ada", "PATCH", path, {"name": "free"}) == (403, "PERMISSION_DENIED")
    assert (await house.ask("ada", "PATCH", path, {"name": "coding", "display_name": "x"}))["endpoint"]["display_name"] == "x"
    assert await house.ask("eve", "PATCH", path, {"name": "free"}) == (404, "RESOURCE_DOES_NOT_EXIST")
    assert (await house.ask("root", "PATCH", path, {"name": "other"}))["name"] == "other"
