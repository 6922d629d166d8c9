"""The demo's month: the same each time, with all that it is known for, and adding up in every row."""

import datetime as dt
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.app.demo_month import calendar
from headgate.app.demo_month.cast import GEMINI_FLASH, HAIKU, IN_HOUSE, OPUS, PEOPLE, SONNET
from headgate.app.demo_month.timeline import Timeline, day_of, month_begins_ns, stretches
from headgate.core.clock import midnight_ns
from headgate.metering.bill import bill
from headgate.metering.price_data import PriceBook
from headgate.storage.rows.rates import read_overlay
from headgate.storage.rows.usage_rows import UsageRows
from tests.fakes.demo import ANCHOR, CAST

NOW_NS = midnight_ns(ANCHOR) + 9 * 3_600_000_000_000
SESSIONS = [session for number in range(calendar.DAYS) for session in calendar.sessions_on(CAST, ANCHOR - dt.timedelta(days=number))]
OUTCOMES = [step.outcome for session in SESSIONS for step in session.steps if not step.bypassed]


@pytest.fixture(scope="module")
def rates_of():
    """The price list."""
    return PriceBook.load(overlay=read_overlay()).rates


def test_the_month_is_the_same_each_time():
    """Made again, and cut into other stretches of time, every record is the same one; none is there twice."""
    begins_ns = month_begins_ns(ANCHOR)
    timeline, again = Timeline(CAST), Timeline(CAST)
    by_day = [one for stretch in stretches(begins_ns, NOW_NS) for one in timeline.outcomes(*stretch)]
    moments = [begins_ns, begins_ns + 7 * 86_400_000_000_123, NOW_NS - 1_000_000, NOW_NS]
    otherwise = [one for begin, end in pairwise(moments) for one in again.outcomes(begin, end)]

    assert by_day == otherwise
    assert len({one.intent.request_id for one in by_day}) == len(by_day)
    assert all(begins_ns < one.ended_at_ns <= NOW_NS for one in by_day)
    assert [one.ended_at_ns for one in by_day] == sorted(one.ended_at_ns for one in by_day)


@given(st.dates(min_value=dt.date(2025, 1, 1), max_value=dt.date(2031, 12, 31)))
def test_what_the_month_is_known_for_is_in_every_month(anchor):
    """Whatever the last day is: once each, on working days before it."""
    cast = calendar.Cast(CAST.identities, anchor)
    days = [anchor - dt.timedelta(days=number) for number in range(calendar.DAYS)]
    incidents = [day for day in days if calendar.incident_on(cast, day) is not None]

    assert len(incidents) == 1
    assert incidents[0].weekday() < 5


def test_who_and_what_is_in_it():
    """Ten people, five agents, six models with a price and one without, sub-agents, and the sessions that are special."""
    intents = [outcome.intent for outcome in OUTCOMES]

    assert 17_000 < len(OUTCOMES) < 23_000
    assert {intent.requester for intent in intents} == {person.name for person in PEOPLE}
    assert {intent.agent for intent in intents} == {"claude-code", "codex", "gemini-cli", "cursor", "opencode"}
    assert {intent.model_sent for intent in intents if intent.model_sent} == {
        OPUS,
        SONNET,
        HAIKU,
        "gpt-5.2",
        "gemini-2.5-pro",
        GEMINI_FLASH,
        IN_HOUSE,
    }
    assert {session.special for session in SESSIONS} == {"", calendar.RUNAWAY, calendar.BROKEN_CACHE, calendar.SUBAGENTS}
    assert any(intent.subagent_id for intent in intents)
    assert len({(intent.agent, intent.agent_version) for intent in intents}) > 8


def test_weekends_are_low_and_the_incident_day_is_bad():
    """A day of the weekend has a fraction of a working day; on the day of the incident most failures of the month happen."""
    days = Counter(day_of(outcome.intent.started_at_ns) for outcome in OUTCOMES)
    failures = Counter(day_of(outcome.intent.started_at_ns) for outcome in OUTCOMES if outcome.ended == "failed")
    working = [count for day, count in days.items() if day.weekday() < 5]
    weekend = [count for day, count in days.items() if day.weekday() >= 5]

    assert max(weekend) < min(working) / 2
    worst, count = failures.most_common(1)[0]
    assert calendar.incident_on(CAST, worst) is not None
    assert count > 4 * failures.most_common(2)[1][1]


def test_it_has_every_way_to_end():
    """Refused by each of our reasons, failed by the provider's, cut, left, and tried again."""
    endings = Counter((outcome.ended, outcome.error_code) for outcome in OUTCOMES)

    for ending in (
        ("refused", "limit_user_default"), ("refused", "budget_exhausted"), ("refused", "permission_missing"), ("refused", "model_not_found"),
        ("failed", "overloaded_error"), ("failed", "rate_limit_error"), ("cut", "cut"), ("client_gone", ""),
    ):  # fmt: skip
        assert endings[ending] > 1, ending
    assert any(len(outcome.attempts) == 2 for outcome in OUTCOMES)


def test_a_broken_prefix_shows_in_the_cache():
    """The session reads nothing from its cache at the requests at which its prefix changed, and all of it before."""
    broken = next(session for session in SESSIONS if session.special == calendar.BROKEN_CACHE)
    usages = [step.outcome.usage for step in broken.steps if step.outcome.usage is not None and step.outcome.intent.model_sent == SONNET]
    missed = [number for number, usage in enumerate(usages) if number and not usage.cache_read_tokens]

    assert len(missed) >= 2
    assert all(usages[number].cache_write_5m_tokens > 10_000 for number in missed)


def test_every_row_adds_up(rates_of):
    """Totals are the sums of their classes, every price is known but that of the model without one, and nothing is charged."""
    rows = UsageRows(rates_of).table(OUTCOMES).to_pylist()
    assert len(rows) == len(OUTCOMES)
    for row in rows:
        classes = [row[name] or 0 for name in ("fresh_input_tokens", "cache_read_tokens", "cache_write_5m_tokens", "cache_write_1h_tokens")]
        assert (row["input_tokens"] or 0) == sum(classes)
        assert (row["total_tokens"] or 0) == sum(classes) + (row["output_tokens"] or 0)
        assert (row["reasoning_tokens"] or 0) <= (row["output_tokens"] or 0)
        assert (row["latency_ms"] or 0) >= (row["time_to_first_byte_ms"] or 0)
        assert row["charge_status"] in {"demo", "none", "unpriced"}
        assert (row["charge_status"] == "unpriced") == (row["model_sent"] == IN_HOUSE and row["input_tokens"] is not None)
    assert sum(line["charge"] or 0 for row in rows for line in row["usage_lines"]) == sum(row["charge"] or 0 for row in rows)


def test_the_runaway_session_uses_up_a_day(rates_of):
    """It is stopped when about a day's budget is spent."""
    runaway = next(session for session in SESSIONS if session.special == calendar.RUNAWAY)
    day = day_of(runaway.begun_at_ns)
    own = [one for one in OUTCOMES if one.intent.requester == runaway.person.name and day_of(one.intent.started_at_ns) == day]
    spent = sum(bill(one, rates_of).charge or 0 for one in own)

    assert runaway.steps[-1].outcome.error_code == "budget_exhausted"
    assert 34 < spent <= 41
