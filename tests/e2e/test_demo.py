"""`headgate up --demo`: every agent completes a session without a key, a provider or a network, and finds it in the books."""

import pytest
from deltalake import DeltaTable

from headgate.app.demo_month.cast import PEOPLE
from tests.e2e import headless
from tests.e2e.agents import CODEX_OF_THE_PAGE, GEMINI_CLI_OF_THE_PAGE
from tests.e2e.asking import CASES, Asking
from tests.e2e.filled_demo import MONTH, filled_demo, requests_of
from tests.e2e.lab import CLAUDE, GEMINI, GPT, USER, running

QUESTION = "What files are here?"


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """A gateway with nothing but the demo provider."""
    with running(tmp_path_factory.mktemp("demo"), None, arguments=("--demo",)) as gateway:
        yield gateway


SESSIONS = {
    "claude-code": lambda desk, demo: headless.claude_code(desk, demo.door(CLAUDE), QUESTION),
    "codex": lambda desk, demo: headless.codex(desk, demo.door(GPT), prompt=QUESTION),
    "gemini-cli": lambda desk, demo: headless.gemini_cli(desk, demo.door(GEMINI), prompt=QUESTION),
    "codex of the page": lambda desk, demo: headless.codex(desk, demo.door(GPT), "page", CODEX_OF_THE_PAGE, QUESTION),
    "gemini-cli of the page": lambda desk, demo: headless.gemini_cli(desk, demo.door(GEMINI), GEMINI_CLI_OF_THE_PAGE, QUESTION),
}


@pytest.mark.slow
@pytest.mark.parametrize("agent", list(SESSIONS))
def test_session(demo, desk, agent):
    """The agent looks around with a tool of its own, tells what it found, and ends well; two exchanges, priced like the model they are named after."""
    before = len(demo.rows())
    result = SESSIONS[agent](desk, demo)
    assert result.code == 0, result.text
    assert QUESTION in result.out
    assert "notes.txt" in result.out
    rows = demo.rows(before + 2)[before:]
    assert [(row["status_code"], row["ended"], row["requester"], row["charge_status"]) for row in rows] == [(200, "completed", USER, "demo")] * 2
    assert {row["agent"] for row in rows} == {agent.removesuffix(" of the page")}
    assert rows[1]["cache_read_tokens"] > 0


def test_the_store_fills_itself(tmp_path):
    """A month of ten people is there after the first start, more comes while it runs, and a restart adds nothing twice."""
    with filled_demo(tmp_path) as gateway:
        more = requests_of(gateway, requests_of(gateway, MONTH) + 2)
        gateway.stop()
        gateway.start()
        requests_of(gateway, more + 1)
        gateway.stop()
    rows = gateway.rows()

    assert {row["requester"] for row in rows} == {person.name for person in PEOPLE}
    assert {row["charge_status"] for row in rows} == {"demo", "none", "unpriced"}
    assert len({row["request_id"] for row in rows}) == len(rows)
    for table in ("agents_otel_logs", "agents_otel_metrics", "agents_payload"):
        assert DeltaTable(f"{gateway.data}/warehouse/main/default/{table}").count() > 100


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.dialect)
@pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
def test_answers(demo, case, stream):
    """Every wire format is answered, streamed and not."""
    with Asking(demo.url, demo.token, case.path(stream=stream), case.body("hello", stream=stream)) as asking:
        assert asking.status == 200
        assert b"Headgate" in asking.rest()
