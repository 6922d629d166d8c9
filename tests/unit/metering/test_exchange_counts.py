"""What exchanges add up to, within bounds."""

import pytest

from headgate.core.audit_event import GATEWAY
from headgate.core.record import AttemptRecord
from headgate.core.usage import Usage, UsageLine
from headgate.metering.exchange_counts import AGENTS_MAX, ENDPOINTS_MAX, NONE, OTHER, PROVIDERS_MAX, USERS_MAX, Buckets, ExchangeCounts
from headgate.metering.metric_table import (
    DURATION,
    EXCHANGES,
    LOOP_LAG,
    OVERHEAD,
    REFUSALS,
    RETRIES,
    TIME_TO_FIRST_BYTE,
    TOKENS,
    USER_EXCHANGES,
    USER_TOKENS,
)
from tests.fakes.records import AT_NS, intent, outcome

TARGET = ("databricks-claude-opus-4-6", "anthropic")


def tried(action="", provider="anthropic", after_ns=4_000_000):
    """A try that began so long after the request."""
    return AttemptRecord(provider=provider, model="claude-opus-4-6", status_code=200, started_at_ns=AT_NS + after_ns, latency_ms=2000, action=action)


@pytest.fixture
def counts():
    """None yet."""
    return ExchangeCounts()


def test_an_exchange_is_counted_by_its_labels(counts):
    """Endpoint, provider, agent, class of the status, and how it ended; tokens by their class, with everything that is charged beside the answer."""
    more = Usage(
        input_tokens=1, output_tokens=2, reasoning_tokens=1, beside=(UsageLine(kind="compaction", cache_write_1h_tokens=7, output_tokens=3),)
    )
    for ended in (outcome("a"), outcome("b"), outcome("c", usage=more), outcome("d", usage=None, status_code=499, ended="client_gone")):
        counts.exchange_ended(ended)
    values = counts.values()

    assert values[EXCHANGES] == {(*TARGET, "claude-code", "2xx", "completed"): 3, (*TARGET, "claude-code", "4xx", "client_gone"): 1}
    assert values[TOKENS] == {
        (*TARGET, "claude-code", name): count
        for name, count in {
            "fresh_input": 21, "cache_read": 2000, "cache_write_5m": 400, "cache_write_1h": 7, "output": 105, "reasoning": 1,
        }.items()
    }  # fmt: skip


def test_times_are_of_what_was_sent(counts):
    """A refusal has no times, an answer that never began none to its first byte."""
    counts.exchange_ended(outcome("a", attempts=(tried(),)))
    counts.exchange_ended(outcome("b", attempts=(tried(),), time_to_first_byte_ms=0))
    counts.exchange_ended(outcome("c", attempts=(), ended="refused", status_code=429))
    values = counts.values()

    assert (sum(values[TIME_TO_FIRST_BYTE][TARGET].counts), values[TIME_TO_FIRST_BYTE][TARGET].total) == (1, 0.3)
    assert (sum(values[DURATION][TARGET].counts), values[DURATION][TARGET].total) == (2, 4.0)
    assert (sum(values[OVERHEAD][TARGET].counts), values[OVERHEAD][TARGET].total) == (2, 0.008)


def test_more_tries_are_counted_by_what_was_done(counts):
    """One try is the rule and counts nothing."""
    counts.exchange_ended(outcome("a", attempts=(tried(),)))
    counts.exchange_ended(outcome("b", attempts=(tried(), tried("retry"), tried("fallback", "bedrock"))))
    counts.exchange_ended(outcome("c", attempts=(tried("circuit_open"), tried("fallback", "bedrock"))))

    assert counts.values()[RETRIES] == {("anthropic", "retry"): 1, ("bedrock", "fallback"): 2, ("anthropic", "circuit_open"): 1}


def test_what_providers_refuse_is_counted_by_whose_key_it_was(counts):
    """Headgate's own refusals are counted elsewhere, with their reasons."""
    counts.exchange_ended(outcome("a", ended="failed", status_code=529))
    counts.exchange_ended(outcome("b", ended="cut"))
    counts.exchange_ended(outcome("c", ended="failed", status_code=502, error_code="provider_credential_refused"))
    counts.exchange_ended(outcome("d", ended="refused", status_code=429, error_code="rate_limit"))

    assert counts.values()[REFUSALS] == {(GATEWAY, "provider"): 2, (GATEWAY, "provider_credential"): 1}


def test_labels_are_bounded(counts):
    """Beyond the limit of each label its further values are one, and no exchange is left out. What is known stays as it is."""
    many = max(ENDPOINTS_MAX, PROVIDERS_MAX, AGENTS_MAX) + 20
    for number in range(many):
        counts.exchange_ended(outcome("r", intent=intent("r", endpoint=f"e{number}", provider=f"p{number}", agent=f"a{number}")))
    counts.exchange_ended(outcome("r", intent=intent("r", endpoint="e0", provider="p0", agent="a0")))
    found = counts.values()[EXCHANGES]
    used = [set(label) for label in zip(*found, strict=True)]

    assert [len(label) for label in used[:3]] == [ENDPOINTS_MAX + 1, PROVIDERS_MAX + 1, AGENTS_MAX + 1]
    assert all(OTHER in label for label in used[:3])
    assert sum(found.values()) == many + 1
    assert found["e0", "p0", "a0", "2xx", "completed"] == 2


def test_what_is_unknown_is_none(counts):
    """A request that was refused before its endpoint was found has no endpoint, no provider and no status of a class."""
    counts.exchange_ended(outcome("r", intent=intent("r", endpoint="", provider="", agent=""), status_code=0, attempts=(), usage=None))

    assert counts.values()[EXCHANGES] == {(NONE, NONE, NONE, NONE, "completed"): 1}


def test_users_are_counted_only_where_that_is_wanted():
    """From the tick after the setting changed; their numbers are forgotten when it changes back, and there is a limit to their names."""
    wanted = False
    counts = ExchangeCounts(lambda: wanted)
    counts.exchange_ended(outcome("a"))
    counts.tick()
    assert USER_EXCHANGES not in counts.values()

    wanted = True
    counts.tick()
    counts.exchange_ended(outcome("b"))
    assert counts.values()[USER_EXCHANGES] == {("ada@example.com",): 1}
    assert counts.values()[USER_TOKENS]["ada@example.com", "cache_read"] == 1000
    for number in range(USERS_MAX + 5):
        counts.exchange_ended(outcome("c", intent=intent("c", requester=f"user-{number}"), usage=None))
    assert len(counts.values()[USER_EXCHANGES]) == USERS_MAX + 1

    wanted = False
    counts.tick()
    assert USER_EXCHANGES not in counts.values()
    assert sum(counts.values()[EXCHANGES].values()) == USERS_MAX + 7


def test_a_value_at_a_bound_is_within_it():
    """As Prometheus has it: `le` is less or equal."""
    histogram = Buckets(LOOP_LAG, 1_000_000)
    for micros in (0, 1000, 1001, 10_000_000, 10_000_001):
        histogram.observe(micros)

    assert histogram.observed.counts == (2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1)
    assert histogram.observed.total == pytest.approx(20.002002)
