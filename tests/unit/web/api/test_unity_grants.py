"""Permissions of the Unity Catalog interface."""

import pytest

from headgate.catalog.entries import Entry
from headgate.catalog.holders import group
from headgate.catalog.names import Name
from tests.unit.web.api.asking import House

ROOT = "/api/2.1/unity-catalog"
ON_T = f"{ROOT}/permissions/table/main.default.t"


@pytest.fixture
async def house():
    """An API with one table."""
    made = House()
    await made.desk.run("CREATE TABLE main.default.t (a INT)")
    return made


async def test_change_and_look(house):
    """Both spellings are taken, one is given back."""
    changes = [{"principal": "ada", "add": ["SELECT", "ALL PRIVILEGES"]}, {"principal": "account users", "add": ["MODIFY"]}]
    status, answer = await house.ask("root", "PATCH", ON_T, {"changes": changes})
    assert (status, answer["privilege_assignments"]) == (
        200, [{"principal": "account users", "privileges": ["MODIFY"]}, {"principal": "ada", "privileges": ["ALL_PRIVILEGES", "SELECT"]}],
    )  # fmt: skip
    await house.ask("root", "PATCH", ON_T, {"changes": [{"principal": "ada", "remove": ["ALL_PRIVILEGES"]}]})
    _, answer = await house.ask("root", "GET", f"{ON_T}?principal=ada")
    assert answer["privilege_assignments"] == [{"principal": "ada", "privileges": ["SELECT"]}]


@pytest.mark.parametrize(
    "wrong", [{"principal": "nobody", "add": ["SELECT"]}, {"principal": "hakan", "add": ["FLY"]}, {"principal": "hakan", "remove": ["USE CATALOG"]}]
)
async def test_changes_are_made_whole_or_not_at_all(house, wrong):
    """One change that cannot be made leaves the others unmade too, those before it and those behind it."""
    await house.ask("root", "PATCH", ON_T, {"changes": [{"principal": "ada", "add": ["SELECT"]}]})
    changes = [{"principal": "hakan", "add": ["MODIFY"]}, {"principal": "ada", "remove": ["SELECT"]}, wrong, {"principal": "root", "add": ["SELECT"]}]
    assert (await house.ask("root", "PATCH", ON_T, {"changes": changes}))[0] in {400, 404}
    assert (await house.ask("root", "GET", ON_T))[1]["privilege_assignments"] == [{"principal": "ada", "privileges": ["SELECT"]}]


async def test_what_reaches_a_table(house):
    """Each privilege with what it is inherited from."""
    await house.ask("root", "PATCH", f"{ROOT}/permissions/CATALOG/main", {"changes": [{"principal": "ada", "add": ["select"]}]})
    await house.ask("root", "PATCH", ON_T, {"changes": [{"principal": "ada", "add": ["MODIFY"]}]})
    _, answer = await house.ask("ada", "GET", f"{ROOT}/effective-permissions/table/main.default.t?principal=ada")
    assert answer["privilege_assignments"] == [
        {
            "principal": "ada",
            "privileges": [{"privilege": "MODIFY"}, {"privilege": "SELECT", "inherited_from_type": "CATALOG", "inherited_from_name": "main"}],
        }
    ]


async def test_the_metastore(house):
    """It is named by its id."""
    place = f"{ROOT}/permissions/metastore/{house.desk.state.load().metastore.id}"
    await house.ask("root", "PATCH", place, {"changes": [{"principal": "ada", "add": ["CREATE_CATALOG"]}]})
    assert (await house.ask("ada", "GET", place))[1]["privilege_assignments"] == [{"principal": "ada", "privileges": ["CREATE_CATALOG"]}]
    assert (await house.ask("root", "GET", f"{ROOT}/permissions/metastore/other"))[0] == 404


async def test_refusals(house):
    """Who may not, whom nobody knows, what cannot be granted, and securables that are not kept here."""
    add = {"changes": [{"principal": "ada", "add": ["SELECT"]}]}
    assert (await house.ask("ada", "PATCH", ON_T, add))[0] == 403
    assert (await house.ask("ada", "GET", ON_T))[0] == 403
    assert (await house.ask("root", "PATCH", ON_T, {"changes": [{"principal": "nobody", "add": ["SELECT"]}]}))[0] == 404
    assert (await house.ask("root", "PATCH", ON_T, {"changes": [{"principal": "ada", "add": ["FLY"]}]}))[0] == 400
    assert (await house.ask("root", "PATCH", f"{ROOT}/permissions/volume/a.b.c", add))[0] == 400


async def test_a_model_service(house):
    """By the type that databricks-sdk and Terraform give it, in any case of letters; a table of the same name is another securable."""
    service = Name(("main", "default", "t"), service=True)
    house.desk.state.change_services((), [Entry(id="srv", name=service, owner=group("admins"))])
    place = "permissions/MODEL_SERVICE/main.default.t"
    assert await house.ask("root", "PATCH", f"{ROOT}/{place}", {"changes": [{"principal": "ada", "add": ["EXECUTE"]}]}) == (
        200, {"privilege_assignments": [{"principal": "ada", "privileges": ["EXECUTE"]}]},
    )  # fmt: skip
    await house.ask("root", "PATCH", f"{ROOT}/permissions/schema/main.default", {"changes": [{"principal": "ada", "add": ["EXECUTE", "USE_SCHEMA"]}]})
    _, answer = await house.ask("ada", "GET", f"{ROOT}/effective-{place.lower()}?principal=ada")
    assert answer["privilege_assignments"][0]["privileges"] == [
        {"privilege": "EXECUTE", "inherited_from_type": "SCHEMA", "inherited_from_name": "main.default"}, {"privilege": "EXECUTE"},
        {"privilege": "USE_SCHEMA", "inherited_from_type": "SCHEMA", "inherited_from_name": "main.default"},
    ]  # fmt: skip
    assert (await house.ask("root", "GET", ON_T))[1]["privilege_assignments"] == []
    for wrong in ("SELECT", "USE_SCHEMA"):
        assert (await house.ask("root", "PATCH", f"{ROOT}/{place}", {"changes": [{"principal": "ada", "add": [wrong]}]}))[0] == 400
    assert (await house.ask("root", "GET", f"{ROOT}/permissions/model_service/main.default.u"))[0] == 404
    assert (await house.ask("root", "GET", f"{ROOT}/permissions/model_service/main.default"))[0] == 400


async def test_an_endpoint_as_a_model_service_of_system_ai(house):
    """Its name may have dots. It is no securable of the catalog; a change is in force when it is answered."""
    place = "permissions/model_service/system.ai.gpt-5.2"
    assert await house.ask("root", "PATCH", f"{ROOT}/{place}", {"changes": [{"principal": "ada", "add": ["EXECUTE"]}]}) == (
        200, {"privilege_assignments": [{"principal": "ada", "privileges": ["EXECUTE"]}]},
    )  # fmt: skip
    assert house.followed == 1
    assert (await house.ask("root", "GET", f"{ROOT}/{place}?principal=ben"))[1] == {"privilege_assignments": []}
    assert (await house.ask("root", "GET", f"{ROOT}/effective-{place}"))[1]["privilege_assignments"] == [
        {"principal": "ada", "privileges": [{"privilege": "EXECUTE"}]},
        {"principal": "account users", "privileges": [{"privilege": "EXECUTE", "inherited_from_type": "SCHEMA", "inherited_from_name": "system.ai"}]},
    ]
    assert (await house.ask("root", "GET", f"{ROOT}/permissions/table/system.ai.gpt"))[0] == 404
