"""`headgate user forget`."""

import json

import pytest
from typer.testing import CliRunner

from headgate.cli.main import app
from tests.fakes.backup_place import BackupPlace, unsynced
from tests.fakes.records import intent, outcome

ADA = "ada@example.com"


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Runs a command on a data directory with a user who made a request, in no table yet."""
    unsynced(monkeypatch)
    place = BackupPlace(tmp_path)
    place.open().outcome(outcome("r-1", intent=intent("r-1", requester=ADA)))
    place.close()

    def run(*arguments: str, code: int = 0):
        result = CliRunner().invoke(app, [*arguments, "--data", place.data_dir], env={"HEADGATE_CONFIG": ""})
        assert result.exit_code == code, result.output
        return result

    run("user", "create", ADA, "--display-name", "Ada")
    run("token", "create", "adas laptop", "--user", ADA)
    return run


def test_look_then_forget(run):
    """A dry run counts and changes nothing; then the user is deleted and has another name, everywhere but in the audit table."""
    run("user", "forget", ADA, "--yes", "--dry-run")
    assert ADA in run("user", "list").stdout
    done = json.loads(run("user", "forget", ADA, "--yes", "--json").stdout)
    rows = json.loads(run("usage", "--rows", "--json").stdout)
    tokens = run("token", "list", "--json").stdout

    assert [(one["table"], one["rows"], one["kept"]) for one in done["tables"] if one["rows"]] == [("system.ai_gateway.usage", 1, True)]
    assert "system.access.audit" in {one["table"] for one in done["left_out"]}
    assert [row["requester"] for row in rows] == [done["pseudonym"]]
    assert ADA not in run("user", "list").stdout
    assert ADA not in tokens
    assert "adas laptop" not in tokens
    acts = json.loads(run("audit", "list", "--json").stdout)
    assert acts[0]["action_name"] == "forgetUser"
    assert acts[0]["request_params"]["name"] == done["pseudonym"]


def test_what_people_read(run):
    """A table of rows on standard output; on standard error what is left, what names the user still, and the pseudonym."""
    run("limit", "create", "--endpoint", "*", "--key", "user", "--principal", ADA, "--per", "minute", "--requests", "10")
    looked = run("user", "forget", ADA, "--dry-run")
    done = run("user", "forget", ADA, "--yes")

    assert "Still names the user: limit " in looked.stderr
    assert "Nothing was changed." in looked.stderr
    assert "given the pseudonym" in done.stdout
    assert "Not changed: system.access.audit: each row has the hash of the one before." in done.stderr
    assert "Forgotten, and forgotten-" in done.stderr
    assert "No user and no row has the name" in run("user", "forget", ADA, "--yes", code=1).stderr


def test_a_second_user_of_the_name(run):
    """Has a pseudonym of their own in the store, because names are unique there."""
    run("user", "forget", ADA, "--yes")
    run("user", "create", ADA)
    run("user", "forget", ADA, "--yes")
    assert ADA not in run("user", "list").stdout


def test_what_is_refused(run):
    """Without a terminal nothing is asked; groups are no persons; and the last account administrator stays."""
    assert "Add --yes, or look first with --dry-run." in run("user", "forget", ADA, code=1).stderr
    run("group", "create", "team")
    assert "is no user" in run("user", "forget", "team", "--yes", code=1).stderr
    run("token", "create", "root", "--admin", "--user", "root@example.com")
    assert "no active account administrator" in run("user", "forget", "root@example.com", "--yes", code=1).stderr
