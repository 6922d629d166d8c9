"""What a terminal is offered where no provider is found."""

import stat
import threading
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from headgate.cli import first_provider, up
from headgate.cli.first_provider import Chosen, Terminal, offer, save_key, try_key
from headgate.config.load import load
from headgate.config.problems import ConfigError

KEY = "sk-ant-api03-0123456789"


@contextmanager
def provider(status: int) -> Generator[tuple[str, list[tuple[str, dict[str, str]]]]]:
    """A provider that answers every request with this status: its address, and what it was asked."""
    asked: list[tuple[str, dict[str, str]]] = []

    class Fixed(BaseHTTPRequestHandler):
        """Answers."""

        def do_GET(self) -> None:
            """Note the path and the headers."""
            asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
            self.send_response(status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Fixed)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def answering(*lines: str, hidden: str = "") -> Terminal:
    """A user who types these lines, and then ends the input."""
    left = list(lines)

    def ask(_prompt: str) -> str:
        if not left:
            raise EOFError
        return left.pop(0)

    return Terminal(ask, lambda _prompt: hidden)


@pytest.fixture
def no_ollama(monkeypatch):
    """No Ollama answers."""
    monkeypatch.setattr(first_provider, "find_ollama", lambda _environ: None)


@pytest.mark.parametrize(
    ("lines", "chosen"), [(["3"], Chosen.DEMO), ([""], Chosen.DEMO), (["4"], Chosen.NOTHING), ([], Chosen.NOTHING), (["x", "2", "4"], Chosen.NOTHING)]
)
def test_choices(no_ollama, lines, chosen, capsys):
    """The demo is what Enter means; the end of the input goes on without anything; what makes no sense is asked again."""
    assert offer(None, {}, answering(*lines)) is chosen
    printed = capsys.readouterr()
    assert not printed.out
    assert ("is none of 1 to 4" in printed.err) is ("x" in lines)


def test_ollama(monkeypatch):
    """It is looked for again when it is chosen."""
    monkeypatch.setattr(first_provider, "find_ollama", lambda _environ: object())
    assert offer(None, {}, answering("2")) is Chosen.FOUND


def test_a_key_is_tried_saved_and_found(no_ollama, tmp_path, monkeypatch, capsys):
    """In a file of its owner's alone, which the configuration file names; it is printed nowhere."""
    environ = {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / "config")}
    monkeypatch.setattr(first_provider, "try_key", lambda *_: "")
    assert offer(None, environ, answering("1", hidden=f" {KEY} ")) is Chosen.FOUND

    (found,) = load("", environ, probe=lambda _address: None).providers
    key_file = tmp_path / "config/headgate/anthropic.key"
    assert (found.name, found.api_key.reveal()) == ("anthropic", KEY)
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    assert KEY not in capsys.readouterr().err
    assert KEY not in (tmp_path / "config/headgate/headgate.toml").read_text(encoding="utf-8")


def test_a_key_that_is_refused_is_not_saved(no_ollama, tmp_path, monkeypatch, capsys):
    """Nor is what is no key at all."""
    monkeypatch.setattr(first_provider, "try_key", lambda *_: "refused it with status 401")
    environ = {"HOME": str(tmp_path), "XDG_CONFIG_HOME": ""}
    assert offer(None, environ, answering("1", hidden=KEY)) is Chosen.NOTHING
    assert "Anthropic refused it with status 401. Nothing was saved." in capsys.readouterr().err
    assert offer(None, environ, answering("1", hidden="hunter2")) is Chosen.NOTHING
    assert "That is no key" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_provider_is_added_to_the_file_that_is_there(tmp_path):
    """The rest of it stays as it is."""
    file = tmp_path / "headgate.toml"
    file.write_text("# mine\n[server]\nport = 9000\n", encoding="utf-8")
    save_key("openai", "sk-1", file)
    assert file.read_text(encoding="utf-8").startswith("# mine\n[server]\nport = 9000\n\n[[providers]]\n")
    found = load(str(file), {"HOME": str(tmp_path)}, probe=lambda _address: None)
    assert (found.settings.server.port, [each.name for each in found.providers]) == (9000, ["openai"])


def test_a_place_that_cannot_be_written(tmp_path):
    """Is told as any other problem of the file."""
    (tmp_path / "taken").touch()
    with pytest.raises(ConfigError, match="cannot be written"):
        save_key("openai", "sk-1", tmp_path / "taken/headgate.toml")


@pytest.mark.parametrize(
    ("dialect", "path", "header"),
    [("anthropic", "/v1/models", "x-api-key"), ("openai", "/models", "authorization"), ("gemini", "/v1beta/models", "x-goog-api-key")],
)
def test_each_provider_is_asked_for_its_models(dialect, path, header):
    """That costs nothing."""
    with provider(200) as (url, asked):
        assert not try_key(dialect, KEY, url)
    assert asked[0][0] == path
    assert KEY in asked[0][1][header]


@pytest.mark.parametrize(
    ("status", "said"), [(401, "refused it with status 401"), (400, "refused it with status 400"), (503, "answers with status 503")]
)
def test_what_a_provider_answers(status, said):
    """Only a refusal of the key is one."""
    with provider(status) as (url, _):
        assert said in try_key("gemini", KEY, url)


def test_a_provider_that_cannot_be_reached():
    """The key may be right all the same."""
    with provider(200) as (url, _):
        pass
    assert "cannot be reached" in try_key("openai", KEY, url)


def test_up_offers_it_only_where_nothing_answers(monkeypatch):
    """Ollama needs no question."""
    monkeypatch.setattr(up, "find_ollama", lambda _environ: object())
    configuration = load("", {"HOME": "/nowhere"}, probe=lambda _address: None)
    assert up._offer_provider(configuration, {}) is False
    monkeypatch.setattr(up, "find_ollama", lambda _environ: None)
    monkeypatch.setattr(first_provider, "offer", lambda *_: Chosen.DEMO)
    assert up._offer_provider(configuration, {}) is True
