"""Catalogs and schemas of the Unity Catalog interface."""

import pytest

from tests.unit.web.api.asking import House

ROOT = "/api/2.1/unity-catalog"


@pytest.fixture
def house():
    """A fresh API."""
    return House()


async def test_life_of_a_catalog(house):
    """Made, found, listed, changed, dropped."""
    status, made = await house.ask("root", "POST", f"{ROOT}/catalogs", {"name": "Sales", "comment": "money", "properties": {"k": "v"}})
    assert (status, made["name"], made["full_name"], made["comment"], made["properties"], made["owner"]) == (
        200,
        "sales",
        "sales",
        "money",
        {"k": "v"},
        "root",
    )
    assert (await house.ask("root", "GET", f"{ROOT}/catalogs/SALES"))[1] == made
    _, listed = await house.ask("root", "GET", f"{ROOT}/catalogs")
    assert [entry["name"] for entry in listed["catalogs"]] == ["main", "sales", "system"]
    assert listed["next_page_token"] is None
    _, changed = await house.ask("root", "PATCH", f"{ROOT}/catalogs/sales", {"comment": "x", "new_name": "shop"})
    assert (changed["name"], changed["comment"], changed["id"]) == ("shop", "x", made["id"])
    assert await house.ask("root", "DELETE", f"{ROOT}/catalogs/shop") == (200, {})
    status, answer = await house.ask("root", "GET", f"{ROOT}/catalogs/shop")
    assert (status, answer["error_code"]) == (404, "CATALOG_DOES_NOT_EXIST")


async def test_life_of_a_schema(house):
    """The same one level down; what is not empty goes by force alone."""
    _, made = await house.ask("root", "POST", f"{ROOT}/schemas", {"name": "obs", "catalog_name": "main"})
    assert (made["full_name"], made["catalog_name"]) == ("main.obs", "main")
    _, listed = await house.ask("ada", "GET", f"{ROOT}/schemas?catalog_name=main")
    assert [entry["name"] for entry in listed["schemas"]] == ["default", "obs"]
    await house.desk.run("CREATE TABLE main.obs.t (a INT)")
    status, answer = await house.ask("root", "DELETE", f"{ROOT}/schemas/main.obs")
    assert (status, answer["error_code"]) == (409, "SCHEMA_NOT_EMPTY")
    assert await house.ask("root", "DELETE", f"{ROOT}/schemas/main.obs?force=true") == (200, {})
    assert house.desk.files.calls[-1][0] == "delete"


async def test_refusals(house):
    """Who may not is told what is missing; what makes no sense is told too."""
    status, answer = await house.ask("ada", "POST", f"{ROOT}/catalogs", {"name": "mine"})
    assert (status, answer["error_code"]) == (403, "PERMISSION_DENIED")
    assert "CREATE CATALOG" in answer["message"]
    status, answer = await house.ask("root", "POST", f"{ROOT}/catalogs", {"name": "main"})
    assert (status, answer["error_code"]) == (409, "CATALOG_ALREADY_EXISTS")
    for body in ({}, {"name": "a.b"}, {"name": ""}, {"name": 7}, b"no json"):
        assert (await house.ask("root", "POST", f"{ROOT}/catalogs", body))[0] == 400
    assert (await house.ask("root", "POST", f"{ROOT}/catalogs", {"name": "x", "storage_root": "/data/inside"}))[0] == 400
    assert (await house.ask("root", "GET", f"{ROOT}/schemas"))[0] == 400
    assert (await house.ask("root", "GET", f"{ROOT}/schemas?catalog_name=none"))[0] == 404
    assert (await house.ask("root", "PATCH", f"{ROOT}/catalogs/system", {"comment": "x"}))[0] == 403


async def test_the_metastore(house):
    """There is one, and it has a name and an id."""
    _, summary = await house.ask("ada", "GET", f"{ROOT}/metastore_summary")
    assert (summary["name"], summary["owner"]) == ("headgate", "admins")
    assert (await house.ask("ada", "GET", f"{ROOT}/current-metastore-assignment"))[1]["metastore_id"] == summary["metastore_id"]


async def test_fields_that_nobody_may_set_change_nothing(house):
    """Clients send fields that Headgate does not know, and those are left alone; what is its own to say is not taken from a body."""
    made_up = {"owner": "root", "id": "x", "created_by": "root", "created_at": 1, "role": "admin", "metastore_id": "x", "catalog_type": "SYSTEM"}
    await house.ask("root", "PATCH", f"{ROOT}/permissions/catalog/main", {"changes": [{"principal": "ada", "add": ["CREATE_SCHEMA", "USE_CATALOG"]}]})
    status, made = await house.ask("ada", "POST", f"{ROOT}/schemas", {"name": "mine", "catalog_name": "main", **made_up})
    assert (status, made["owner"], made["created_by"]) == (200, "ada", "ada")
    assert not set(made_up.values()) & {made.get("id"), made.get("created_at"), made.get("metastore_id"), made.get("role")}
    assert (await house.ask("ada", "PATCH", f"{ROOT}/catalogs/main", {"owner": "ada"}))[0] == 403
