"""The settled ledger is exact: settled days, a draft and the live part together say what the views say over all rows at once."""

import random
from collections import Counter

import pytest

from headgate.catalog.ledger.settled import DAY_US, SettledTime
from headgate.catalog.ledger.settling_plan import Extent, next_step
from headgate.catalog.ledger.sources import Stretch
from tests.fakes.agent_telemetry import CUMULATIVE, Telemetry, ns
from tests.fakes.ledger_views import Ledger, exchange

DAY_S = 86_400
MIDNIGHT_S = DAY_S - ns(0) // 10**9 % DAY_S  # the first one after the beginning
VIEWS = ("client_tools", "client_sessions", "coverage", "sessions")


class History:
    """Some days of four agents, with sessions that go on over midnight and are taken up again days later; what a seed makes."""

    def __init__(self, seed, sessions):
        self.said = Telemetry()
        self.passed = []
        self._rng = random.Random(seed)
        for number in range(sessions):
            # Every second one begins shortly before a midnight, or shortly before the end of the draft.
            edge = MIDNIGHT_S + self._rng.choice([0, 1, 2, 3, 3.25]) * DAY_S
            begins_s = edge - self._rng.uniform(0, 1500) if number % 2 else self._rng.uniform(0, MIDNIGHT_S + 3.4 * DAY_S)
            self._session(number, begins_s)
            if number % 3 == 0:
                self._session(number, begins_s + self._rng.choice([4000, DAY_S, 2 * DAY_S]))

    def _session(self, number, begins_s):
        agent = ("claude-code", "codex", "gemini-cli", "opencode")[number % 4]
        at_s, session = begins_s, f"s-{number}"
        for step in range(self._rng.randint(2, 6)):
            at_s = round(at_s + self._rng.uniform(5, 600), 3)
            tokens = (self._rng.randint(100, 10**6), 10, 0, self._rng.randint(1, 10**5))
            self._request(agent, session, at_s, tokens, f"{number}-{begins_s:.0f}-{step}")
            self._beside(agent, session, at_s, begins_s)

    def _request(self, agent, session, at_s, tokens, name):
        # The first request of a session is known to both sides: who uses it need not be found out days later.
        first = name.endswith("-0")
        reported, seen = first or self._rng.random() < 0.8, first or self._rng.random() < 0.8
        if seen or agent == "opencode":
            about = {"session_id": session} if agent in {"claude-code", "codex"} else {}
            turn = {"turn_id": f"turn-{name[:-2]}"} if agent == "claude-code" else {}
            token = {"token_id": f"tok-{session}"}
            self.passed.append(exchange(f"r-{name}", at_s, tokens, agent, **about, **turn, **token))
        if not reported:
            return
        match agent:
            case "claude-code":
                self.said.claude_request(at_s, tokens, session, request_id=f"r-{name}")
            case "codex":
                self.said.codex_request(at_s, (tokens[0] + tokens[1], tokens[3]), session)
            case "gemini-cli":
                self.said.gemini_request(at_s, (tokens[0] + tokens[1], tokens[3]), session, response_id=f"answer-r-{name}")

    def _beside(self, agent, session, at_s, begins_s):
        """Prompts, tools and counters."""
        match agent:
            case "claude-code":
                call = f"call-{at_s}"
                self.said.claude("user_prompt", at_s, session)
                self.said.claude("tool_decision", at_s, session, tool_use_id=call, tool_name="Edit", decision="accept")
                self.said.claude("tool_result", at_s + self._rng.uniform(1, 900), session, tool_use_id=call, tool_name="Edit", success="true")
                self.said.metric("claude_code.lines_of_code.count", 3.0, at_s, session, start_s=at_s - 5, type="added")
            case "codex":
                self.said.codex("user_prompt", at_s, session)
            case "gemini-cli":
                self.said.gemini("user_prompt", at_s, session)
                for later_s in (0, 60, 120):  # a process says again and again what it has counted
                    total = float(round(at_s - begins_s))
                    self.said.metric(
                        "gemini_cli.lines.changed", total, at_s + later_s, session, start_s=begins_s, temporality=CUMULATIVE, type="added"
                    )


def rows(ledger, view):
    """The rows of a view, however often each is there; floats as far as the order of adding leaves them the same."""
    return Counter(tuple(round(value, 6) if isinstance(value, float) else str(value) for value in row.values()) for row in ledger.rows(view))


def settle_until(ledger, now_us, extent, *, whole=False):
    """Settle all that is over at a moment, and a draft."""
    for _ in range(20):
        step = next_step(ledger.known.days_alone, extent, now_us, 91)
        ledger.settle(step, whole=whole)
        if ledger.known.edition:
            return


