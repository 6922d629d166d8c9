"""Users, groups and service principals over SCIM."""

from types import SimpleNamespace

import pytest

from headgate.admin.principals import NewPrincipal, PrincipalChange
from headgate.core.group import DeclaredGroup
from headgate.core.principal import Principal
from tests.unit.web.api.asking import House

SCIM = "/api/2.0/preview/scim/v2"
ROOT = Principal(id="usr_root", name="root", scopes=frozenset({"admin"}), roles=frozenset({"account_admin"}))


@pytest.fixture
def house():
    """An API with the users ada and ben, the group team with ada in it, and the group filed of the file. `root` administers, `ada` does not."""
    made = House()
    for new in (
        NewPrincipal(name="root", roles=("account_admin",)),
        NewPrincipal(name="ada", display_name="Ada L."),
        NewPrincipal(name="ben@example.com", external_id="x1"),
        NewPrincipal(name="ci", kind="SERVICE_PRINCIPAL"),
        NewPrincipal(name="team", kind="GROUP", members=("ada",)),
    ):
        made.principals.create(ROOT, new)
    made.declared.append(DeclaredGroup("filed", ("ada",), "headgate.toml:3"))
    return made


def ids(house):
    """The ids of all, by name."""
    return SimpleNamespace(**{one.row.name.partition("@")[0]: one.row.id for one in house.principals.list()})


