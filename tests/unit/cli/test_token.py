"""`headgate token`."""

import getpass
import json

import msgspec
import pytest
from typer.testing import CliRunner

from headgate.cli.logins import Login, LoginFile, write_logins
from headgate.cli.main import app
from headgate.config.paths import DataDirectory
from headgate.core.secret import Secret
from headgate.policy.authenticate import digest, parse_token
from headgate.storage.state.store import open_state


@pytest.fixture
def run(tmp_path):
    """Runs a command on the data directory of a new store."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "state.db").touch(mode=0o600)

    def run(*arguments: str, code: int = 0, **environ: str):
        result = CliRunner().invoke(app, ["token", *arguments], env={"HEADGATE_DATA": str(tmp_path / "data"), **environ})
        assert result.exit_code == code, result.output
        return result

    return run


def test_create_as_json(run, tmp_path):
    """The token is printed once, with its id, and works; the store knows only its hash."""
    made = json.loads(run("create", "laptop", "--user", "ada@example.com", "--json").stdout)
    assert parse_token(made["token"]) == made["token"]
    assert (made["name"], made["user"], made["scopes"], made["endpoints"], made["expires_at"]) == (
        "laptop", "ada@example.com", ["inference", "telemetry", "sql"], ["*"], None,
    )  # fmt: skip
    store, pepper = open_state(DataDirectory(tmp_path / "data"))
    assert store.load_access()[1][digest(pepper, made["token"])].id == made["token_id"]
    store.close()
    assert made["token"].encode() not in b"".join(path.read_bytes() for path in (tmp_path / "data").iterdir())


def test_a_reserved_name(run):
    """A token for somebody named like a group is refused, with what to do instead."""
    assert "The name 'admins' is reserved" in run("create", "admins", code=1).output
    assert "Choose another user" in run("create", "laptop", "--user", "Account Users", code=1).output


def test_create_for_people(run):
    """Standard output holds the token alone; what it is stands on standard error."""
    result = run("create", "ci", "--admin", "--allow", "claude-*", "--allow", "gpt-5.2", "--expires", "30")
    token = result.stdout.strip()
    assert parse_token(token) == token
    assert token not in result.stderr
    for words in ("inference, telemetry, sql, admin", "claude-* gpt-5.2", "until 20", "shown only now"):
        assert words in result.stderr


def test_another_token_of_the_name_is_said(run):
    """A name that two live tokens have means neither of them to a command; a token that has ended does not count."""
    for user in ("ada@example.com", "ben@example.com", "eve@example.com"):
        assert "also the name" not in run("create", user.partition("@")[0], "--user", user).stderr
    assert "laptop is also" not in run("create", "laptop", "--user", "ada@example.com").stderr
    second = run("create", "laptop", "--user", "ben@example.com")
    assert "laptop is also the name of 1 other live token (ada@example.com): use the id.\n" in second.stderr
    assert "(ada@example.com, ben@example.com)" in run("create", "laptop", "--user", "eve@example.com").stderr
    run("create", "desk")
    run("revoke", "desk")
    assert "also the name" not in run("create", "desk").stderr
    assert "also the name" not in run("create", "laptop", "--json").stderr


def test_data_option_wins(run, tmp_path):
    """`--data` says where, whatever the variable says."""
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "state.db").touch(mode=0o600)
    run("create", "x", "--data", str(tmp_path / "other"))
    assert (tmp_path / "other" / "pepper").exists()
    assert not (tmp_path / "data" / "pepper").exists()


def test_variables(run):
    """Options can be given by variables."""
    assert json.loads(run("create", "x", HEADGATE_TOKEN_CREATE_USER="ada", HEADGATE_JSON="1").stdout)["user"] == "ada"


def test_list(run):
    """Tokens are listed without their text, oldest first; `--live` leaves out what has ended."""
    assert "headgate token create" in run("list").stderr
    first = json.loads(run("create", "a", "--json").stdout)
    second = json.loads(run("create", "b", "--expires", "1", "--json").stdout)
    run("revoke", "a")
    listed = run("list").stdout.splitlines()
    assert listed[0].split() == ["ID", "NAME", "USER", "TOKEN", "SCOPES", "ENDPOINTS", "CREATED", "USED", "EXPIRES", "STATE"]
    assert [line.split()[0] for line in listed[1:]] == [first["token_id"], second["token_id"]]
    assert [line.split()[3] for line in listed[1:]] == [f"…{made['token'][-4:]}" for made in (first, second)]
    assert [line.split()[-2] for line in listed[1:]] == ["never", second["expires_at"][:10]]
    assert [line.split()[-1] for line in listed[1:]] == ["revoked", "live"]
    rows = json.loads(run("list", "--json").stdout)
    assert rows[0]["last4"] == first["token"][-4:]
    assert rows[0]["revoked_at"]
    assert "token" not in rows[0]
    assert [row["name"] for row in json.loads(run("list", "--live", "--json").stdout)] == ["b"]


def test_revoke(run):
    """A token is revoked by id or name; what cannot be is told."""
    made = json.loads(run("create", "a", "--json").stdout)
    assert json.loads(run("revoke", made["token_id"], "--json").stdout) == {"token_id": made["token_id"], "name": "a", "revoked": True}
    assert "No live token" in run("revoke", "a", code=1).stderr
    run("create", "b")
    assert "Revoked tok_" in run("revoke", "b").stderr


def test_refusals(run, tmp_path):
    """A senseless token, and a data directory that cannot be used, are refused with a reason."""
    assert "no endpoint pattern" in run("create", "x", "--allow", "a b", code=1).stderr
    run("create", "x", "--expires", "-1", code=2)
    (tmp_path / "data" / "pepper").chmod(0o644)
    assert "chmod 600" in run("list", code=1).stderr


def test_sign_in(run, tmp_path):
    """A fresh link for an administrator, which works once; without an administrator the refusal says how to make one."""
    assert "headgate token create NAME --admin" in run("sign-in", code=1).stderr
    run("create", "root", "--user", "ada@example.com", "--admin")
    result = run("sign-in", "--url", "https://gate.example")
    assert "Signs ada@example.com in, once" in result.stderr
    address, _, secret = result.stdout.strip().partition("?t=")
    assert address == "https://gate.example/login"
    store, pepper = open_state(DataDirectory(tmp_path / "data"))
    assert store.redeem_sign_in_link(digest(pepper, secret), 1) is not None
    assert store.redeem_sign_in_link(digest(pepper, secret), 1) is None
    store.close()
    made = json.loads(run("sign-in", "--json").stdout)
    assert made["url"].startswith("http://127.0.0.1:8484/login?t=")
    assert made["user"] == "ada@example.com"
    config = tmp_path / "headgate.toml"
    config.write_text('[server]\npublic_url = "https://gate.example"\n[[providers]]\nname = "x"\ndialect = "openai"\napi_key = "env:NOT_SET"\n')
    assert run("sign-in", HEADGATE_CONFIG=str(config)).stdout.startswith("https://gate.example/login?t=")
    config.write_text("[server]\nport = 9000\n")
    assert run("sign-in", HEADGATE_CONFIG=str(config)).stdout.startswith("http://127.0.0.1:9000/login?t=")


def test_what_a_token_may_be_used_for(run):
    """Scopes and networks are as they are given; `--admin` adds the scope to the usual ones or to those."""
    made = json.loads(run("create", "a", "--scope", "telemetry", "--network", "10.0.0.0/8", "--network", "::1", "--json").stdout)
    assert (made["scopes"], made["networks"]) == (["telemetry"], ["10.0.0.0/8", "::1"])
    assert json.loads(run("create", "b", "--scope", "sql", "--admin", "--json").stdout)["scopes"] == ["sql", "admin"]
    assert "from 10.0.0.0/8" in run("create", "c", "--network", "10.0.0.0/8").stderr
    assert "is no network" in run("create", "d", "--network", "here", code=1).stderr
    assert "scopes are some of" in run("create", "d", "--scope", "all", code=1).stderr
    assert "No service principal" in run("create", "d", "--service-principal", "sp", code=1).stderr


def test_show(run):
    """All that is known of a token, without its text, by name or id."""
    made = json.loads(run("create", "a", "--user", "ada", "--network", "10.0.0.0/8", "--json").stdout)
    shown = run("show", "a").stdout
    for words in (made["token_id"], "ada", "10.0.0.0/8", "live", f"…{made['token'][-4:]}", f"by os:{getpass.getuser()}", "last used  never"):
        assert words in shown
    assert made["token"] not in shown
    facts = json.loads(run("show", made["token_id"], "--json").stdout)
    assert (facts["created_by"], facts["last_used_at"], facts["revoked_at"]) == (f"os:{getpass.getuser()}", None, None)
    assert "No live token" in run("show", "nobody", code=1).stderr


def test_update(run):
    """What is given is changed, and nothing else."""
    run("create", "a", "--network", "10.0.0.0/8")
    changed = json.loads(run("update", "a", "--name", "b", "--scope", "sql", "--allow", "gpt-*", "--json").stdout)
    assert (changed["name"], changed["scopes"], changed["endpoints"], changed["networks"]) == ("b", ["sql"], ["gpt-*"], ["10.0.0.0/8"])
    assert json.loads(run("update", "b", "--anywhere", "--json").stdout)["networks"] == []
    assert "Changed tok_" in run("update", "b", "--network", "::1").stderr
    assert "only be taken from" in run("update", "b", "--scope", "admin", code=1).stderr


def test_rotate(run):
    """A new secret under the same name; the answer says until when the old one works."""
    old = json.loads(run("create", "a", "--allow", "claude-*", "--json").stdout)
    new = json.loads(run("rotate", "a", "--overlap", "2h", "--json").stdout)
    assert (new["name"], new["endpoints"], new["replaces"]["token_id"]) == ("a", ["claude-*"], old["token_id"])
    assert new["replaces"]["expires_at"]
    shown = run("rotate", "a")
    assert parse_token(shown.stdout.strip())
    assert f"takes the place of {new['token_id']}" in shown.stderr
    assert "no span" in run("rotate", "a", "--overlap", "soon", code=2).stderr


def test_get(tmp_path, monkeypatch):
    """The token of the login alone, on standard output; none, or one that has ended, ends with 1 and what to do."""
    for name in ("HEADGATE_TOKEN", "HEADGATE_URL", "HEADGATE_DATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))

    def get(*arguments: str):
        return CliRunner().invoke(app, ["token", "get", *arguments])

    assert (get().exit_code, get().stdout, "run `headgate login URL`" in get().stderr) == (1, "", True)
    login = Login(url="https://gate.example", principal="ada", expires_at="2099-01-01T00:00:00Z", secret=Secret("hg_a"))
    write_logins(LoginFile().with_login(login))
    assert (get().exit_code, get().stdout, get().stderr) == (0, "hg_a\n", "")
    assert get("--url", "https://gate.example/").stdout == "hg_a\n"
    assert "not signed in to https://other.example" in get("--url", "https://other.example").stderr
    write_logins(LoginFile().with_login(msgspec.structs.replace(login, expires_at="2026-01-01T00:00:00Z")))
    assert (get().exit_code, get().stdout) == (1, "")
    assert "Your token for https://gate.example ended on 2026-01-01. Get another one. Run `headgate login https://gate.example`" in get().stderr
