"""How much of what passed was reported, and how much of what was reported passed."""

import datetime as dt

import pytest

from tests.fakes.agent_telemetry import Telemetry
from tests.fakes.ledger_views import Ledger, exchange

DAY = dt.date(2026, 9, 21)  # of the beginning


@pytest.fixture
def said():
    """What the agents export."""
    return Telemetry()


def by_requester(ledger):
    """The rows by agent and requester."""
    return {(row["agent"], row["requester"]): row for row in ledger.rows("coverage")}


def test_shares(said):
    """Of 240 tokens that passed 180 were reported; of 300 that were reported 120 did not pass."""
    for number in range(3):
        said.claude_request(number, request_id=f"r-{number}")
    said.claude_request(10, (70, 0, 0, 50), request_id="elsewhere")
    said.claude("api_error", 11, model="claude-opus-4-6", error="Connection error.")
    row = Ledger([exchange(f"r-{number}", number) for number in range(4)], said).one("coverage")

    assert (row["day"], row["agent"], row["requester"]) == (DAY, "claude-code", "ada@example.com")
    assert (row["gateway_requests"], row["gateway_requests_reported"], row["gateway_tokens"], row["gateway_tokens_reported"]) == (4, 3, 240, 180)
    assert (row["client_requests"], row["client_requests_bypassed"], row["client_requests_failed"]) == (5, 1, 1)
    assert (row["client_tokens"], row["client_tokens_bypassed"]) == (300, 120)
    assert (row["reported_share"], row["bypassed_share"]) == (0.75, 0.4)


def test_who_went_past(said):
    """A session that was seen says whose the unseen requests were; else what the client says; else nobody knows."""
    said.claude_request(1, (70, 0, 0, 50), session="s-1", user_email="someone@else")
    said.claude_request(2, (71, 0, 0, 50), session="s-2", user_email="bob@work")
    said.claude_request(3, (72, 0, 0, 50), session="s-3")
    rows = by_requester(Ledger([exchange("r-1")], said))

    assert {key: (row["client_tokens_bypassed"], row["bypassed_share"], row["reported_share"]) for key, row in rows.items()} == {
        ("claude-code", "ada@example.com"): (120, 1.0, 0.0),
        ("claude-code", "bob@work"): (121, 1.0, None),
        ("claude-code", None): (122, 1.0, None),
    }


def test_days_and_agents(said):
    """Each day and each agent stand for themselves; an exchange of an agent nobody knows is there too."""
    passed = [exchange("r-1"), exchange("r-2", 86400), exchange("r-3", 0, agent="opencode"), exchange("r-4", 0, agent="")]
    rows = Ledger(passed, said).rows("coverage")

    assert sorted((row["day"], row["agent"], row["gateway_tokens"], row["reported_share"], row["bypassed_share"]) for row in rows) == [
        (DAY, "claude-code", 60, 0.0, None),
        (DAY, "opencode", 60, 0.0, None),
        (DAY, "unknown", 60, 0.0, None),
        (DAY + dt.timedelta(days=1), "claude-code", 60, 0.0, None),
    ]


def test_nothing_yet():
    """An empty gateway has no coverage, and no shares of nothing."""
    assert Ledger([]).rows("coverage") == []
