"""Standard output as JSON."""

import io
import json
import time

import pytest

from headgate.app.options import Ready
from headgate.cli.exchange_lines import ExchangeLines
from headgate.cli.json_lines import exchange_line, left_out_line, ready_line
from headgate.core.record import Intent, Outcome
from headgate.core.usage import Usage
from headgate.metering.price import Rates

ENDED_NS = 1_700_000_000_123_456_789
INTENT = Intent(
    request_id="req_1", started_at_ns=ENDED_NS, requester="ada@example.com", endpoint="opus", agent="claude-code", session_id="s-1",
    provider_dialect="anthropic", model_sent="claude-opus-4-6", model_asked="opus",
)  # fmt: skip
OUTCOME = Outcome(
    intent=INTENT, status_code=200, ended="completed", ended_at_ns=ENDED_NS, latency_ms=4_100, time_to_first_byte_ms=800, model_served="claude-opus-4-6",
    usage=Usage(input_tokens=1_000, cache_write_5m_tokens=200, cache_read_tokens=28_400, output_tokens=212),
)  # fmt: skip


def rates(*_asked: object) -> Rates:
    """One model's."""
    return Rates(5.0, 0.5, 6.25, 10.0, 25.0, "anthropic", "claude-opus-4-6", "test")


def test_an_exchange_by_the_names_of_the_usage_table() -> None:
    """Times in UTC, counts as numbers, the charge in dollars."""
    assert json.loads(exchange_line(OUTCOME, rates)) == {
        "time": "2023-11-14T22:13:20.123Z", "event": "exchange", "request_id": "req_1", "status_code": 200, "ended": "completed",
        "requester": "ada@example.com", "endpoint_name": "opus", "model_asked": "opus", "model_served": "claude-opus-4-6", "agent": "claude-code",
        "session_id": "s-1", "input_tokens": 29_600, "cache_read_tokens": 28_400, "output_tokens": 212, "usage_estimated": False, "charge": 0.02575,
        "time_to_first_byte_ms": 800, "latency_ms": 4_100, "error_code": None, "error_message": None,
    }  # fmt: skip


def test_what_is_not_known_is_null() -> None:
    """Never 0 and never an empty text. What comes from outside can neither begin a line nor steer a terminal."""
    refused = Outcome(
        intent=Intent(request_id="r", started_at_ns=0), status_code=403, ended="refused", ended_at_ns=ENDED_NS, error_message="no\n\x1b[2J\u2028"
    )
    line = exchange_line(refused, None)
    found = json.loads(line)

    assert [name for name, value in found.items() if value is None] == [
        "endpoint_name", "model_asked", "model_served", "agent", "session_id", "input_tokens", "cache_read_tokens", "output_tokens", "charge",
        "time_to_first_byte_ms", "error_code",
    ]  # fmt: skip
    assert found["error_message"] == refused.error_message
    assert line.isprintable()


def test_the_gateway_serves() -> None:
    """Where, with what; a secret is in no log."""
    ready = Ready(
        url="http://127.0.0.1:8484", data_dir="/d", config_path="", providers=[("lab", "headgate.toml", 3)], endpoints=2, admin_token="hg_secret",
        sign_in_url="http://127.0.0.1:8484/login?t=abc", connections_max=9,
    )  # fmt: skip
    line = ready_line(ready, 0.61234, ENDED_NS)

    assert json.loads(line) == {
        "time": "2023-11-14T22:13:20.123Z", "event": "listening", "url": "http://127.0.0.1:8484", "started_in_s": 0.612, "data": "/d", "config": "",
        "providers": ["lab"], "endpoints": 2, "connections_max": 9, "notes": [],
    }  # fmt: skip


def test_under_load_the_rest_is_counted(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each line is an object, the count too."""
    monkeypatch.setattr(ExchangeLines, "_load_prices", lambda _lines: None)
    out = io.StringIO()
    lines = ExchangeLines(out, str(tmp_path), as_json=True)
    for _ in range(25):
        lines.exchange_ended(OUTCOME)
    lines.tick()
    deadline_s = time.monotonic() + 30
    while "left_out" not in out.getvalue() and time.monotonic() < deadline_s:
        time.sleep(0.001)
    found = [json.loads(line) for line in out.getvalue().splitlines()]

    assert [line["event"] for line in found] == ["exchange"] * 20 + ["exchanges_left_out"]
    assert found[-1] == json.loads(left_out_line(5, ENDED_NS))
    assert found[-1]["count"] == 5
