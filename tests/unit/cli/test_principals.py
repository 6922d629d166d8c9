"""`headgate user`, `service-principal`, `group` and `role`."""

import json

import pytest
from typer.testing import CliRunner

from headgate.cli.main import app
from headgate.core.group import DeclaredGroup
from headgate.storage.state.stated_groups import write_groups


@pytest.fixture
def run(tmp_path):
    """Runs a command on the data directory of a new store."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "state.db").touch(mode=0o600)

    def run(*arguments: str, code: int = 0):
        result = CliRunner().invoke(app, arguments, env={"HEADGATE_DATA": str(tmp_path / "data")})
        assert result.exit_code == code, result.output
        return result

    return run


def as_json(result):
    return json.loads(result.stdout)


@pytest.mark.parametrize(("word", "kind", "prefix"), [("user", "USER", "usr_"), ("service-principal", "SERVICE_PRINCIPAL", "svp_")])
def test_the_life_of_a_principal(run, word, kind, prefix):
    """Created, shown, deactivated, activated and deleted, each as JSON."""
    made = as_json(run(word, "create", "ci", "--display-name", "The pipeline", "--role", "viewer", "--json"))
    assert (made["kind"], made["id"][:4], made["display_name"], made["roles"], made["active"]) == (kind, prefix, "The pipeline", ["viewer"], True)
    assert as_json(run(word, "show", made["id"], "--json")) == made
    assert as_json(run(word, "list", "--json")) == [made]
    assert as_json(run(word, "deactivate", "ci", "--json"))["active"] is False
    assert "inactive" in run(word, "list").stdout
    assert as_json(run(word, "activate", "ci", "--json"))["active"] is True
    assert as_json(run(word, "delete", "ci", "--json")) == {"id": made["id"], "name": "ci", "deleted": True}
    assert as_json(run(word, "list", "--json")) == []


def test_what_people_read(run):
    """Messages go to standard error, and lists and details to standard output."""
    assert run("user", "list").stderr == "No users. `headgate user create NAME` makes one.\n"
    assert "Created user ada (usr_" in run("user", "create", "ada").stderr
    assert "ada" in run("user", "list").stdout.splitlines()[1]
    shown = run("user", "show", "ada").stdout
    assert "roles         member" in shown
    assert "active        true" in shown
    assert "display name" not in shown
    assert "Deactivated user ada" in run("user", "deactivate", "ada").stderr
    assert "Deleted user ada" in run("user", "delete", "ada").stderr
    assert "No user has the name or id 'ada'." in run("user", "show", "ada", code=1).stderr


def test_a_user_or_group_needs_no_token_to_be_granted_to(run):
    """Whoever is created is known to the privileges of tables at once; a name that nothing has is refused, with what makes it known."""
    grant = "GRANT SELECT ON TABLE system.ai_gateway.usage TO `{}`"
    assert "`headgate user create`" in run("sql", grant.format("fin@example.com"), code=1).stderr
    run("user", "create", "fin@example.com")
    run("group", "create", "finance")
    for name in ("fin@example.com", "finance"):
        run("sql", grant.format(name))


def test_groups(run, tmp_path):
    """Those of the store are changed; those of the file are shown with their places, and only there."""
    write_groups(str(tmp_path / "data"), [DeclaredGroup("filed", ("ada", "team"), "headgate.toml:3")])
    run("user", "create", "ada")
    run("service-principal", "create", "ci")
    assert "with 1 member." in run("group", "create", "team", "--member", "ada").stderr
    assert as_json(run("group", "add", "team", "ci", "--json"))["members"] == ["ada", "ci"]
    assert as_json(run("group", "remove", "team", "ada", "--json"))["members"] == ["ci"]
    stored, filed = as_json(run("group", "list", "--json"))
    assert (stored["name"], filed) == ("team", {"name": "filed", "kind": "GROUP", "members": ["ada", "team"], "declared_at": "headgate.toml:3"})
    assert as_json(run("group", "show", "filed", "--json")) == filed
    lines = run("group", "list").stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["NAME", "team", "filed"]
    assert lines[2].endswith("headgate.toml:3")
    assert "is declared at headgate.toml:3. Change it there" in run("group", "add", "filed", "ci", code=1).stderr
    assert "would make it so: team contains team" in run("group", "add", "team", "team", code=1).stderr
    assert "Deleted group team" in run("group", "delete", "team").stderr


def test_roles(run):
    """Given, listed and taken; the last account administrator keeps it."""
    run("user", "create", "root", "--role", "account_admin")
    run("group", "create", "team")
    assert run("role", "give", "viewer", "team").stderr == "Group team has the roles viewer.\n"
    assert [(each["name"], each["roles"]) for each in as_json(run("role", "list", "--json"))] == [("root", ["account_admin"]), ("team", ["viewer"])]
    assert "account_admin  root" in run("role", "list").stdout
    assert as_json(run("role", "take", "viewer", "team", "--json"))["roles"] == ["member"]
    assert "would leave no active account administrator" in run("role", "take", "account_admin", "root", code=1).stderr
    assert "There is no role 'boss'" in run("role", "give", "boss", "root", code=1).stderr
