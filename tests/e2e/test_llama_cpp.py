"""A server that we did not write as the provider: llama.cpp speaks Chat Completions, Responses and Anthropic Messages, and keeps loosely to two of them.

Its model (`bigram_model`) says "OK, done.", and under a tool choice or a schema what the server's grammar leaves it. `make llama` installs the server.
"""

import subprocess
import sys
from types import SimpleNamespace

import pytest

from tests.e2e import headless
from tests.e2e.headless import Desk
from tests.e2e.lab import ROOT, running
from tests.e2e.sdk_askers import ASKERS, City

pytestmark = pytest.mark.slow
pytest.importorskip("xllamacpp", reason="the server is not installed: make llama")
pytest.importorskip("gguf", reason="what writes its model is not installed: make llama")

SERVED = ("anthropic", "openai_chat", "openai_responses")
PROVIDER = """
[[providers]]
name = "llama-{dialect}"
dialect = "{dialect}"
base_url = "{url}"
api_key = "env:LAB_KEY"

[[endpoints]]
name = "llama-{dialect}"
targets = [{{ provider = "llama-{dialect}", model = "bigram" }}]
"""
PAIRS = [(client, dialect) for client in ASKERS for dialect in SERVED]
WORDS_TOKENS = 5  # of "OK, done." and the end of the turn
# An exchange within one dialect passes as it is, and OpenAI's SDK does not read a stream of Responses without the indexes that this server leaves out.
UNREAD = ("openai_responses", "openai_responses", True)
ways = pytest.mark.parametrize(
    ("client", "dialect", "stream"), [(*pair, stream) for pair in PAIRS for stream in (False, True) if (*pair, stream) != UNREAD]
)


@pytest.fixture(scope="module")
def llama(tmp_path_factory):
    """The server with its model, a gateway with an endpoint for each of its dialects, and the SDKs."""
    command = [sys.executable, "-m", "tests.e2e.llama_server", str(tmp_path_factory.mktemp("llama"))]
    log = tmp_path_factory.mktemp("log") / "llama.log"
    with log.open("wb") as noise, subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=noise, cwd=ROOT) as server:
        try:
            address = next((line.split()[1].decode() for line in server.stdout if line.startswith(b"address ")), None)
            assert address, log.read_text(encoding="utf-8", errors="replace")
            config = "".join(PROVIDER.format(dialect=dialect, url=address if dialect == "anthropic" else f"{address}/v1") for dialect in SERVED)
            with running(tmp_path_factory.mktemp("gateway"), None, config) as gateway:
                askers = {name: made(gateway.url, gateway.token) for name, made in ASKERS.items()}
                yield SimpleNamespace(gateway=gateway, askers=askers)
                for asker in askers.values():
                    asker.close()
        finally:
            server.kill()


@ways
def test_text(llama, client, dialect, stream):
    """The words arrive with the server's own counts."""
    asker = llama.askers[client]
    answer = asker.ask(f"llama-{dialect}", asker.user("Say that it is done."), stream=stream)
    assert (answer.text, answer.calls) == ("OK, done.", [])
    assert answer.counts.output == WORDS_TOKENS
    assert answer.counts.input > 40


@ways
def test_a_forced_call_and_its_result(llama, client, dialect, stream):
    """The call comes after a text that the server may put before it, and its result goes back."""
    asker = llama.askers[client]
    asked = asker.user("How is the weather?")
    answer = asker.ask(f"llama-{dialect}", asked, stream=stream, tools=True, force=True)
    assert answer.text == "OK, done."
    assert [(call.name, call.arguments) for call in answer.calls] == [("weather", {"city": "Rome"})]
    history = [*asked, *answer.turn, *asker.results(answer, {"weatherRome": "It is warm."})]
    last = asker.ask(f"llama-{dialect}", history, stream=stream, tools=True)
    assert (last.text, last.calls) == ("OK, done.", [])


@pytest.mark.parametrize("client", ASKERS)
def test_a_form(llama, client):
    """The server keeps to a schema in Chat Completions; in its other dialects it does not read it."""
    asker = llama.askers[client]
    assert asker.parsed("llama-openai_chat", asker.user("Which city?"), City) == City(name="Rome", people=1)


@pytest.mark.parametrize(("client", "dialect"), [(client, dialect) for client, dialect in PAIRS if client != "openai_chat"])
def test_tokens_are_counted(llama, client, dialect):
    """By the server itself in the dialects where it counts; every byte of the prompt is a token of this model."""
    asker = llama.askers[client]
    question = "How many tokens are there in this question?"
    counted = asker.counted(f"llama-{dialect}", asker.user(question))
    assert len(question) / 5 < counted < 2 * len(question)


@pytest.mark.parametrize(
    ("agent", "dialect"),
    [*((headless.codex, dialect) for dialect in SERVED), (headless.claude_code, "openai_chat"), (headless.gemini_cli, "openai_responses")],
)
def test_a_real_agent(llama, tmp_path, agent, dialect):
    """With its whole prompt and all its tools it gets the answer of the server."""
    result = agent(Desk(tmp_path / "desk"), llama.gateway.door(f"llama-{dialect}"), prompt="Say that it is done.", timeout_s=120)
    assert result.code == 0, result.text
    assert "OK, done." in result.out
