"""What Codex and Gemini CLI report of their requests, and how it finds its exchange; and that nothing is ever counted twice."""

import datetime as dt
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.catalog.ledger.views import ledger_views
from headgate.catalog.usage_table import USAGE
from headgate.telemetry.agents.registry import AGENTS
from tests.fakes.agent_telemetry import Telemetry
from tests.fakes.examples import examples
from tests.fakes.ledger_views import Ledger, exchange
from tests.fakes.records import AT_NS


@pytest.fixture
def said():
    """What the agents export."""
    return Telemetry()


def codex(request_id, at_s=0.0, tokens=(890, 10, 0, 40), **changes):
    """An exchange of Codex."""
    return exchange(request_id, at_s, tokens, "codex", **changes)


def gemini(request_id, at_s=0.0, tokens=(900, 0, 0, 40), **changes):
    """An exchange of Gemini CLI, which names no session."""
    return exchange(request_id, at_s, tokens, "gemini-cli", **changes)


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_codex_says_it_twice(said, version):
    """Of the two `response.completed` of an answer, the one with counts is the report; numbers are strings."""
    said.codex("conversation_starts", -1)
    said.codex("sse_event", 0, event_kind="response.output_text.delta")
    said.codex_request(0)
    row = Ledger([codex("r-1")], said, version).one("exchanges")

    assert (row["match_kind"], row["client_input_tokens"], row["client_output_tokens"]) == ("session_tokens", 900, 40)
    assert (row["client_cache_read_tokens"], row["client_reasoning_tokens"], row["client_cost_usd"]) == (10, 4, None)


def test_codex_in_order(said):
    """Each answer of a session finds its own exchange, the same counts their own turn."""
    for number, output in enumerate((40, 41, 40)):
        said.codex_request(number * 10.0, (900, output))
    passed = [codex(f"r-{number}", number * 10.0, (890, 10, 0, output)) for number, output in enumerate((40, 41, 40))]
    rows = (
        Ledger(passed, said)
        .ask("SELECT request_id, unix_millis(client_reported_at) - unix_millis(event_time) AS late FROM exchanges ORDER BY 1")
        .to_pylist()
    )

    assert [(row["request_id"], row["late"]) for row in rows] == [("r-0", 2001), ("r-1", 2001), ("r-2", 2001)]


def test_codex_and_a_refusal(said):
    """A refused request is told by `codex.api_request` with our id; an answered one is not told by it."""
    said.codex("api_request", 0, status=200, duration_ms=13, endpoint="/responses")
    said.codex("api_request", 5, status=500, duration_ms=10, endpoint="/responses", error_message="http 500", auth_request_id="r-1")
    said.codex("api_request", 6, status=404, duration_ms=10, endpoint="/models")
    row = Ledger([codex("r-1", 5, None, ended="failed", status_code=500)], said).one("exchanges")

    assert (row["match_kind"], row["client_failed"], row["client_status_code"], row["client_duration_ms"]) == ("request_id", True, 500, 10)


def test_codex_and_a_broken_stream(said):
    """A broken stream is told by one `response.completed` with an error; session and time find it."""
    said.codex("sse_event", 0.01, event_kind="response.completed", error_message="stream disconnected before completion")
    said.codex_request(1)

    assert Ledger([codex("bad", 0, (9000, 0, 0, 0), estimated=True, ended="cut"), codex("good", 1)], said).pairs() == {
        "bad": "session_time",
        "good": "session_tokens",
    }


def test_a_thread_of_codex(said):
    """A sub-agent reports under its thread, which its requests name as well."""
    said.codex_request(0, conversation="thread-2")

    assert Ledger([codex("r-1", subagent_id="thread-2")], said).pairs() == {"r-1": "session_tokens"}


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_gemini_by_the_answers_id(said, version):
    """The id stands in a record beside the report; it tells apart what counts and time would not."""
    for number in range(3):
        said.gemini_request(number * 0.01, (900, 40 + number), response_id=f"g-{number}")
    passed = [gemini(f"r-{number}", 5000, (1, 0, 0, 1), response_id=f"g-{number}") for number in range(3)]
    rows = (
        Ledger(passed, said, version)
        .ask("SELECT request_id, match_kind, client_output_tokens AS output, session_id FROM exchanges ORDER BY 1")
        .to_pylist()
    )

    assert [tuple(row.values()) for row in rows] == [(f"r-{number}", "response_id", 40 + number, "s-1") for number in range(3)]


