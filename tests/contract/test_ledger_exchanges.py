"""How an exchange and its client's report of it are known to be one: each rule of the joined ledger, over the compiler and engine that answer queries."""

import datetime as dt

import pytest

from headgate.core.usage import Usage, UsageLine
from tests.fakes.agent_telemetry import Telemetry
from tests.fakes.ledger_views import Ledger, exchange

UNKNOWN = None


@pytest.fixture
def said():
    """What the agents export."""
    return Telemetry()


@pytest.fixture(params=["v1", "v2"])
def version(request):
    """Both versions of the tables."""
    return request.param


def test_no_telemetry_at_all():
    """Without a single OpenTelemetry table every exchange is there, unreported."""
    row = Ledger([exchange("r-1")]).one("exchanges")

    assert (row["via"], row["request_id"], row["client_reported"], row["match_kind"]) == ("gateway", "r-1", False, None)
    assert (row["input_tokens"], row["total_tokens"], row["session_id"], row["requester"]) == (10, 60, "s-1", "ada@example.com")


def test_claude_code_by_our_own_id(said, version):
    """The provider gave no id, so the client saw ours; whatever else differs, it is the same request."""
    said.claude_request(5000, (1, 2, 3, 4), session="other", model="x", request_id="r-1")
    row = Ledger([exchange("r-1")], said, version).one("exchanges")

    assert (row["via"], row["match_kind"], row["client_reported"], row["client_failed"]) == ("gateway", "request_id", True, False)
    assert (row["client_input_tokens"], row["client_cache_read_tokens"], row["client_cache_write_tokens"], row["client_output_tokens"]) == (
        6,
        2,
        3,
        4,
    )
    assert (row["client_cost_usd"], row["client_duration_ms"], row["client_event"]) == (0.25, 2000, "api_request")
    assert (row["session_id"], row["client_session_id"]) == ("s-1", "other")


def test_claude_code_by_the_providers_id(said):
    """What the provider called the request is what the client saw."""
    said.claude_request(0, request_id="up-2")

    assert Ledger([exchange("r-1", upstream_request_id="up-1"), exchange("r-2", upstream_request_id="up-2")], said).pairs() == {
        "r-1": None,
        "r-2": "request_id",
    }


def test_an_id_that_names_two(said):
    """A provider that gives one id to all tells nothing apart: counts decide."""
    said.claude_request(0, (20, 0, 0, 5), request_id="up")
    said.claude_request(1, (30, 0, 0, 5), request_id="up")
    passed = [exchange("r-1", 0, (30, 0, 0, 5), upstream_request_id="up"), exchange("r-2", 1, (20, 0, 0, 5), upstream_request_id="up")]

    rows = Ledger(passed, said).ask("SELECT request_id, match_kind, client_input_tokens FROM exchanges ORDER BY 1").to_pylist()

    assert [tuple(row.values()) for row in rows] == [("r-1", "session_tokens", 30), ("r-2", "session_tokens", 20)]


def test_a_failed_request_of_claude_code(said):
    """An `api_error` belongs to its exchange as an answer does, and has no counts."""
    said.claude("api_error", 0, model="claude-opus-4-6", error="overloaded", status_code=529, attempt=11, duration_ms=40, request_id="up-1")
    row = Ledger([exchange("r-1", 0, None, status_code=529, ended="failed", upstream_request_id="up-1")], said).one("exchanges")

    assert (row["match_kind"], row["client_failed"], row["client_status_code"], row["client_input_tokens"]) == ("request_id", True, 529, None)


def test_an_error_that_was_got_over(said):
    """An error and an answer under one request id are one request: the answer counts, and the error makes no row."""
    said.claude("api_error", 0, model="claude-opus-4-6", status_code=500, request_id="r-1")
    said.claude_request(1, request_id="r-1")
    row = Ledger([exchange("r-1")], said).one("exchanges")

    assert (row["via"], row["client_event"], row["client_input_tokens"]) == ("gateway", "api_request", 10)


def test_claude_code_without_ids(said, version):
    """The same session, model and counts: the nearest in time where there are several."""
    for at_s, cost in ((0.1, 0.5), (60.1, 0.75)):
        said.claude_request(at_s, cost_usd=cost)
    rows = {row["request_id"]: row for row in Ledger([exchange("r-2", 60), exchange("r-1", 0)], said, version).rows("exchanges")}

    assert {key: (row["match_kind"], row["client_cost_usd"]) for key, row in rows.items()} == {
        "r-1": ("session_tokens", 0.5),
        "r-2": ("session_tokens", 0.75),
    }


def test_counts_that_contradict(said):
    """Two that counted differently are not the same request, however near they are: the one was not reported, the other did not pass."""
    said.claude_request(0, (11, 0, 0, 50))
    said.claude_request(0, (10, 0, 0, 51))

    assert Ledger([exchange("r-1")], said).pairs() == {"r-1": None, ("bypassed", 11): None, ("bypassed", 10): None}


