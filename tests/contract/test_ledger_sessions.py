"""Sessions from both sides: which exchanges are one session, who and where it was, what it used and how it ended."""

import datetime as dt
from decimal import Decimal

import pytest

from headgate.core.usage import Usage, UsageLine
from tests.fakes.agent_telemetry import Telemetry, ns
from tests.fakes.ledger_views import Ledger, exchange


@pytest.fixture
def said():
    """What the agents export."""
    return Telemetry()


def at(at_s):
    """A moment as a view tells it."""
    return dt.datetime.fromtimestamp(ns(at_s) / 1e9, dt.UTC)


def by_id(ledger):
    """The sessions by their id."""
    return {row["session_id"]: row for row in ledger.rows("sessions")}


def test_a_session_that_only_the_gateway_saw():
    """Without telemetry, a session is what its requests say: what only a client can know is NULL, not 0."""
    passed = [
        exchange("r-1", 10, turn_id="t-1", request_tags={"repository": "acme/widgets"}),
        exchange("r-2", 50, (20, 100, 30, 5), turn_id="t-2", subagent_id="a-1"),
        exchange("count", 60, None, api_type="anthropic/v1/messages/count_tokens"),
        exchange("r-3", 70, None, status_code=529, ended="failed"),
        exchange("r-4", 80, turn_id="t-2"),
    ]
    row = Ledger(passed).one("sessions")

    assert (row["session_id"], row["session_named"], row["agent"], row["agent_version"], row["surface"]) == (
        "s-1",
        True,
        "claude-code",
        "2.1.0",
        "cli",
    )
    assert (row["principal"], row["client_user"], row["repository"]) == ("ada@example.com", None, "acme/widgets")
    assert (row["started_at"], row["ended_at"]) == (at(8), at(80))
    assert (row["turns"], row["requests"], row["bypassed_requests"], row["subagents"], row["errors"]) == (2, 4, 0, 1, 1)
    assert (row["fresh_input_tokens"], row["cache_read_tokens"], row["cache_write_tokens"], row["output_tokens"], row["total_tokens"]) == (
        40,
        100,
        30,
        105,
        275,
    )
    assert (row["charge"], row["outcome"], row["models"]) == (Decimal("0.003062500000"), "answered", ["claude-opus-4-6"])
    unknown = ("tool_calls", "tools_accepted", "lines_added", "commits", "pull_requests", "client_cost_usd", "active_time_s")
    assert {name: row[name] for name in unknown} == dict.fromkeys(unknown)


def test_claude_code_from_both_sides(said):
    """Its deltas add up, its events are counted, and the gateway's own numbers stand beside them."""
    for at_s, added in ((10, 5.0), (20, 2.0)):
        said.metric("claude_code.lines_of_code.count", added, at_s, start_s=at_s - 10, type="added", model="m")
        said.metric("claude_code.active_time.total", 1.5, at_s, start_s=at_s - 10, type="cli")
    said.metric("claude_code.lines_of_code.count", 1.0, 10, type="removed", model="m")
    said.metric("claude_code.commit.count", 1.0, 20, start_s=10)
    said.claude("user_prompt", 1, prompt_length="9")
    for number, decision in enumerate(("accept", "accept", "reject")):
        said.claude("tool_decision", number + 2, decision=decision, tool_name="Edit", tool_use_id=f"tool-{number}")
        said.claude("tool_result", number + 2.5, success="true", tool_name="Edit", tool_use_id=f"tool-{number}", duration_ms="21")
    said.claude("subagent_completed", 5, agent_type="general-purpose")
    said.claude_request(6, request_id="r-1")
    row = Ledger([exchange("r-1", 6)], said).one("sessions")

    assert (row["lines_added"], row["lines_removed"], row["commits"], row["pull_requests"], row["active_time_s"]) == (7, 1, 1, 0, 3.0)
    assert (row["turns"], row["tool_calls"], row["tools_accepted"], row["tools_rejected"], row["subagents"]) == (1, 3, 2, 1, 1)
    assert (row["client_cost_usd"], row["total_tokens"], row["outcome"], row["principal"]) == (0.25, 60, "committed", "ada@example.com")
    assert (row["started_at"], row["ended_at"]) == (at(0), at(20))