@pytest.mark.parametrize(("seed", "rows_in_all", "whole_sessions"), [pytest.param(1, 10**9, False, marks=pytest.mark.slow), (2, 10, True)])
def test_settled_and_live_are_the_whole(seed, rows_in_all, whole_sessions):
    """Days one by one or several at once, then a draft, then what is live: row for row what the views say over everything."""
    history = History(seed, 24)
    ledger = Ledger(history.passed, history.said)
    whole = {view: rows(ledger, view) for view in VIEWS}
    now_us = ns(MIDNIGHT_S + 3.25 * DAY_S + 1800) // 1000
    settle_until(ledger, now_us, Extent(ns(0) // 1000, rows_in_all), whole=whole_sessions)

    assert ledger.known.whole == whole_sessions
    assert ledger.known.days_until_us == ns(MIDNIGHT_S + 2 * DAY_S) // 1000
    assert ledger.known.draft_until_us < now_us
    for view in VIEWS:
        found = rows(ledger, view)
        assert found - whole[view] == whole[view] - found == Counter(), view


def test_a_draft_gives_way_to_the_next_one():
    """The rows of an older draft are still in the tables, and count no more."""
    history = History(3, 8)
    ledger = Ledger(history.passed, history.said)
    whole = {view: rows(ledger, view) for view in VIEWS}
    extent = Extent(ns(0) // 1000, 10)
    for later_s in (0, 7200):
        settle_until(ledger, ns(MIDNIGHT_S + 3.25 * DAY_S + 1800 + later_s) // 1000, extent)

    assert all(rows(ledger, view) == whole[view] for view in VIEWS)


def test_threads_of_settled_sessions_go_on():
    """A thread that was a session by itself is named later, one that was named goes on, and so does an agent that its request does not name: whole sessions
    are put together anew, and others are left as they are.
    """
    said, before_s, after_s = Telemetry(), MIDNIGHT_S + 3 * DAY_S, MIDNIGHT_S + 3.25 * DAY_S
    passed = [
        exchange("r-1", before_s, agent="codex", session_id="s-1"),
        exchange("r-2", before_s, agent="codex", session_id="s-2", subagent_id="thread-2"),
        exchange("r-3", before_s, agent="codex", session_id="s-3"),
        exchange("r-4", before_s, agent="", session_id="s-4"),
        exchange("r-5", after_s, agent="codex", session_id="s-1", subagent_id="thread-1"),
        exchange("r-6", after_s, agent="claude-code", session_id="s-4"),
    ]
    for thread in ("thread-1", "thread-2"):
        said.codex("user_prompt", before_s, thread)
    said.codex("tool_result", after_s, "thread-2", call_id="c", tool_name="shell", success="true", arguments="git commit -m x")
    ledger = Ledger(passed, said)
    whole = rows(ledger, "sessions")
    settle_until(ledger, ns(after_s - 60 + 1800) // 1000, Extent(ns(0) // 1000, 10), whole=True)

    assert sorted(row["session_id"] for row in ledger.rows("settled_whole_sessions")) == ["s-1", "s-2", "s-3", "s-4", "thread-1"]
    assert sorted(row["session_id"] for row in ledger.rows("sessions")) == ["s-1", "s-2", "s-3", "s-4"]
    assert {row["touched"] for row in ledger.rows("live_whole_sessions")} == {"s-1", "s-2", "s-4", "thread-1", "thread-2"}
    assert rows(ledger, "sessions") == whole


def test_a_run_goes_on_in_the_next_stretch():
    """An agent that names no session works on over the end of what is settled: one session, under the id of its first request."""
    at = [MIDNIGHT_S + DAY_S + seconds for seconds in (-3000, -1500, -100, 1200, 2500)]
    ledger = Ledger([exchange(f"r-{number}", at_s, agent="opencode") for number, at_s in enumerate(at)])
    until_us = ns(MIDNIGHT_S + DAY_S) // 1000
    whole = ledger.one("sessions")
    step = next_step(SettledTime(), Extent(until_us - DAY_US, 1), until_us + 2 * DAY_US, 91)
    one_day = type(step)(stretch=Stretch(start_us=until_us - DAY_US, end_us=until_us, margin_s=DAY_S), afterwards=SettledTime(days_until_us=until_us))
    ledger.settle(one_day)

    assert (whole["session_id"], whole["requests"]) == ("run:r-0", 5)
    assert ledger.one("sessions") == whole


def test_every_view_keeps_its_types():
    """A view has the same columns whether something is settled or not."""
    ledger = Ledger([exchange("r-1", 60)], Telemetry())
    whole = {view: ledger.ask(f"SELECT * FROM {view}").schema for view in VIEWS}
    ledger.known = SettledTime(days_until_us=ns(MIDNIGHT_S) // 1000)

    for view in VIEWS:
        assert ledger.ask(f"SELECT * FROM {view}").schema.equals(whole[view]), view
