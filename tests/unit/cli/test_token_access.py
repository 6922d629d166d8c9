"""The tokens that a command works on."""

import json

from typer.testing import CliRunner

from headgate.cli.main import app
from tests.unit.cli.answering import ME, answering
from tests.unit.cli.test_remote_tokens import INFO


def run(*arguments, **environ):
    """Runs a command of tokens."""
    result = CliRunner().invoke(app, ["token", *arguments], env={"HEADGATE_DATA": "", "HEADGATE_URL": "", "HEADGATE_TOKEN": "hg_x", **environ})
    assert result.exit_code == 0, result.output
    return result


def test_a_named_gateway(tmp_path):
    """Is asked in place of a store, by the option or the variable, with the same output."""
    with answering({"/api/2.0/headgate/me": ME, "/api/2.0/token/list": {"token_infos": [INFO]}}) as (url, _):
        listed = json.loads(run("list", "--json", "--url", url).stdout)
        assert "laptop" in run("show", "tok_1", HEADGATE_URL=url, HEADGATE_DATA=str(tmp_path)).stdout
    assert [(each["token_id"], each["user"], each["last4"], each["expires_at"]) for each in listed] == [("tok_1", "ada@example.com", "g5Je", None)]


def test_a_store(tmp_path):
    """Is worked on where `--data` names it, whatever the variable says."""
    (tmp_path / "state.db").touch(mode=0o600)
    assert run("list", "--json", "--data", str(tmp_path), HEADGATE_URL="http://127.0.0.1:1").stdout == "[]\n"