def test_running_totals_and_deltas(said):
    """Of a running total the last counts, of each series and each process; a point that came twice is one point."""
    for at_s, value in ((10, 3.0), (20, 8.0), (30, 8.0)):
        said.metric("gemini_cli.lines.changed", value, at_s, temporality=2, type="added", function_name="write_file")
    said.metric("gemini_cli.lines.changed", 2.0, 30, temporality=2, type="added", function_name="replace")
    said.metric("gemini_cli.lines.changed", 4.0, 90, start_s=80, temporality=2, type="added", function_name="replace")
    said.metric("gemini_cli.lines.changed", 1.0, 90, start_s=80, temporality=2, type="removed", function_name="replace")
    said.metric("claude_code.commit.count", 1.0, 20, session="c-1")
    said.metric("claude_code.commit.count", 3.0, 40, session="c-2", temporality=2)
    said.metric("claude_code.commit.count", 2.0, 30, session="c-2", temporality=2)
    said.again("second_")
    rows = by_id(Ledger([], said))

    assert (rows["s-1"]["lines_added"], rows["s-1"]["lines_removed"], rows["s-1"]["outcome"]) == (14, 1, "edited")
    assert (rows["c-1"]["commits"], rows["c-2"]["commits"]) == (1, 3)


def test_metrics_alone(said):
    """A session of which nothing but metrics arrived has their tokens and cost."""
    for kind, value in (("input", 10.0), ("cacheRead", 20.0), ("cacheCreation", 30.0), ("output", 40.0)):
        said.metric("claude_code.token.usage", value, 10, type=kind, model="m")
    said.metric("claude_code.cost.usage", 0.5, 10, model="m")
    said.metric("claude_code.cost.usage", 0.25, 10, model="n")
    row = Ledger([], said).one("sessions")

    assert (row["fresh_input_tokens"], row["cache_read_tokens"], row["cache_write_tokens"], row["output_tokens"]) == (10, 20, 30, 40)
    assert (row["total_tokens"], row["client_cost_usd"], row["requests"], row["principal"], row["lines_added"], row["outcome"]) == (
        100,
        0.75,
        0,
        None,
        0,
        "abandoned",
    )


def test_a_process_is_no_session(said):
    """Gemini CLI counts a session for each process that it starts, under ids of their own; what did nothing is none."""
    said.metric("gemini_cli.session.count", 1.0, 0, session="launcher", temporality=2)
    said.metric("gemini_cli.lines.changed", 3.0, 10, session="s-1", temporality=2, type="added")

    assert sorted(by_id(Ledger([], said))) == ["s-1"]


def test_metrics_never_double_what_exchanges_count(said):
    """Where there are exchanges, tokens and cost are theirs alone."""
    said.metric("claude_code.token.usage", 10.0, 10, type="input", model="m")
    said.metric("claude_code.cost.usage", 0.25, 10, model="m")
    said.claude_request(0, request_id="r-1")
    row = Ledger([exchange("r-1")], said).one("sessions")

    assert (row["total_tokens"], row["client_cost_usd"]) == (60, 0.25)


def test_a_session_that_went_partly_past(said):
    """Requests that did not pass are requests of the session, with the tokens that the client told."""
    said.claude_request(0, request_id="r-1")
    said.claude_request(9, (5, 1, 2, 7), request_id="elsewhere")
    row = Ledger([exchange("r-1")], said).one("sessions")

    assert (row["requests"], row["bypassed_requests"], row["total_tokens"], row["fresh_input_tokens"], row["client_cost_usd"]) == (2, 1, 75, 15, 0.5)
    assert (row["principal"], row["charge"]) == ("ada@example.com", Decimal("0.001300000000"))


@pytest.mark.parametrize(("pause_s", "runs"), [(1799, 1), (1803, 2)])
def test_an_agent_without_sessions(pause_s, runs):
    """Exchanges of one token and agent are one session until they pause for half an hour, counted from the end of the last."""
    passed = [
        exchange("r-1", 0, agent="opencode"),
        exchange("r-2", pause_s, agent="opencode"),
        exchange("other", 5, agent="opencode", token_id="t-2"),
    ]
    rows = by_id(Ledger(passed))

    assert sorted(rows) == sorted(["run:r-1", "run:other", *(["run:r-2"] if runs == 2 else [])])
    assert {row["session_named"] for row in rows.values()} == {False}
    assert rows["run:r-1"]["requests"] == (2 if runs == 1 else 1)


def test_gemini_cli_is_one_session(said):
    """Its requests name no session: reports say it for those that they know, and what lies between belongs to it as well."""
    said.gemini("user_prompt", -1, prompt_length=90, prompt_id="p")
    said.gemini_request(0, (900, 40), response_id="g-1")
    said.gemini_request(90, (901, 40), response_id="g-3")
    said.gemini(
        "tool_call",
        5,
        function_name="replace",
        success=True,
        decision="accept",
        duration_ms=7,
        metadata='{\n  "model_added_lines": 2,\n  "model_removed_lines": 1\n}',
    )
    said.gemini("tool_call", 6, function_name="run_shell_command", success=True, decision="reject", duration_ms=7)
    passed = [
        exchange("first", -20, None, "gemini-cli", status_code=429, ended="failed"),
        exchange("r-1", 0, (900, 0, 0, 40), "gemini-cli", response_id="g-1"),
        exchange("r-2", 50, None, "gemini-cli", status_code=503, ended="failed"),
        exchange("r-3", 90, (901, 0, 0, 40), "gemini-cli", response_id="g-3"),
        exchange("later", 9000, (5, 0, 0, 5), "gemini-cli"),
    ]
    rows = by_id(Ledger(passed, said))

    assert {key: (row["requests"], row["errors"], row["session_named"]) for key, row in rows.items()} == {
        "s-1": (4, 2, True),
        "run:later": (1, 0, False),
    }
    row = rows["s-1"]
    assert (row["turns"], row["tool_calls"], row["tools_accepted"], row["tools_rejected"]) == (1, 2, 1, 1)
    assert (row["lines_added"], row["lines_removed"], row["commits"], row["outcome"], row["principal"]) == (2, 1, 0, "edited", "ada@example.com")


