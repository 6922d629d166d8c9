"""The options of `headgate up`."""

import logging

import pytest
from typer.testing import CliRunner

from headgate.app.gateway_options import GatewayOptions
from headgate.app.listening import StartFailed
from headgate.app.options import Ready, UpOptions
from headgate.cli import up
from headgate.cli.main import app


class Supervisor:
    """Notes what it is given, announces, and ends."""

    gateway: GatewayOptions
    seen: tuple[UpOptions, str, int]
    code = 0

    def __init__(self, gateway: GatewayOptions) -> None:
        Supervisor.gateway = gateway
        Supervisor.seen = (gateway.options, gateway.host, gateway.port)

    @classmethod
    def started(cls, gateway: GatewayOptions):
        """As the real one is made."""
        return cls(gateway)

    def run(self, announce, early=None) -> int:
        options, host, port = self.seen
        announce(Ready(url=f"http://{host}:{port}", data_dir=options.data_dir, config_path=options.config_path, providers=[], endpoints=0))
        return self.code


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Runs the command with a supervisor that only notes. The command writes the log to the runner's standard error, which is closed afterwards."""
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", root.handlers[:])
    monkeypatch.setattr(root, "level", root.level)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(up, "Supervisor", Supervisor)

    def run(*arguments: str, code: int = 0, **environ: str):
        result = CliRunner().invoke(app, ["up", *arguments], env={"HOME": str(tmp_path), "XDG_DATA_HOME": "", "XDG_CONFIG_HOME": "", **environ})
        assert result.exit_code == code, result.output
        return result

    return run


def test_defaults(run, tmp_path):
    """Without options: loopback, the standard port, the user's data directory, no file."""
    result = run()
    assert Supervisor.seen == (UpOptions(data_dir=str(tmp_path / ".local/share/headgate")), "127.0.0.1", 8484)
    assert "listening  http://127.0.0.1:8484 in " in result.stdout


def test_options(run, tmp_path):
    """Options are handed on whole; port 0 stays 0."""
    (tmp_path / "x.toml").write_text("[server]\nport = 5\nhost = '127.0.0.3'\n")
    run("--data", str(tmp_path / "d"), "--config", "x.toml", "--host", "127.0.0.2", "--port", "0", "--demo")
    options = UpOptions(data_dir=str(tmp_path / "d"), config_path=str(tmp_path / "x.toml"), host="127.0.0.2", port=0, demo=True)
    assert Supervisor.seen == (options, "127.0.0.2", 0)


def test_variables_and_file(run, tmp_path):
    """Variables do the same; the file counts where neither says anything."""
    (tmp_path / "headgate.toml").write_text("[server]\nport = 5\nhost = '127.0.0.3'\n")
    run(HEADGATE_DATA=str(tmp_path / "d"), HEADGATE_PORT="6")
    options, host, port = Supervisor.seen
    assert (options.data_dir, options.config_path, host, port) == (str(tmp_path / "d"), str(tmp_path / "headgate.toml"), "127.0.0.3", 6)


def test_a_bad_configuration(run, tmp_path):
    """A bad file is refused before anything is started."""
    (tmp_path / "headgate.toml").write_text("[server]\nprot = 5\n")
    assert "headgate.toml:2: server.prot: unknown key" in run(code=1).stderr
    run("--port", "99999", code=2)


def test_it_cannot_start(run, monkeypatch):
    """A port that is taken is a message, not a traceback; the exit code of the supervisor is the command's."""

    def refuse(_self, _announce, _early=None) -> int:
        raise StartFailed("the port is taken")

    monkeypatch.setattr(Supervisor, "code", 3)
    run(code=3)
    monkeypatch.setattr(Supervisor, "run", refuse)
    assert run(code=1).stderr == "the port is taken\n"


def test_the_commands_that_it_names(run, tmp_path, monkeypatch):
    """They work as they are shown: by the program's file where the shell finds none, with the data directory where it is not the usual one."""
    program = tmp_path / "bin" / "headgate"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    here = {"PATH": str(program.parent)}
    assert "\nA token        headgate token create NAME   for" in run(**here).stdout
    assert "\nA token        headgate token create NAME --data ~/d   for" in run("--data", str(tmp_path / "d"), **here).stdout
    (tmp_path / "x.toml").write_text("")
    assert "\nWhat is there  headgate check --config ~/x.toml --demo\n" in run("--config", "x.toml", "--demo", **here).stdout
    assert (
        "\nWhat is there  headgate check\n" in run("--config", "x.toml", HEADGATE_CONFIG=str(tmp_path / "x.toml"), HEADGATE_DEMO="1", **here).stdout
    )
    assert "--data" not in run("--data", str(tmp_path / "d"), HEADGATE_DATA=str(tmp_path / "d"), **here).stdout
    monkeypatch.setattr("sys.argv", [str(program)])
    assert "\nA token        bin/headgate token create NAME   for" in run(PATH="").stdout
    monkeypatch.setattr("sys.argv", ["/somewhere/headgate/__main__.py"])
    monkeypatch.setattr("sys.executable", "/usr/bin/python3")
    assert "\nA token        /usr/bin/python3 -m headgate token create NAME   for" in run(PATH="").stdout


def test_the_demo_has_a_store_of_its_own(run, tmp_path):
    """What it makes up is never counted with real use; a directory that is named is used all the same."""
    run("--demo")
    apart = Supervisor.seen[0].data_dir
    shown = run("--demo").stdout
    run("--demo", HEADGATE_DATA=str(tmp_path / "named"))

    assert apart == str(tmp_path / ".local/share/headgate-demo")
    assert " usage --data ~/.local/share/headgate-demo" in shown
    assert Supervisor.seen[0].data_dir == str(tmp_path / "named")


def test_a_clone_is_used_by_its_own_command(run, tmp_path, monkeypatch):
    """Where `make up` has installed it, the next commands are typed as `./headgate`."""
    monkeypatch.setattr(up.shutil, "which", lambda *_args, **_options: None)
    monkeypatch.setattr(up.sys, "argv", [str(tmp_path / ".venv/bin/headgate"), "up"])
    assert "\nA token        .venv/bin/headgate token create NAME" in run("--demo").stdout
    (tmp_path / "headgate").write_text("#!/bin/sh\n", encoding="utf-8")
    (tmp_path / "headgate").chmod(0o755)
    for program in (tmp_path / ".venv/bin/headgate", "./.venv/bin/headgate", ".venv/bin/headgate"):
        monkeypatch.setattr(up.sys, "argv", [str(program), "up"])
        assert "\nA token        ./headgate token create NAME" in run("--demo").stdout
