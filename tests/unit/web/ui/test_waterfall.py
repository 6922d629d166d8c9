"""The course of an exchange as bars."""

import pytest

from headgate.web.ui.waterfall import WIDTH, waterfall

BEGUN_US = 1_764_496_800_000_000  # 2025-11-30T10:00:00Z


def attempt(start: str, took: int, status: int | None = 200, action: str | None = None, code: str | None = None):
    """One try, as the row has it."""
    return {"destination_id": "lab/m", "start_time": start, "latency_ms": took, "status_code": status, "action": action, "error_code": code}


def course(*attempts, **row):
    """Title, kind, from and to of each bar."""
    made = waterfall({"event_us": BEGUN_US, "ended": "completed", "routing_information": {"attempts": list(attempts)}, **row})
    return [(step.title, step.kind, step.from_ms, step.to_ms) for step in made.steps], made


def test_a_fallback_with_what_was_not_tried():
    """Each attempt with why there is such an entry, then the wait for the first byte, then the answer."""
    steps, made = course(
        attempt("2025-11-30T10:00:00.004Z", 100, 529, code="overloaded"),
        attempt("2025-11-30T10:00:00.104Z", 0, None, "circuit_open"),
        attempt("2025-11-30T10:00:00.104Z", 300, 200, "fallback"),
        latency_ms=1000,
        time_to_first_byte_ms=404,
    )
    assert steps == [
        ("In Headgate, before the first attempt", "wait", 0.0, 4.0),
        ("lab/m", "bad", 4.0, 104.0),
        ("lab/m", "skipped", 104.0, 104.0),
        ("lab/m", "good", 104.0, 404.0),
        ("Waiting for the first byte", "wait", 104.0, 404.0),
        ("From the first byte to the last", "answer", 404.0, 1000.0),
    ]
    assert made.total_ms == 1000
    assert "status 529, overloaded" in made.steps[1].detail
    assert made.steps[2].detail.startswith("not tried")
    assert all(0 <= step.x <= step.x + step.width <= WIDTH for step in made.steps)


def test_a_refusal_has_one_bar():
    """Nothing was sent, so all of it was in Headgate."""
    assert course(ended="refused", latency_ms=3)[0] == [("In Headgate", "bad", 0.0, 3.0)]


def test_an_attempt_without_an_answer():
    """It says so."""
    _, made = course(attempt("2025-11-30T10:00:00Z", 50, None, code="unreachable"), ended="failed", latency_ms=50)
    assert [(step.detail, step.kind) for step in made.steps] == [("no answer, unreachable", "bad")]


@pytest.mark.parametrize(
    "row",
    [
        {},
        {"routing_information": None},
        {"routing_information": {"attempts": [None, 3, {}]}},
        {"routing_information": {"attempts": [{"start_time": "never", "latency_ms": "x"}]}, "latency_ms": True},
        {"routing_information": {"attempts": [attempt("1969-01-01T00:00:00Z", 5)]}, "event_us": BEGUN_US},
    ],
)
def test_odd_rows_raise_nothing(row):
    """There is always an axis."""
    assert waterfall(row).total_ms > 0
