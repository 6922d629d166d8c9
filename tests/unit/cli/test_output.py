"""No character that is printed makes a command fail, whatever the terminal can show."""

import io
import json
import sys
import threading

import pytest

from headgate.cli import up
from headgate.cli.exchange_lines import ExchangeLines
from headgate.cli.main import COMMANDS, main
from headgate.config.paths import DataDirectory
from headgate.core.clock import SystemClock
from headgate.storage.journal.limits import JournalLimits
from headgate.storage.journal.writer import JournalWriter
from headgate.storage.state.store import open_state
from tests.fakes.records import intent, outcome
from tests.unit.cli.test_up import Supervisor

NAME = "Zoë-Łódź-名前-🙂"
RUN = (
    ["token", "create", NAME, "--user", NAME], ["token", "create", "x", "--json"], ["token", "list"], ["token", "list", "--json"],
    ["token", "revoke", NAME], ["token", "sign-in"], ["usage"], ["usage", "--by", "user"], ["usage", "--rows"], ["usage", "--rows", "--json"],
    ["sql", f"SELECT '{NAME}' AS n"], ["sql", f"SELECT '{NAME}' AS n", "--json"], ["sql", f"SELECT '{NAME}' AS n", "--csv"], ["sql", f"SELEC '{NAME}'"],
    ["table", "list"], ["table", "list", "--json"], ["table", "describe", f"main.default.`{NAME}`"], ["table", "describe", "system.ai_gateway.usage"],
    ["check"], ["check", "--demo"], ["check", "--json"], ["check", "--config", f"{NAME}.toml"],
    ["config", "show"], ["config", "show", "--json"], ["config", "schema"], ["config", "init"], ["up", "--demo"], ["up", "--config", f"{NAME}.toml"],
    [NAME], ["--help"], ["--version"], *([name, "--help"] for name in COMMANDS),
)  # fmt: skip


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """A store in which every name has what no old code page has."""
    folder = tmp_path_factory.mktemp("store")
    store, _ = open_state(DataDirectory(folder))
    store.close()
    journal = JournalWriter.open(str(folder / "journal"), JournalLimits(), SystemClock())
    begun = intent("req_1", requester=NAME, endpoint=NAME, agent=NAME)
    journal.intent(begun)
    journal.outcome(outcome("req_1", intent=begun))
    journal.close()
    return folder


@pytest.fixture
def printed(data, tmp_path, monkeypatch):
    """Runs a command with output in an encoding; what it printed, and its exit code."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(up, "Supervisor", Supervisor)
    monkeypatch.setattr(up, "start_logging", lambda _: None)
    for name, value in {"HEADGATE_DATA": str(data), "HOME": str(tmp_path), "HEADGATE_DISCOVERY_OLLAMA": "false"}.items():
        monkeypatch.setenv(name, value)

    def run(encoding, *arguments):
        streams = {name: io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors="strict") for name in ("stdout", "stderr")}
        for name, stream in streams.items():
            monkeypatch.setattr(sys, name, stream)
        monkeypatch.setattr(sys, "argv", ["headgate", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        texts = []
        for stream in streams.values():
            stream.flush()
            texts.append(stream.buffer.getvalue())
        return texts[0], texts[1], ended.value.code or 0

    return run


@pytest.mark.parametrize("arguments", RUN, ids=" ".join)
def test_every_command_prints_on_an_old_terminal(printed, arguments):
    """A character that is not there is replaced, and the command goes on."""
    out, err, code = printed("ascii", *arguments)

    assert code in {0, 1, 2}
    assert out or err
    assert b"Traceback" not in err


def test_json_holds_every_character_in_every_encoding(printed):
    """A program that reads it must not find question marks in the place of names."""
    for encoding in ("cp1252", "ascii", "utf-8", "utf-16"):
        out, _, _ = printed(encoding, "usage", "--rows", "--json")
        assert json.loads(out.decode(encoding))[0]["requester"] == NAME


def test_closed_output_is_no_error(printed, monkeypatch):
    """As with `headgate usage >&-`: there is nobody to print for."""
    monkeypatch.setattr(sys, "argv", ["headgate", "usage"])
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    with pytest.raises(SystemExit) as ended:
        main()
    for stream in (sys.stdout, sys.stderr):
        stream.close()

    assert not ended.value.code


class Stuck(io.StringIO):
    """A pipe that nobody reads."""

    def __init__(self, released):
        super().__init__()
        self._released = released

    def write(self, text):
        self._released.wait(30)
        return super().write(text)


def test_a_terminal_that_is_stopped_holds_up_nothing(tmp_path):
    """Ctrl-S, or a pager that waits: the lines wait, then are left out, and the gateway serves on."""
    released = threading.Event()
    lines = ExchangeLines(Stuck(released), str(tmp_path))
    begun = intent("req_1", requester=NAME)
    ended = outcome("req_1", intent=begun)
    for _ in range(200):
        lines.exchange_ended(ended)
        lines.tick()
    released.set()
