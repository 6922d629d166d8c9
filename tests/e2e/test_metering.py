"""What the usage rows say after exchanges of every kind, held against what the provider reported."""

import itertools
import json
from collections import Counter
from decimal import Decimal

import pytest

from tests.e2e.asking import ANTHROPIC, CASES, CHAT, GOOGLE, Asking
from tests.e2e.lab import KEY, USER, until
from tests.e2e.scraped import metrics
from tests.fakes.turns import Cut, Refuse, Text, Tokens, Turn, say

each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.dialect)
each_way = pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])


@pytest.fixture(scope="module")
def numbers():
    """Tags that make rows findable."""
    return itertools.count()


@pytest.fixture
def ask(lab, numbers):
    """Asks to the end; returns the answer's bytes and the exchange's one row."""

    def one(case, *, stream=True, path="", body=None):
        tag = f"n{next(numbers)}"
        headers = {"Databricks-Ai-Gateway-Request-Tags": json.dumps({"n": tag})}
        with Asking(lab.url, lab.token, path or case.path(stream=stream), body or case.body("Count to ten.", stream=stream), headers) as asking:
            received = asking.rest()
        (row,) = [row for row in lab.gateway.rows(1) if (row["request_tags"] or {}).get("n") == tag]
        return received, row

    return one


def classes(row):
    """Fresh, read, written for 5 minutes and for an hour, output."""
    names = ("fresh_input_tokens", "cache_read_tokens", "cache_write_5m_tokens", "cache_write_1h_tokens", "output_tokens")
    return tuple(row[name] or 0 for name in names)


@each_case
@each_way
def test_every_class(play, ask, case, stream):
    """The classes are told apart in every wire format, and the charge is made of them."""
    writes = {"write_5m": 30, "write_1h": 50} if case is ANTHROPIC else {}
    play(Turn((Text("one two three"),), Tokens(fresh=1000, read=200, output=40, reasoning=0 if case is ANTHROPIC else 15, **writes)))
    _, row = ask(case, stream=stream)
    assert classes(row) == (1000, 200, writes.get("write_5m", 0), writes.get("write_1h", 0), 40)
    assert row["input_tokens"] == 1200 + sum(writes.values())
    assert row["usage_estimated"] is False
    rates = row["rates"]
    expected = 1000 * rates["input_mtok"] + 200 * rates["cache_read_mtok"] + 40 * rates["output_mtok"]
    if writes:
        expected += 30 * rates["cache_write_5m_mtok"] + 50 * rates["cache_write_1h_mtok"]
    assert float(row["charge"]) == pytest.approx(expected / 1e6, rel=1e-6)


@each_way
def test_everything_that_is_charged_is_in_the_row(play, ask, stream):
    """A compaction in fast mode and searches, from the provider's bytes to the lines of the row; counts and charges add up."""
    compaction = {"type": "compaction", "input_tokens": 100_000, "cache_read_input_tokens": 80_000, "output_tokens": 3_500}
    message = {"type": "message", "input_tokens": 23_000, "output_tokens": 1_000}
    more = {"iterations": [compaction, message], "speed": "fast", "server_tool_use": {"web_search_requests": 3}, "cost": 0.25}
    play(Turn((Text("one two three"),), Tokens(fresh=23_000, output=1_000, more=more)))
    _, row = ask(ANTHROPIC, stream=stream)
    assert (row["fresh_input_tokens"], row["cache_read_tokens"], row["output_tokens"]) == (123_000, 80_000, 4_500)
    assert [(line["kind"], line["tier"], line["uses"]) for line in row["usage_lines"]] == [
        ("answer", "fast", None),
        ("compaction", "fast", None),
        ("web_search", None, 3),
    ]
    assert row["charge_status"] == "priced"
    assert float(row["charge"]) == pytest.approx(sum(float(line["charge"]) for line in row["usage_lines"]))
    assert (row["service_tier"], row["charge_reported"], row["usage_estimated"]) == ("fast", 0.25, False)


@each_case
@each_way
def test_zero_stays_zero(play, ask, case, stream):
    """Counts of zero are reports, not gaps."""
    play(Turn((Text("one"),), Tokens(fresh=9, output=0)))
    _, row = ask(case, stream=stream)
    assert (row["output_tokens"], row["usage_estimated"]) == (0, False)


@each_case
@each_way
def test_silent_provider_is_estimated(play, ask, case, stream):
    """A provider that reports nothing gets the estimate, and the row says so."""
    play(Turn((Text("one two three four five six seven eight"),), tokens=None))
    _, row = ask(case, stream=stream)
    assert row["usage_estimated"] is True
    assert row["output_tokens"] == pytest.approx(10, abs=3)
    assert row["input_tokens"] > 0


@each_case
def test_a_cut_stream_is_counted_as_far_as_it_came(play, ask, case):
    """What passed before the break is counted, as an estimate."""
    play(Turn((Text("one two three four five six seven eight", pieces=8),), Tokens(fresh=77, output=500), fault=Cut(after_frames=6)))
    _, row = ask(case)
    assert row["ended"] == "cut"
    assert row["usage_estimated"] is True
    assert 0 < row["output_tokens"] < 500
    if case in {ANTHROPIC, GOOGLE}:
        assert row["fresh_input_tokens"] == 77  # reported at the start


