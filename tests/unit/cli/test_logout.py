"""`headgate logout`."""

import json

import pytest
from typer.testing import CliRunner

from headgate.cli import logout as logout_command
from headgate.cli.logins import Login, LoginFile, read_logins, write_logins
from headgate.cli.main import app
from headgate.core.secret import Secret
from tests.unit.cli.answering import answering


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Runs the command with a home of its own."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)

    def run(*arguments, code=0):
        result = CliRunner().invoke(app, ["logout", *arguments])
        assert result.exit_code == code, result.output
        return result

    return run


def sign_in(url, **more):
    """Keep a login."""
    write_logins(read_logins().with_login(Login(url=url, principal="ada", token_id="tok_1", **more)))


def test_the_current_login(run):
    """Is forgotten; the token itself goes on."""
    sign_in("https://a.example", secret=Secret("hg_a"))
    sign_in("https://b.example", secret=Secret("hg_b"))
    assert "Signed out of https://b.example. The token tok_1 is not revoked" in run().stderr
    assert json.loads(run("https://a.example/", "--json").stdout) == {"url": "https://a.example", "principal": "ada", "revoked": False}
    assert read_logins() == LoginFile()
    assert "You are not signed in. " in run(code=1).stderr
    assert "not signed in to https://a.example" in run("https://a.example", code=1).stderr


def test_revoking(run):
    """The gateway revokes the token first; where it refuses, the login stays."""
    with answering({"POST /api/2.0/token/delete": {}}) as (url, asked):
        sign_in(url, secret=Secret("hg_a"))
        assert "is revoked" in run("--revoke").stderr
    assert (asked[0]["body"], asked[0]["authorization"]) == ({"token_id": "tok_1"}, "Bearer hg_a")
    sign_in("http://127.0.0.1:1", secret=Secret("hg_a"))
    run("--revoke", code=1)
    assert read_logins().current == "http://127.0.0.1:1"


def test_the_keyring(run, monkeypatch):
    """Has the token no more."""
    deleted = []
    monkeypatch.setattr(logout_command, "delete_token", deleted.append)
    sign_in("https://a.example", kept_in="keyring")
    run()
    assert deleted == ["https://a.example"]