def test_codex_and_its_threads(said):
    """A sub-agent's thread is part of the session that its requests name; only the main thread's prompts are turns."""
    for conversation in ("s-1", "thread-2"):
        said.codex("user_prompt", 0, conversation, prompt_length=9)
        said.codex(
            "tool_result", 1, conversation, tool_name="exec_command", call_id="c", success="true", arguments="<REDACTED>", **{"headgate.commits": 1}
        )
    passed = [exchange("r-1", 5, agent="codex"), exchange("r-2", 6, agent="codex", subagent_id="thread-2")]
    row = Ledger(passed, said).one("sessions")

    assert (row["session_id"], row["turns"], row["subagents"], row["tool_calls"], row["commits"], row["requests"]) == ("s-1", 1, 1, 2, 2, 2)
    assert (row["agent_version"], row["surface"], row["outcome"]) == ("2.1.0", "cli", "committed")


def test_where_a_session_ran(said):
    """Version, surface, user and repository as the client tells them, where no request does."""
    said.codex("conversation_starts", 0, **{"user.email": "ada@work", "vcs.repository.url.full": "https://example.com/widgets"})
    row = Ledger([], said).one("sessions")

    assert (row["agent"], row["agent_version"], row["surface"], row["client_user"]) == ("codex", "0.169.0", "exec", "ada@work")
    assert (row["repository"], row["outcome"], row["turns"]) == ("https://example.com/widgets", "abandoned", None)


@pytest.mark.parametrize(
    ("ended", "expected"),
    [
        ("completed", "answered"),
        ("client_gone", "abandoned"),
        ("failed", "failed"),
        ("cut", "failed"),
        ("refused", "failed"),
        ("interrupted", "failed"),
    ],
)
def test_outcomes_by_the_last_exchange(ended, expected):
    """A session that changed nothing ended as its last exchange did."""
    assert Ledger([exchange("r-1", 0), exchange("r-2", 60, ended=ended)]).one("sessions")["outcome"] == expected


def test_an_agent_that_hides(said):
    """Requests under another user agent belong to the session that telemetry names, once."""
    said.metric("claude_code.lines_of_code.count", 5.0, 10, type="added")
    row = Ledger([exchange("r-1", agent=""), exchange("r-2")], said).one("sessions")

    assert (row["agent"], row["requests"], row["lines_added"]) == ("claude-code", 2, 5)


def test_one_word_for_two_peoples_sessions():
    """What is no known agent's id is nobody's alone: users are kept apart."""
    passed = [
        exchange("r-1", agent="opencode", session_id="default"),
        exchange("r-2", agent="opencode", session_id="default", principal_id="u-2", requester="bob"),
    ]

    assert sorted((row["session_id"], row["principal"]) for row in Ledger(passed).rows("sessions")) == [
        ("default", "ada@example.com"),
        ("default", "bob"),
    ]


def test_every_model_that_was_charged_is_a_model_of_the_session():
    """Also one that answered nobody: an adviser, whose tokens and charge are in the sums."""
    adviser = UsageLine(kind="advisor_message", model="claude-fable-5", input_tokens=900, output_tokens=70)
    usage = Usage(input_tokens=10, output_tokens=50, tier="fast", charge_reported=0.5, beside=(adviser,))
    ledger = Ledger([exchange("r-1", 10), exchange("r-2", 20, usage), exchange("r-3", 30, None, ended="refused")])

    session = ledger.one("sessions")
    assert (session["models"], session["fresh_input_tokens"], session["output_tokens"]) == (["claude-fable-5", "claude-opus-4-6"], 920, 170)
    passed = {row["request_id"]: row for row in ledger.rows("exchanges")}
    assert [line["model"] for line in passed["r-2"]["usage_lines"]] == ["claude-opus-4-6", "claude-fable-5"]
    assert (passed["r-2"]["service_tier"], passed["r-2"]["charge_reported"]) == ("fast", Decimal("0.5"))