def test_another_session_or_model(said):
    """Neither is guessed away."""
    said.claude_request(0, (10, 0, 0, 50), session="s-2")
    said.claude_request(0, (20, 0, 0, 50), model="claude-haiku")

    assert Ledger([exchange("r-1"), exchange("r-2", 0, (20, 0, 0, 50))], said).pairs() == {
        "r-1": None,
        "r-2": None,
        ("bypassed", 10): None,
        ("bypassed", 20): None,
    }


@pytest.mark.parametrize("model", ["databricks-claude-opus-4-6", "Claude-Opus-4-6", "claude-opus-4-6[1m]", "models/claude-opus-4-6"])
def test_names_of_a_model(said, model):
    """What was asked for, sent and served are names of the same, in any spelling that agents use."""
    said.claude_request(0, model=model)

    assert Ledger([exchange("r-1")], said).pairs() == {"r-1": "session_tokens"}


def test_a_client_counts_the_answer_alone(said):
    """What was charged beside it is in the row's totals, and no reason to take the report for another request's."""
    said.claude_request(0)
    beside = (UsageLine(kind="compaction", input_tokens=900, output_tokens=70), UsageLine(kind="web_search", uses=2))
    usage = Usage(input_tokens=10, cache_read_tokens=0, output_tokens=50, beside=beside)

    ledger = Ledger([exchange("r-1", 0, usage)], said)
    assert ledger.pairs() == {"r-1": "session_tokens"}
    assert ledger.one("exchanges")["input_tokens"] == 910


def test_a_clock_that_is_wrong(said):
    """Counts within a session need no clock."""
    said.claude_request(7200)

    assert Ledger([exchange("r-1")], said).pairs() == {"r-1": "session_tokens"}


@pytest.mark.parametrize(("at_s", "kind"), [(59, "session_time"), (-59, "session_time"), (61, None)])
def test_an_answer_that_nobody_counted(said, at_s, kind):
    """Where the gateway only guessed, session, model and time decide, within a minute."""
    said.claude_request(at_s, (77, 0, 0, 5))
    alone = {} if kind else {("bypassed", 77): None}

    assert Ledger([exchange("r-1", 0, (9000, 0, 0, 1), estimated=True)], said).pairs() == {"r-1": kind, **alone}


def test_the_failed_one_of_two(said):
    """A failed report goes to the exchange that ended badly, never to its neighbour that was answered."""
    said.claude("api_error", 10.0, model="claude-opus-4-6", error="Connection lost")
    good, bad = exchange("good", 10.0), exchange("bad", 9.0, None, ended="cut")

    assert Ledger([good, bad], said).pairs() == {"good": None, "bad": "session_time"}
    assert Ledger([good], said).pairs() == {"good": None, ("failed", None): None}


def test_a_broken_answer(said):
    """Of an answer that broke off, the two sides may have seen different ends."""
    said.claude_request(0, (10, 0, 0, 3))

    assert Ledger([exchange("r-1", 0, (10, 0, 0, 9), ended="client_gone")], said).pairs() == {"r-1": "session_tokens"}


def test_a_count_of_tokens_is_no_request(said):
    """What agents never report is never taken for what they do, and stays in the view."""
    said.claude_request(0, (77, 0, 0, 5))
    counting = exchange("count", 0, None, api_type="anthropic/v1/messages/count_tokens")

    assert Ledger([counting], said).pairs() == {"count": None, ("bypassed", 77): None}


def test_what_did_not_pass(said):
    """A report without an exchange has the client's word alone."""
    said.claude_request(10, (5, 1, 0, 7), request_id="elsewhere", user_email="ada@work")
    row = Ledger([], said).one("exchanges")
    ours = ("request_id", "requester", "status_code", "ended", "input_tokens", "charge", "latency_ms", "endpoint_name", "model_served")

    assert (row["via"], row["agent"], row["session_id"], row["client_user"], row["client_input_tokens"]) == (
        "bypassed",
        "claude-code",
        "s-1",
        "ada@work",
        6,
    )
    assert row["client_reported"] is True
    assert {name: row[name] for name in ours} == dict.fromkeys(ours)
    assert row["client_reported_at"] - row["event_time"] == dt.timedelta(seconds=2)


def test_what_nobody_answered(said):
    """A failed report without an exchange is no proof that anything went elsewhere: the gateway may have been down."""
    said.claude("api_error", 0, model="claude-opus-4-6", error="Connection error.")

    assert Ledger([], said).pairs() == {("failed", None): None}


def test_a_record_that_arrived_twice(said):
    """An export that was repeated, or sent to a second table, is the same record."""
    said.claude_request(0, request_id="r-1", sequence=4)
    said.codex_request(1)
    said.gemini_request(2, response_id="g-1")
    said.again("")
    said.again("second_")
    passed = [exchange("r-1"), exchange("r-2", 1, (890, 10, 0, 40), "codex"), exchange("r-3", 2, (900, 0, 0, 40), "gemini-cli", response_id="g-1")]

    assert Ledger(passed, said).pairs() == {"r-1": "request_id", "r-2": "session_tokens", "r-3": "response_id"}
