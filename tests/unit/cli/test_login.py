"""`headgate login`."""

import io
import json

import pytest
from typer.testing import CliRunner

from headgate.cli import login as login_command
from headgate.cli import login_keeping
from headgate.cli.login import address_of
from headgate.cli.logins import read_logins
from headgate.cli.main import app
from headgate.core.errors import Unauthenticated
from tests.unit.cli.answering import ME, answering

ANSWERS = {"/api/2.0/headgate/me": ME}


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Runs the command with a home of its own, on a machine without a keyring."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(login_command, "is_usable", lambda: False)
    for name in ("HEADGATE_TOKEN", "HEADGATE_URL", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)

    def run(*arguments, typed=None, code=0, **variables):
        result = CliRunner().invoke(app, ["login", *arguments], input=typed, env=variables)
        assert result.exit_code == code, result.output
        return result

    return run


def test_a_token_from_standard_input(run):
    """Is checked at the gateway, and kept in the file; it is printed nowhere."""
    with answering(ANSWERS) as (url, asked):
        said = run(url, "--token-stdin", typed="hg_secret\n")
    assert asked[0]["authorization"] == "Bearer hg_secret"
    assert f"Signed in to {url} as ada@example.com (token laptop, ends 2099-01-15T08:00:00Z)" in said.stderr
    assert "hg_secret" not in said.output
    kept = read_logins().find()
    assert (kept.url, kept.principal, kept.token_id, kept.secret.reveal()) == (url, "ada@example.com", "tok_1", "hg_secret")


def test_a_token_from_the_environment(run):
    """As JSON it says where the token is kept."""
    with answering(ANSWERS) as (url, _):
        said = run("--json", HEADGATE_TOKEN="hg_secret", HEADGATE_URL=f"{url}/anthropic")
    assert json.loads(said.stdout) == {"url": url, "principal": "ada@example.com", "token": ME["token"], "kept_in": "file"}
    assert "Using the token in HEADGATE_TOKEN" in said.stderr


def test_a_token_that_is_typed(monkeypatch):
    """Is asked for without showing it; the end of the input is no token."""
    prompts = []
    terminal = io.StringIO()
    terminal.isatty = lambda: True
    monkeypatch.setattr("sys.stdin", terminal)
    monkeypatch.delenv("HEADGATE_TOKEN", raising=False)
    monkeypatch.setattr(login_command.getpass, "getpass", lambda prompt: prompts.append(prompt) or "hg_typed ")
    assert login_command._token("https://gate.example", from_stdin=False).reveal() == "hg_typed"
    assert "https://gate.example/me/tokens" in prompts[0]

    def end(_prompt):
        raise EOFError

    monkeypatch.setattr(login_command.getpass, "getpass", end)
    with pytest.raises(Unauthenticated, match="That is no token"):
        login_command._token("https://gate.example", from_stdin=False)


def test_a_refused_token_is_not_kept(run):
    """And an earlier login stays."""
    with answering({"/api/2.0/headgate/me": {"message": "The token is unknown, revoked or expired."}}, 401) as (url, _):
        said = run(url, "--token-stdin", typed="hg_wrong\n", code=1)
    assert "does not accept your token: The token is unknown" in said.stderr
    assert read_logins().find() is None


@pytest.mark.parametrize(("typed", "words"), [("", "no token"), ("<token> ü\n", "no token"), ("x" * 600 + "\n", "no token")])
def test_what_is_no_token(run, typed, words):
    """Is not sent."""
    assert words in run("http://127.0.0.1:1", "--token-stdin", typed=typed, code=1).stderr


def test_nothing_to_ask(run):
    """Neither an address nor a terminal."""
    assert "Name the gateway" in run(code=1).stderr
    assert "There is no terminal" in run("gate.example", code=1).stderr


def test_the_keyring(run, monkeypatch):
    """Is used where there is one, unless the file is asked for."""
    kept = []
    monkeypatch.setattr(login_command, "is_usable", lambda: True)
    monkeypatch.setattr(login_keeping, "store_token", lambda url, token: kept.append((url, token.reveal())))
    monkeypatch.setattr(login_keeping, "delete_token", lambda _url: None)
    with answering(ANSWERS) as (url, _):
        assert "The token is in the keyring" in run(url, "--token-stdin", typed="hg_secret\n").stderr
        assert kept == [(url, "hg_secret")]
        assert "logins.json" in run(url, "--token-stdin", "--keep-in", "file", typed="hg_secret\n").stderr


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("gate.example", "https://gate.example"),
        ("127.0.0.1:8484", "http://127.0.0.1:8484"),
        ("localhost:8484/", "http://localhost:8484"),
        ("localhost.example", "https://localhost.example"),
        ("https://gate.example/anthropic", "https://gate.example"),
        ("https://gate.example/openai/v1/", "https://gate.example"),
    ],
)
def test_an_address_as_people_type_it(typed, address):
    """A bare host, or what an agent has."""
    assert address_of(typed) == address


def test_a_plain_address_elsewhere_warns(run, monkeypatch):
    """The token can be read on the way."""
    monkeypatch.setattr(login_command.RemoteGateway, "me", lambda _self: ME)
    assert "Warning: http://gate.example is not encrypted" in run("http://gate.example", "--token-stdin", typed="hg_secret\n").stderr
