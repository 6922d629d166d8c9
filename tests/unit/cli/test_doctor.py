"""`headgate doctor`."""

import json

import pytest
from typer.testing import CliRunner

from headgate.cli.logins import Login, LoginFile, write_logins
from headgate.cli.main import app
from headgate.config.paths import DataDirectory
from headgate.core.secret import Secret
from headgate.storage.state.store import open_state
from tests.unit.cli.answering import ME, answering
from tests.unit.cli.test_gateway_health import READY


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Runs the command with a home of its own. Returns what was found, by its name."""
    for name in (
        "HEADGATE_TOKEN",
        "HEADGATE_URL",
        "HEADGATE_DATA",
        "HEADGATE_CONFIG",
        "XDG_CONFIG_HOME",
        "XDG_DATA_HOME",
        "HTTP_PROXY",
        "http_proxy",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("headgate.cli.doctor_agents.installed_agents", lambda _agents: {})

    def run(*arguments, code=0, **environ):
        result = CliRunner().invoke(app, ["doctor", "--json", *arguments], env=environ)
        assert result.exit_code == code, result.output
        told = json.loads(result.stdout)
        assert told["ok"] is (code == 0)
        assert all(each["fix"] for each in told["findings"] if each["state"] != "ok")
        return {each["check"]: each for each in told["findings"]}

    return run


def test_a_gateway_of_this_machine(run, tmp_path):
    """Everything that it needs."""
    (tmp_path / "headgate.toml").write_text("[discovery]\nenvironment = false\nollama = false\n", encoding="utf-8")
    open_state(DataDirectory(tmp_path / ".local" / "share" / "headgate"))[0].close()
    with answering({"/readyz": READY}) as (url, _):
        port = url.rpartition(":")[2]
        found = run("--offline", HEADGATE_PORT=port)
        assert run(code=1, HEADGATE_PORT=port)["providers"]["text"] == "There is none: no request can be answered."
    names = ["version", "data", "disk", "store", "configuration", "gateway", "allowed hosts", "proxy", "prices", "telemetry"]
    assert [name for name in names if found[name]["state"] == "ok"] == names


def test_nothing_at_all(run, tmp_path):
    """No store, no gateway; a configuration that is refused ends the search."""
    found = run("--offline", code=1, HEADGATE_PORT="1")
    assert [found[name]["state"] for name in ("data", "gateway")] == ["failure", "failure"]
    (tmp_path / "headgate.toml").write_text("[sever]\n", encoding="utf-8")
    assert "gateway" not in run(code=1)


def test_a_gateway_elsewhere(run):
    """As this machine reaches it, with the login there; a token that is refused is a failure."""
    with answering({"/readyz": READY, "/api/2.0/headgate/me": ME}) as (url, _):
        write_logins(LoginFile().with_login(Login(url=url, principal="ada", secret=Secret("hg_x"))))
        found = run()
        assert found["token"]["text"] == "laptop of ada@example.com, ends 2099-01-15T08:00:00Z"
        assert found["tls"]["state"] == "ok"
    assert run(code=1)["gateway"]["state"] == "failure"
    refused = {"/readyz": READY, "/api/2.0/headgate/me": PermissionError(401, {"message": "Revoked."})}
    with answering(refused) as (url, _):
        found = run("--url", url, code=1, HEADGATE_TOKEN="hg_x")
    assert (found["token"]["state"], found["token"]["fix"]) == ("failure", f"headgate login {url}")


def test_no_login_for_it(run):
    """Says how to sign in."""
    assert run("--url", "https://gate.example", code=1)["login"]["fix"] == "headgate login URL"


def test_for_people(monkeypatch):
    """A line for each finding, and one for what to do."""
    monkeypatch.setattr("headgate.cli.doctor_agents.installed_agents", lambda _agents: {})
    with answering({"/readyz": READY, "/api/2.0/headgate/me": ME}) as (url, _):
        shown = CliRunner().invoke(app, ["doctor", "--url", url], env={"HEADGATE_TOKEN": "hg_x"})
    assert f"✔ gateway        ready at {url}" in shown.stdout


def test_a_compiled_parser(monkeypatch, run):
    """With it no statement can be read."""
    monkeypatch.setattr("headgate.catalog.sql_text.parser.__file__", "/site-packages/sqlglot/parser.cpython-311-x86_64-linux-gnu.so")
    found = run("--url", "https://gate.example", code=1)

    assert (found["sqlglotc"]["state"], found["sqlglotc"]["fix"]) == ("failure", "pip uninstall sqlglotc")