@pytest.mark.parametrize(("at_s", "kind"), [(119, "model_tokens"), (-119, "model_tokens"), (121, None)])
def test_gemini_by_model_counts_and_time(said, at_s, kind):
    """Without an id, the same model and counts within two minutes; thoughts and prompts of tools are part of the counts."""
    said.gemini_request(at_s, (880, 30), thoughts_token_count=10, tool_token_count=20)
    alone = {} if kind else {("bypassed", 900): None}

    assert Ledger([gemini("r-1")], said).pairs() == {"r-1": kind, **alone}


def test_gemini_at_the_edge_of_a_stretch(said):
    """Neighbours in time are found on both sides of every border."""
    for number in range(40):
        said.gemini_request(number * 31 + 7, (1000 + number, 40))
    passed = [gemini(f"r-{number}", number * 31, (1000 + number, 0, 0, 40)) for number in range(40)]

    assert Ledger(passed, said).pairs() == {f"r-{number}": "model_tokens" for number in range(40)}


def test_gemini_and_another_agents_exchange(said):
    """Equal counts of an exchange that Gemini CLI did not make prove nothing."""
    said.gemini_request(0, model="gpt-5.2")

    assert Ledger([exchange("r-1", 0, (900, 0, 0, 40), "opencode")], said).pairs() == {"r-1": None, ("bypassed", 900): None}


def test_gemini_and_errors(said):
    """An error finds its exchange by model and status; an answer that never came counts nothing and proves nothing."""
    said.gemini("api_error", 0, model="databricks-gemini-2-5-flash", status_code=503, duration_ms=8, error="busy")
    said.gemini_request(100, (0, 0), model="databricks-gemini-2-5-flash")
    row = next(row for row in Ledger([gemini("r-1", 0, None, status_code=503, ended="failed")], said).rows("exchanges") if row["request_id"])

    assert (row["match_kind"], row["client_failed"], row["session_id"]) == ("model_tokens", True, "s-1")
    assert Ledger([], said).ask("SELECT via, count(*) AS n FROM exchanges GROUP BY via").to_pylist() == [{"via": "failed", "n": 2}]


def test_the_horizon():
    """With a limit in days, older rows are left out, and both halves of a pair at the edge are still a pair."""
    now_s = time.time() - AT_NS / 1e9
    said = Telemetry()
    for days in (0.5, 1.999, 2.001, 5):
        said.claude_request(now_s - days * 86400 + 60, (100 + round(days * 1000), 0, 0, 1))
    passed = [exchange(f"r-{days}", now_s - days * 86400 - 60, (100 + round(days * 1000), 0, 0, 1)) for days in (0.5, 1.999, 2.001, 5)]

    assert Ledger(passed, said, days=2).pairs() == {"r-0.5": "session_tokens", "r-1.999": "session_tokens"}
    assert len(Ledger(passed, said).pairs()) == 4


def test_the_names_are_those_of_the_agents():
    """The names in the views are those that the facts about each agent list."""
    texts = " ".join(view.text for view in ledger_views(USAGE.name, ()))
    for agent in AGENTS:
        wanted = [
            agent.session_id,
            agent.prompt_event,
            agent.tool_event,
            agent.tool_name,
            agent.decision,
            agent.tool_success,
            agent.error_event,
            agent.request_event,
        ]
        wanted += [name for name in (agent.request_id, agent.request_cost_usd, agent.request_tokens.input, agent.request_tokens.output) if name]
        wanted += [counter.metric for counter in (agent.lines, agent.commits, agent.pull_requests, agent.cost) if counter is not None]
        assert [name for name in wanted if f"'{name}'" not in texts and f"'{name} " not in texts] == []