def patched(op, path=None, value=None):
    operation = {"op": op} | ({"path": path} if path else {}) | ({"value": value} if value is not None else {})
    return {"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [operation]}


async def test_an_administrator_reads_everything(house):
    """Lists with their counts, and whole entries."""
    status, found = await house.ask("root", "GET", f"{SCIM}/Users")
    assert (status, found["totalResults"], found["itemsPerPage"]) == (200, 3, 3)
    assert [one["userName"] for one in found["Resources"]] == ["ada", "ben@example.com", "root"]
    team = ids(house).team
    ada = found["Resources"][0]
    assert (ada["displayName"], ada["active"], ada["roles"]) == ("Ada L.", True, [{"value": "member"}])
    assert ada["groups"] == [{"display": "team", "value": team, "$ref": f"Groups/{team}", "type": "direct"}]
    ben = found["Resources"][1]
    assert (ben["emails"], ben["externalId"]) == ([{"type": "work", "value": "ben@example.com", "primary": True}], "x1")
    _, groups = await house.ask("root", "GET", f"{SCIM}/Groups")
    assert [(one["displayName"], [each["display"] for each in one["members"]]) for one in groups["Resources"]] == [
        ("filed", ["ada"]),
        ("team", ["ada"]),
    ]
    _, programs = await house.ask("root", "GET", f"{SCIM}/ServicePrincipals")
    assert [(one["applicationId"], one["displayName"]) for one in programs["Resources"]] == [("ci", "ci")]
    for path in (f"Users/{ada['id']}", "Users/ada", f"Groups/{team}", "Groups/filed"):
        assert (await house.ask("root", "GET", f"{SCIM}/{path}"))[0] == 200
    status, refused = await house.ask("root", "GET", f"{SCIM}/Users/{team}")
    assert (status, refused["error_code"]) == (404, "RESOURCE_DOES_NOT_EXIST")


async def test_pages_filters_and_attributes(house):
    """As Databricks' clients and directories ask for them."""

    async def asked(query):
        return (await house.ask("root", "GET", f"{SCIM}/Users?{query}"))[1]

    assert [one["userName"] for one in (await asked("startIndex=2&count=1"))["Resources"]] == ["ben@example.com"]
    assert (await asked("startIndex=4&count=10000"))["Resources"] == []
    assert [one["userName"] for one in (await asked("sortOrder=descending&sortBy=userName"))["Resources"]] == ["root", "ben@example.com", "ada"]
    assert (await asked("filter=userName%20eq%20%22ada%22"))["totalResults"] == 1
    assert (await asked("filter=userName%20eq%20%22eve%22"))["totalResults"] == 0
    assert [one["userName"] for one in (await asked("filter=groups.display%20eq%20%22team%22"))["Resources"]] == ["ada"]
    assert (await asked("attributes=userName,emails.value&count=1"))["Resources"][0].keys() == {"schemas", "id", "userName", "emails"}
    assert "groups" not in (await asked("excludedAttributes=groups&count=1"))["Resources"][0]
    for query in ("startIndex=x", "count=-1", "sortOrder=up", "filter=userName"):
        assert (await house.ask("root", "GET", f"{SCIM}/Users?{query}"))[0] == 400


async def test_a_member_reads_what_concerns_it(house):
    """Itself and its groups without their members; of others the id of a name that it knows."""
    house.declared.append(DeclaredGroup("other"))
    mine = house.principals.show("ada").row.id
    house.become("ada", Principal(id=mine, name="ada", scopes=frozenset({"inference"}), groups=frozenset({"team", "filed"})))
    _, users = await house.ask("ada", "GET", f"{SCIM}/Users")
    assert [one["userName"] for one in users["Resources"]] == ["ada"]
    assert users["Resources"][0]["displayName"] == "Ada L."
    _, groups = await house.ask("ada", "GET", f"{SCIM}/Groups")
    assert [one["displayName"] for one in groups["Resources"]] == ["filed", "team"]
    assert not any("members" in one for one in groups["Resources"])
    _, found = await house.ask("ada", "GET", f"{SCIM}/Users?filter=userName%20eq%20%22ben@example.com%22")
    assert [set(one) for one in found["Resources"]] == [{"schemas", "id", "userName"}]
    assert (await house.ask("ada", "GET", f"{SCIM}/Groups?filter=displayName%20eq%20%22other%22"))[1]["totalResults"] == 1
    assert (await house.ask("ada", "GET", f"{SCIM}/ServicePrincipals"))[1]["Resources"] == []


async def test_a_viewer_reads_everything_and_changes_nothing(house):
    """The usage that it may read has all names anyway."""
    house.become("ada", Principal(id="v", name="ada", scopes=frozenset({"inference", "sql"}), roles=frozenset({"viewer"})))
    assert (await house.ask("ada", "GET", f"{SCIM}/Users"))[1]["totalResults"] == 3
    for method, path in (("POST", "Users"), ("PATCH", "Users/ada"), ("PUT", "Groups/team"), ("DELETE", "ServicePrincipals/ci")):
        assert (await house.ask("ada", method, f"{SCIM}/{path}", {}))[0] == 403


async def test_create(house):
    """Each kind with what it can have. A service principal without an id of an application is called as it is displayed."""
    body = {
        "userName": "eve@example.com",
        "name": {"givenName": "Eve", "familyName": "Z"},
        "active": False,
        "roles": [{"value": "viewer"}],
        "title": "Dr.",
    }
    status, eve = await house.ask("root", "POST", f"{SCIM}/Users", body)
    assert (status, eve["displayName"], eve["active"], eve["roles"]) == (201, "Eve Z", False, [{"value": "viewer"}])
    status, program = await house.ask("root", "POST", f"{SCIM}/ServicePrincipals", {"displayName": "builder"})
    assert (status, program["applicationId"]) == (201, "builder")
    _, group = await house.ask(
        "root", "POST", f"{SCIM}/Groups", {"displayName": "all", "members": [{"value": eve["id"]}, {"value": ids(house).team}]}
    )
    assert [each["display"] for each in group["members"]] == ["eve@example.com", "team"]
    for path, body in (("Users", {}), ("Users", {"userName": "admins"}), ("Groups", {"displayName": "x", "members": 3}), ("Users", [])):
        assert (await house.ask("root", "POST", f"{SCIM}/{path}", body))[0] == 400
    assert (await house.ask("root", "POST", f"{SCIM}/Users", {"userName": "team"}))[0] == 409


@pytest.mark.parametrize(
    ("body", "active"),
    [
        (patched("replace", "active", False), False), (patched("Replace", "active", "False"), False), (patched("replace", "active"), False),
        (patched("replace", value={"active": False}), False), (patched("replace", value={"active": True, "emails": []}), True),
        (patched("add", "displayName", "A."), True), (patched("replace", "userName", "ada"), True),
        (patched("replace", "name.givenName", "A"), True), (patched("add", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department", "x"), True),
    ],
)  # fmt: skip
async def test_activity_as_directories_write_it(house, body, active):
    """With a path or without one, as a truth or as a text; Databricks' SDK leaves out a value that is false. What is not stored is left alone."""
    status, found = await house.ask("root", "PATCH", f"{SCIM}/Users/{ids(house).ada}", body)
    assert (status, found["active"]) == (200, active)


async def test_patches_of_members(house):
    """Added, removed by a list, by a selection and altogether, and replaced."""
    known = ids(house)
    path = f"{SCIM}/Groups/{known.team}"
    steps = [
        (patched("add", "members", [{"value": known.ben}, {"value": known.ci}]), ["ada", "ben@example.com", "ci"]),
        (patched("remove", "members", [{"value": known.ci}]), ["ada", "ben@example.com"]),
        (patched("remove", f'members[value eq "{known.ada}"]'), ["ben@example.com"]),
        (patched("replace", "members", [{"value": known.ada}]), ["ada"]),
        (patched("add", value={"members": [{"value": known.ben}]}), ["ada", "ben@example.com"]),
        (patched("remove", "members"), []),
    ]
    for body, expected in steps:
        status, found = await house.ask("root", "PATCH", path, body)
        assert (status, [each["display"] for each in found["members"]]) == (200, expected)


async def test_patches_of_roles(house):
    """Added, removed and replaced; several operations are one step, and the later one counts."""
    path = f"{SCIM}/Users/{ids(house).ada}"
    house.become("root", ROOT)
    steps = [
        (patched("add", "roles", [{"value": "admin"}]), ["admin"]),
        (patched("add", "roles", [{"value": "viewer"}]), ["admin", "viewer"]),
        (patched("remove", 'roles[value eq "admin"]'), ["viewer"]),
        (patched("replace", "roles", [{"value": "admin"}]), ["admin"]),
        (patched("remove", "roles"), ["member"]),
        ({"Operations": [*patched("add", "roles", ["viewer"])["Operations"], *patched("remove", "roles", ["viewer"])["Operations"]]}, ["member"]),
    ]
    for body, expected in steps:
        status, found = await house.ask("root", "PATCH", path, body)
        assert (status, [each["value"] for each in found["roles"]]) == (200, expected)


@pytest.mark.parametrize(
    "body",
    [
        patched("move", "active", True), patched("replace", "activ", False), patched("replace", "userName", "eve"), patched("replace", value=[1]),
        patched("add", "roles", [{"value": "boss"}]), patched("add", "members", [{"value": "ada"}]), {"Operations": "x"},
        patched("add", "roles", [3]),
    ],
)  # fmt: skip
async def test_patches_that_are_refused(house, body):
    """An attribute that there is not, a name that would change, members of a user."""
    before = house.principals.show("ada")
    assert (await house.ask("root", "PATCH", f"{SCIM}/Users/{before.row.id}", body))[0] == 400
    assert house.principals.show("ada") == before


async def test_replace(house):
    """What can change becomes what the body says; a name cannot, and roles stay where the body has none."""
    known = ids(house)
    house.principals.change(ROOT, "ada", PrincipalChange(roles=["viewer"]))
    _, ada = await house.ask("root", "PUT", f"{SCIM}/Users/{known.ada}", {"userName": "ada", "displayName": "A.", "active": False})
    assert (ada["displayName"], ada["active"], ada["roles"]) == ("A.", False, [{"value": "viewer"}])
    assert (await house.ask("root", "PUT", f"{SCIM}/Users/{known.ada}", {"userName": "eve"}))[0] == 400
    _, team = await house.ask("root", "PUT", f"{SCIM}/Groups/{known.team}", {"displayName": "team", "members": [{"value": known.ben}]})
    assert [each["display"] for each in team["members"]] == ["ben@example.com"]
    assert (await house.ask("root", "PUT", f"{SCIM}/Groups/{known.team}", {}))[1]["members"] == []


async def test_delete(house):
    """Without a body, and only once."""
    path = f"{SCIM}/Users/{ids(house).ben}"
    status, _, body = await house.ask_whole("root", "DELETE", path)
    assert (status, body) == (204, b"")
    assert (await house.ask("root", "DELETE", path))[0] == 404
    assert (await house.ask("root", "GET", path))[0] == 404


async def test_a_group_of_the_file_is_read_only(house):
    """The refusal says where the file declares it."""
    for method, body in (("PATCH", patched("remove", "members")), ("PUT", {}), ("DELETE", None)):
        status, refused = await house.ask("root", method, f"{SCIM}/Groups/filed", body)
        assert (status, refused["error_code"]) == (409, "INVALID_STATE")
        assert "is declared at headgate.toml:3. Change it there" in refused["message"]


async def test_an_administrator_makes_no_administrators(house):
    """Only an account administrator does."""
    house.become("root", Principal(id="h", name="helper", scopes=frozenset({"inference", "admin"}), roles=frozenset({"admin"})))
    status, refused = await house.ask("root", "PATCH", f"{SCIM}/Users/ada", patched("add", "roles", [{"value": "admin"}]))
    assert (status, refused["error_code"]) == (403, "PERMISSION_DENIED")
