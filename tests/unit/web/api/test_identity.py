"""Who the caller is, and what kind of host this is."""

from tests.unit.web.api.asking import House


async def test_me():
    """A name and its groups; workspace administrators are told by the group `admins`."""
    house = House()
    _, me = await house.ask("root", "GET", "/api/2.0/preview/scim/v2/Me")
    assert (me["userName"], me["active"], [group["display"] for group in me["groups"]]) == ("root", True, ["admins", "account users"])
    _, me = await house.ask("ada", "GET", "/api/2.0/preview/scim/v2/Me")
    assert [group["display"] for group in me["groups"]] == ["account users"]
    assert (me["id"], me["roles"], me["emails"]) == ("usr_ada", [{"value": "member"}], [])


async def test_host():
    """A client that asks what host this is goes by its own configuration."""
    assert await House().ask("", "GET", "/.well-known/databricks-config") == (200, {})