AGENT = st.sampled_from(["claude-code", "codex", "gemini-cli"])
MOMENT = st.sampled_from([0, 1, 50, 130, 300])
COUNTS = st.sampled_from([(1, 1), (1, 1), (1, 2), (2, 1)])
SESSION = st.sampled_from(["s-1", "s-1", "s-2"])
ENDED = st.sampled_from(["completed", "completed", "cut", "guessed"])
PASSED = st.lists(st.tuples(AGENT, MOMENT, COUNTS, SESSION, ENDED, st.booleans()), min_size=1, max_size=9)
REPORTED = st.lists(st.tuples(AGENT, MOMENT, COUNTS, SESSION, st.sampled_from(["", "", "r-0", "r-1", "up", "up-2"])), min_size=1, max_size=9)


@examples(24)
@given(PASSED, REPORTED)
def test_nothing_is_counted_twice(passed, reported):
    """Whatever passed and whatever was reported: each exchange and each report is there exactly once, and no pair without a common id contradicts itself."""
    exchanges, said = _made(passed, reported)
    ledger = Ledger(exchanges, said)
    rows = ledger.ask("SELECT * FROM exchanges").to_pylist()
    reports = ledger.ask("SELECT report_id, coalesce(input_tokens, 0) AS input FROM client_requests").to_pylist()

    assert sorted(row["request_id"] for row in rows if row["via"] == "gateway") == sorted(one.intent.request_id for one in exchanges)
    assert sorted(row["report_id"] for row in rows if row["report_id"]) == sorted(row["report_id"] for row in reports)
    assert sum(row["client_input_tokens"] or 0 for row in rows) == sum(row["input"] for row in reports)
    for row in rows:
        if row["match_kind"] in {"session_tokens", "model_tokens"}:
            assert row["client_input_tokens"] == row["input_tokens"]
            assert row["client_output_tokens"] == row["output_tokens"] or row["ended"] != "completed"
        if row["match_kind"] in {"session_tokens", "session_time"}:
            assert row["client_session_id"] == row["session_id"]
        if row["match_kind"] in {"session_time", "model_tokens"}:
            ended_at = row["event_time"] + dt.timedelta(milliseconds=row["latency_ms"])
            assert abs(ended_at - row["client_reported_at"]) <= dt.timedelta(seconds=120)
    _nothing_obvious_is_left(rows)


def _made(passed, reported):
    exchanges = []
    for number, (agent, at_s, (fresh, output), session, ended, named) in enumerate(passed):
        about = {
            "session_id": "" if agent == "gemini-cli" else session,
            "upstream_request_id": "up" if named else f"up-{number}",
            "ended": "cut" if ended == "cut" else "completed",
        }
        exchanges.append(exchange(f"r-{number}", at_s, (fresh, 0, 0, output), agent, estimated=ended == "guessed", **about))
    said = Telemetry()
    said.table = "t_"
    said.claude_request(-9999, (7, 0, 0, 7), session="elsewhere")  # there is always a table
    for number, (agent, at_s, (fresh, output), session, request_id) in enumerate(reported):
        match agent:
            case "claude-code":
                said.claude_request(at_s, (fresh, 0, 0, output), session=session, request_id=request_id or None, sequence=number)
            case "codex":
                said.codex_request(at_s, (fresh, output), conversation=session)
            case _:
                said.gemini_request(at_s, (fresh, output), session=session)
    return exchanges, said


def _nothing_obvious_is_left(rows):
    """An exchange and a report of one session with the same counts are not both left alone, as long as the rounds suffice."""
    alone = [(row["agent"], row["session_id"], row["client_input_tokens"], row["client_output_tokens"]) for row in rows if row["via"] == "bypassed"]
    unreported = [
        (row["agent"], row["session_id"], row["input_tokens"], row["output_tokens"])
        for row in rows
        if row["via"] == "gateway" and not row["client_reported"] and not row["usage_estimated"] and row["session_id"]
    ]
    for key in set(alone) & set(unreported):
        same = [row for row in rows if (row["agent"], row["client_session_id"] or row["session_id"]) == key[:2]]
        assert len(same) > 3, f"{key} could have been a pair"
