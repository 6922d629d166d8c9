"""Principals through Databricks' SDK, unchanged: users, groups, service principals and the caller itself, each change live within two seconds."""

import json

import pytest

from tests.e2e.lab import headgate, running, until
from tests.e2e.workspace import Asker, administrator, user

# urllib3 speaks of its own future; what matters here is what goes over the wire.
pytestmark = pytest.mark.filterwarnings("default::DeprecationWarning", "default::ResourceWarning", "default::pytest.PytestUnraisableExceptionWarning")
GROUP = '[[groups]]\nname = "filed"\nmembers = ["eve@example.com"]\n'


@pytest.fixture(scope="module")
def gateway(tmp_path_factory):
    """A gateway with the demo provider and a group in its file."""
    with running(tmp_path_factory.mktemp("scim"), None, GROUP, arguments=("--demo",)) as started:
        yield started


def sdk_of(asker):
    """Databricks' SDK with somebody's token."""
    return pytest.importorskip("databricks.sdk").WorkspaceClient(host=asker.url, token=asker.token, auth_type="pat")


@pytest.fixture(scope="module")
def root(gateway):
    """The SDK as an account administrator."""
    return sdk_of(administrator(gateway))


def test_the_life_of_a_user(root):
    """Created, found by name, changed, patched, replaced and deleted."""
    iam, errors = pytest.importorskip("databricks.sdk.service.iam"), pytest.importorskip("databricks.sdk.errors")
    made = root.users.create(user_name="lin@example.com", display_name="Lin", active=True)
    assert (made.user_name, made.active, made.emails[0].value) == ("lin@example.com", True, "lin@example.com")
    assert [each.id for each in root.users.list(filter='userName eq "lin@example.com"')] == [made.id]
    assert "root" in {each.user_name for each in root.users.list(attributes="userName", sort_by="userName")}
    root.users.patch(made.id, operations=[iam.Patch(op=iam.PatchOp.REPLACE, path="active", value=False)], schemas=[next(iter(iam.PatchSchema))])
    assert root.users.get(made.id).active is False
    root.users.update(made.id, user_name="lin@example.com", display_name="Lin Q.", active=True)
    changed = root.users.get(made.id)
    assert (changed.display_name, changed.active) == ("Lin Q.", True)
    with pytest.raises(errors.ResourceAlreadyExists):
        root.users.create(user_name="lin@example.com")
    root.users.delete(made.id)
    with pytest.raises(errors.NotFound):
        root.users.get(made.id)


def test_groups_and_service_principals(root):
    """A service principal in a group in a group; both kinds are listed, and a group that would contain itself is refused."""
    iam, errors = pytest.importorskip("databricks.sdk.service.iam"), pytest.importorskip("databricks.sdk.errors")
    program = root.service_principals.create(display_name="builder", active=True)
    inner = root.groups.create(display_name="inner", members=[iam.ComplexValue(value=program.id)])
    outer = root.groups.create(display_name="outer", members=[iam.ComplexValue(value=inner.id)])
    assert [each.display for each in root.groups.get(outer.id).members] == ["inner"]
    assert {each.display_name for each in root.groups.list()} == {"filed", "inner", "outer"}
    assert [each.application_id for each in root.service_principals.list()] == ["builder"]
    add = iam.Patch(op=iam.PatchOp.ADD, value={"members": [{"value": outer.id}]})
    with pytest.raises(errors.InvalidParameterValue, match="inner contains outer contains inner"):
        root.groups.patch(inner.id, operations=[add])
    root.groups.patch(inner.id, operations=[iam.Patch(op=iam.PatchOp.REMOVE, path=f'members[value eq "{program.id}"]')])
    assert root.groups.get(inner.id).members == []
    root.groups.delete(outer.id)
    root.service_principals.delete(program.id)


def test_me_and_what_it_may_do(gateway, root):
    """A member reads itself; a role makes it an administrator at once, and no longer when it is taken back."""
    iam, errors = pytest.importorskip("databricks.sdk.service.iam"), pytest.importorskip("databricks.sdk.errors")
    eve = sdk_of(user(gateway, "eve@example.com"))
    me = eve.current_user.me()
    assert (me.user_name, [each.display for each in me.groups], [each.value for each in me.roles]) == (
        "eve@example.com", ["account users", "filed"], ["member"],
    )  # fmt: skip
    assert [each.user_name for each in eve.users.list()] == ["eve@example.com"]
    with pytest.raises(errors.PermissionDenied):
        eve.users.create(user_name="x@example.com")

    helper = sdk_of(administrator_named(gateway, "max@example.com"))
    until(lambda: "admins" in {each.display for each in helper.current_user.me().groups})
    assert helper.users.get(helper.current_user.me().id).user_name == "max@example.com"
    patch = iam.Patch(op=iam.PatchOp.REPLACE, path="roles", value=[{"value": "member"}])
    root.users.patch(helper.current_user.me().id, operations=[patch])
    until(lambda: "admins" not in {each.display for each in helper.current_user.me().groups})
    with pytest.raises(errors.PermissionDenied):
        helper.users.create(user_name="y@example.com")


def administrator_named(gateway, name):
    """A user whose token has the scope `admin`."""
    made = json.loads(headgate("token", "create", name, "--user", name, "--admin", "--json", "--data", gateway.data))
    return Asker(gateway.url, made["token"], name)