def test_counting_tokens_uses_none(lab, ask):
    """A count of tokens has a row without tokens and without a charge."""
    body = json.dumps({key: value for key, value in ANTHROPIC.fields().items() if key in {"model", "messages"}}).encode()
    _, row = ask(ANTHROPIC, path="/anthropic/v1/messages/count_tokens", body=body)
    assert (row["input_tokens"] or 0, row["output_tokens"] or 0) == (0, 0)
    assert row["charge_status"] == "none"
    assert row["api_type"] == "anthropic/v1/messages/count_tokens"


@each_case
def test_a_refusal_costs_nothing(play, ask, case):
    """An error answer has a row with its status and no tokens."""
    play(Turn(fault=Refuse(429, "slow down")))
    _, row = ask(case)
    assert (row["status_code"], row["ended"], row["output_tokens"]) == (429, "failed", None)
    assert row["charge_status"] == "none"
    assert "slow down" in row["error_message"]


@each_case
@each_way
def test_a_refused_key_is_headgates(play, ask, case, stream):
    """A provider's 401 is about Headgate's key, and the client hears that and no 401."""
    play(Turn(fault=Refuse(401, "invalid key")))
    received, row = ask(case, stream=stream)
    assert b"It is not your token" in received
    assert (row["status_code"], row["ended"], row["error_code"]) == (502, "failed", "provider_credential_refused")
    assert row["charge_status"] == "none"


@each_case
@each_way
def test_the_key_never_comes_back(play, ask, case, stream):
    """A provider that repeats its key, in an answer or an error, does not give it away: not to the client, not to the books."""
    play(Turn((Text(f"key {KEY}", pieces=1),)), Turn(fault=Refuse(403, f"the key {KEY} is refused")))
    for _ in range(2):
        received, row = ask(case, stream=stream)
        assert KEY.encode() not in received
        assert KEY not in json.dumps(row, default=str)


def test_who_asked(play, ask):
    """A row says who asked, with which token, for what, and where it went."""
    play(say("hello"))
    _, row = ask(CHAT)
    assert row["requester"] == USER
    assert row["requester_type"] == "USER"
    assert row["token_id"]
    assert row["endpoint_name"] == CHAT.endpoint
    assert (row["destination_name"], row["destination_model"], row["model_asked"]) == ("lab-openai", "gpt-5.2", CHAT.endpoint)
    assert row["user_agent"] == "headgate-tests"
    assert row["ip_address"] == "127.0.0.1"


def summed(rows, *columns, of=lambda _row: 1):
    """The rows' values added up by some of their columns."""
    sums = Counter()
    for row in rows:
        sums[tuple(row[column] or "none" for column in columns)] += of(row)
    return {key: value for key, value in sums.items() if value}


def test_metrics_are_what_the_rows_add_up_to(lab, play, ask):
    """Counted a second way: every request of the tests above, by their labels; tokens by class, times, and charges to the last digit."""
    play(say("hello"))
    ask(ANTHROPIC)
    rows = lab.gateway.rows()
    until(lambda: sum(metrics(lab.url)["headgate_usage_rows_total"].values()), len(rows))
    found = metrics(lab.url)
    for row in rows:
        row["class"] = f"{row['status_code'] // 100}xx"
    sent = [row for row in rows if row["routing_information"]["attempts"]]
    target = ("endpoint_name", "destination_name")

    assert found["headgate_exchanges_total"] == summed(rows, "agent", "endpoint_name", "ended", "destination_name", "class")
    for name in ("fresh_input", "cache_read", "cache_write_5m", "cache_write_1h", "output", "reasoning"):
        own = {key: value for key, value in found["headgate_tokens_total"].items() if name in key and value}
        rows_own = summed(rows, "agent", *target, of=lambda row, name=name: row[f"{name}_tokens"] or 0)
        assert own == {(agent, name, endpoint, provider): value for (agent, endpoint, provider), value in rows_own.items()}, name
    assert found["headgate_exchange_duration_seconds_count"] == summed(sent, *target)
    assert found["headgate_overhead_seconds_count"] == summed(sent, *target)
    assert found["headgate_time_to_first_byte_seconds_count"] == summed([row for row in rows if row["time_to_first_byte_ms"]], *target)
    assert found["headgate_exchange_duration_seconds_sum"] == pytest.approx(summed(sent, *target, of=lambda row: row["latency_ms"] / 1000))
    charged = summed(rows, "charge_status", *target, of=lambda row: Decimal(row["charge"] or 0))
    assert {key: value for key, value in found["headgate_charge_usd_total"].items() if value} == {key: float(value) for key, value in charged.items()}
    assert found["headgate_user_exchanges_total"] == summed(rows, "requester") == {(USER,): len(rows)}
    failed = [row for row in rows if row["ended"] in {"failed", "cut"}]
    keys = sum(row["error_code"] == "provider_credential_refused" for row in failed)
    refused = {("provider", "aiGateway"): len(failed) - keys, ("provider_credential", "aiGateway"): keys}
    assert found["headgate_refusals_total"] == {reason: count for reason, count in refused.items() if count}
    assert (found["headgate_ready"][()], found["headgate_open_exchanges"][()]) == (1, 0)
    assert found["headgate_process_restarts_total"] == dict.fromkeys([("flusher",), ("serving",), ("statement",)], 0)
    assert {process for (process,), size in found["headgate_process_resident_memory_bytes"].items() if size} == {"flusher", "serving", "supervisor"}
