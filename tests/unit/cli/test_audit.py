"""`headgate audit`."""

import getpass
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from headgate.cli.main import app
from tests.fakes.audit_place import AuditPlace


@pytest.fixture
def run(tmp_path):
    """Runs a command on the data directory of a new store."""
    (tmp_path / "state.db").touch(mode=0o600)

    def run(*arguments: str, code: int = 0, **environ: str):
        result = CliRunner().invoke(app, [*arguments, "--data", str(tmp_path)], env={"SUDO_USER": "", **environ})
        assert result.exit_code == code, result.output
        return result

    return run


def test_a_command_is_told_with_the_user_of_the_system(run):
    """With the one who asked for it by sudo, and with whose rights it ran."""
    me = getpass.getuser()
    run("token", "create", "laptop", "--user", "ada@example.com")
    run("token", "revoke", "laptop", SUDO_USER="carol")
    rows = json.loads(run("audit", "list", "--action", "*Token", "--json").stdout)
    assert [(row["action_name"], row["user_identity"]["email"], row["identity_metadata"]["run_as"]) for row in rows] == [
        ("revokeDbToken", "os:carol", f"os:{me}"), ("generateDbToken", f"os:{me}", f"os:{me}"),
    ]  # fmt: skip
    assert (rows[0]["user_agent"], rows[0]["source_ip_address"], rows[0]["chain_sequence"]) == ("headgate command", None, None)
    assert rows[0]["event_time"][:10] == rows[0]["event_date"]


def test_a_list_for_people(run):
    """One line for each event, filtered; or a sentence."""
    run("token", "create", "laptop", "--user", "ada@example.com")
    head, line = run("audit", "list", "--action", "generate*").stdout.splitlines()
    assert head.split() == ["TIME", "WHO", "ACTION", "ABOUT", "STATUS", "TIMES"]
    assert "generateDbToken" in line
    assert "user=ada@example.com" in line
    assert "No such events." in run("audit", "list", "--who", "nobody").stderr


def test_a_table_that_cannot_be_read(run, tmp_path):
    """A file of it is gone: both commands say so, and end with 1."""
    place = AuditPlace(tmp_path)
    place.write("a")
    Path(place.table.file_uris()[0].removeprefix("file://")).unlink()
    for command in ("list", "verify"):
        assert "cannot be read" in run("audit", command, code=1).stderr


def test_verify(run, tmp_path):
    """0 and a sentence with the end of the chain, which may be given back; 1 and the places where it does not hold."""
    place = AuditPlace(tmp_path)
    assert "holds: 0 rows." in run("audit", "verify").stdout
    place.write("a", "b")
    told = run("audit", "verify").stdout
    end = told.split()[-1]
    assert "holds: 2 rows. It ends at 2:" in told
    assert json.loads(run("audit", "verify", "--expect", end, "--json").stdout)["head"]["chain_sequence"] == 2
    run("audit", "verify", "--expect", "nonsense", code=2)
    place.replace(place.chain()[1:])
    broken = run("audit", "verify", code=1)
    assert "row 1: removed: rows 1 to 1 are missing" in broken.stdout
    verdict = json.loads(run("audit", "verify", "--json", code=1).stdout)
    assert (verdict["holds"], verdict["rows"], verdict["breaks"][0]["chain_sequence"]) == (False, 1, 1)
