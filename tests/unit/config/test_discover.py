"""Providers that are found."""

import http.server
import json
import threading

import pytest

from headgate.config.discover import find_in_environment, find_ollama, ollama_address, probe_ollama


def test_vendors():
    """Each vendor's standard variable gives its provider; Google's second name counts too."""
    found = find_in_environment({"ANTHROPIC_API_KEY": "a", "OPENAI_API_KEY": "b", "GOOGLE_API_KEY": "c"})
    assert [(each.name, each.dialect, each.base_url, each.api_key.reveal(), each.origin) for each in found.providers] == [
        ("anthropic", "anthropic", "https://api.anthropic.com", "a", "ANTHROPIC_API_KEY"),
        ("openai", "openai", "https://api.openai.com/v1", "b", "OPENAI_API_KEY"),
        ("gemini", "gemini", "https://generativelanguage.googleapis.com", "c", "GOOGLE_API_KEY"),
    ]
    assert find_in_environment({"GEMINI_API_KEY": "a", "GOOGLE_API_KEY": "c"}).providers[0].origin == "GEMINI_API_KEY"


def test_base_urls_of_the_environment_are_not_read():
    """Variables that point agents at Headgate do not point Headgate at itself."""
    environ = {"ANTHROPIC_API_KEY": "a", "ANTHROPIC_BASE_URL": "http://127.0.0.1:8484/anthropic", "OPENAI_BASE_URL": "http://127.0.0.1:8484"}
    assert find_in_environment(environ).providers[0].base_url == "https://api.anthropic.com"


@pytest.mark.parametrize("host", ["adb-1.azuredatabricks.net", "https://adb-1.azuredatabricks.net", "https://adb-1.azuredatabricks.net/?o=1"])
def test_databricks(host):
    """Host and token together give one provider for each family."""
    found = find_in_environment({"DATABRICKS_HOST": host, "DATABRICKS_TOKEN": "dapi1"}).providers
    assert [(each.name, each.dialect, each.base_url, each.auth) for each in found] == [
        ("databricks-anthropic", "anthropic", "https://adb-1.azuredatabricks.net/ai-gateway/anthropic", "bearer"),
        ("databricks-openai", "openai", "https://adb-1.azuredatabricks.net/ai-gateway/openai/v1", "bearer"),
        ("databricks-gemini", "gemini", "https://adb-1.azuredatabricks.net/ai-gateway/gemini", "bearer"),
    ]
    assert find_in_environment({"DATABRICKS_HOST": host}).providers == ()
    assert find_in_environment({"DATABRICKS_TOKEN": "dapi1"}).providers == ()


def test_own_tokens_are_no_keys():
    """A Headgate token in a provider's variable is left alone, and said so."""
    found = find_in_environment({"ANTHROPIC_API_KEY": "hg_canary", "DATABRICKS_HOST": "h", "DATABRICKS_TOKEN": "hg_canary", "OPENAI_API_KEY": "a b"})
    assert found.providers == ()
    assert len(found.notes) == 3
    assert "canary" not in " ".join(found.notes)


@pytest.mark.parametrize(
    ("value", "address"),
    [("", "127.0.0.1:11434"), ("0.0.0.0", "127.0.0.1:11434"), ("gpu:1234", "gpu:1234"), ("http://gpu:80/x", "gpu:80"), ("[::1]:5", "[::1]:5"),
     ("host:notaport", "127.0.0.1:11434")],
)  # fmt: skip
def test_ollama_address(value, address):
    """OLLAMA_HOST is read as Ollama reads it."""
    assert ollama_address({"OLLAMA_HOST": value}) == address


def test_ollama_without_models_is_not_used():
    """A provider without a list of models would be sent every name that nobody configured."""
    assert find_ollama({}, lambda _address: ()) is None


def test_find_ollama():
    """Ollama is found with its models when it answers."""
    found = find_ollama({}, lambda address: ("llama3.2:latest",))
    assert (found.name, found.dialect, found.base_url, found.models) == ("ollama", "openai", "http://127.0.0.1:11434/v1", ("llama3.2:latest",))
    assert (found.api_key, found.price_as) == (None, "ollama")
    assert find_ollama({}, lambda address: None) is None


class Answer(http.server.BaseHTTPRequestHandler):
    """Answers every GET with the server's `answer`."""

    def do_GET(self):
        status, body = self.server.answer
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        """Say nothing."""


@pytest.fixture
def server():
    """An HTTP server on loopback whose answer a test sets."""
    with http.server.HTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("answer", "models"),
    [
        ((200, json.dumps({"models": [{"name": "llama3.2:latest", "size": 1}, {"name": "bad name"}]}).encode()), ("llama3.2:latest",)),
        ((200, b'{"models": []}'), ()),
        ((200, b"<html>"), None),
        ((200, b'{"type": "message"}'), None),
        ((404, b"{}"), None),
    ],
)
def test_probe(server, answer, models):
    """Only what answers as Ollama does is taken for it."""
    server.answer = answer
    assert probe_ollama(f"127.0.0.1:{server.server_port}") == models


def test_probe_of_nothing(server):
    """Nothing there: no provider, no error."""
    assert probe_ollama("127.0.0.1:1") is None
