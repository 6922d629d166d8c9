"""Users, groups and roles of the store over a real server: each change is live within two seconds, for models, SQL and the workspace API."""

import json

import pytest

from tests.e2e.asking import ANTHROPIC, CASES, Asking
from tests.e2e.lab import headgate, lab_provider, running, until
from tests.e2e.workspace import Asker, administrator, user
from tests.fakes.turns import say


@pytest.fixture(scope="module")
def governed(tmp_path_factory):
    """A provider and a gateway."""
    with lab_provider() as provider, running(tmp_path_factory.mktemp("principals"), provider) as gateway:
        yield provider, gateway


def status_of(gateway, token, case=ANTHROPIC):
    """Status and body of one request to a model."""
    with Asking(gateway.url, token, case.path(stream=False), case.body(stream=False)) as asking:
        return asking.status, asking.rest().decode()


def test_an_inactive_user_is_refused_and_comes_back(governed):
    """In every format with the reason, at the workspace API too; with the same token after all."""
    provider, gateway = governed
    ada = user(gateway, "ada@example.com")
    provider.play(*(say("Hello.") for _ in range(2)))
    assert status_of(gateway, ada.token)[0] == 200
    headgate("user", "deactivate", "ada@example.com", "--data", gateway.data)
    until(lambda: status_of(gateway, ada.token)[0] == 403)
    for case in CASES:
        status, body = status_of(gateway, ada.token, case)
        assert status == 403
        assert "ada@example.com is deactivated, so this token may do nothing" in body
    assert ada.ask("GET", "/api/2.1/unity-catalog/catalogs")[0] == 403
    headgate("user", "activate", "ada@example.com", "--data", gateway.data)
    until(lambda: status_of(gateway, ada.token)[0] == 200)


def test_a_privilege_reaches_through_a_nested_group(governed):
    """Who is in a group of the store reads what is granted to the group around it, and only as long as both are so."""
    _, gateway = governed
    root, eve = administrator(gateway), user(gateway, "eve@example.com")
    headgate("group", "create", "inner", "--member", "eve@example.com", "--data", gateway.data)
    headgate("group", "create", "outer", "--member", "inner", "--data", gateway.data)
    root.rows("CREATE TABLE main.default.shared (a INT)")
    until(lambda: root.run("GRANT SELECT ON TABLE main.default.shared TO `outer`")["status"]["state"] == "SUCCEEDED")
    read = "SELECT count(*) FROM main.default.shared"
    until(lambda: eve.run(read)["status"]["state"] == "SUCCEEDED")
    headgate("group", "remove", "outer", "inner", "--data", gateway.data)
    until(lambda: eve.run(read)["status"]["state"] == "FAILED")
    assert "does not have SELECT" in eve.error(read)


def test_a_viewer_reads_the_usage_of_all(governed):
    """A member does not; and a viewer changes nothing."""
    _, gateway = governed
    vera = user(gateway, "vera@example.com")
    read = "SELECT count(*) FROM system.ai_gateway.usage"
    assert "does not have SELECT" in vera.error(read)
    headgate("role", "give", "viewer", "vera@example.com", "--data", gateway.data)
    until(lambda: vera.run(read)["status"]["state"] == "SUCCEEDED")
    assert "does not have" in vera.error("CREATE CATALOG private")


def test_a_role_that_is_taken_away_ends_administration(governed):
    """The token keeps its scope and goes on calling models, but administers nothing any more."""
    provider, gateway = governed
    administrator(gateway)
    made = json.loads(headgate("token", "create", "helper", "--admin", "--json", "--data", gateway.data))
    helper = Asker(gateway.url, made["token"], "helper")
    until(lambda: helper.run("CREATE SCHEMA IF NOT EXISTS main.helped")["status"]["state"] == "SUCCEEDED")
    headgate("role", "take", "account_admin", "helper", "--data", gateway.data)
    until(lambda: helper.run("CREATE SCHEMA main.again")["status"]["state"] == "FAILED")
    # The process that runs statements looks for itself, so it may know before the gateway does.
    until(lambda: [each["display"] for each in helper.ask("GET", "/api/2.0/preview/scim/v2/Me")[1]["groups"]] == ["account users"])
    provider.play(say("Hello."))
    assert status_of(gateway, helper.token)[0] == 200


def test_a_deleted_user(governed):
    """Its token is revoked like any other, and a new one of the same name is the same principal, without the old privileges."""
    _, gateway = governed
    ben = user(gateway, "ben@example.com")
    before = json.loads(headgate("user", "show", "ben@example.com", "--json", "--data", gateway.data))
    headgate("user", "delete", "ben@example.com", "--data", gateway.data)
    until(lambda: status_of(gateway, ben.token)[0] == 401)
    user(gateway, "ben@example.com")
    after = json.loads(headgate("user", "show", "ben@example.com", "--json", "--data", gateway.data))
    assert after["id"] == before["id"]
