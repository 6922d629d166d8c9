"""The status line's words."""

import pytest

from headgate.cli.output import Paint
from headgate.cli.statusline_text import status_line

PLAIN = Paint(False)
SESSION = {"session_id": "s1", "model": {"id": "claude-opus-4-6", "display_name": "Opus 4.6"}, "cost": {"total_cost_usd": 1.234}}
BUDGET = {"name": "team", "session": None, "usd": 50.0, "left_usd": 8.88, "percent": 82.0, "resets_at": "2026-12-01T00:00:00+00:00"}
LIMIT = {"measure": "input_tokens", "per": "minute", "maximum": 1000, "used": 100, "remaining": 900}


def line(session=SESSION, budgets=(), limits=(), trouble="", paint=PLAIN):
    """The line for what a gateway says."""
    return status_line(session, {"budgets": list(budgets), "limits": list(limits)}, trouble, paint)


def test_the_tightest_budget():
    """Of those that count this session."""
    other = BUDGET | {"name": "other session", "session": "s2", "percent": 99.0}
    own = BUDGET | {"name": "this session", "session": "s1", "percent": 90.0, "left_usd": 0.5}
    assert line(budgets=[BUDGET, other]) == "Opus 4.6 · $1.23 this session · $8.88 of $50.00 left until 2026-12-01 (team)"
    assert line(budgets=[BUDGET, other, own]).endswith("$0.500 of $50.00 left until 2026-12-01 (this session)")


def test_a_limit():
    """Is shown where there is no budget, or where it is nearly used up."""
    full = LIMIT | {"used": 900, "remaining": 100, "measure": "concurrent"}
    assert line(limits=[LIMIT]).endswith(" · 900 of 1,000 input tokens per minute left")
    assert "per minute" not in line(budgets=[BUDGET], limits=[LIMIT])
    assert line(budgets=[BUDGET], limits=[LIMIT, full]).endswith(" (team) · 100 of 1,000 concurrent at a time left")


@pytest.mark.parametrize(("percent", "code"), [(79.0, ""), (80.0, "33"), (100.0, "31")])
def test_colours(percent, code):
    """Yellow from four fifths on, red where nothing is left."""
    shown = line(budgets=[BUDGET | {"percent": percent}], paint=Paint(True))
    assert (f"\x1b[{code}m" in shown) if code else ("\x1b" not in shown)


@pytest.mark.parametrize(
    ("session", "expected"),
    [
        ({}, "Headgate"),
        ({"model": {"id": "claude-opus-4-6"}}, "claude-opus-4-6"),
        ({"model": "opus", "cost": 3}, "Headgate"),
        ({"model": {"display_name": 3}, "cost": {"total_cost_usd": True}}, "Headgate"),
        ({"model": {"display_name": "a\x1b[2Jb\n"}, "cost": {"total_cost_usd": 0}}, "a [2Jb  · $0.00 this session"),
    ],
)
def test_what_claude_code_may_leave_out(session, expected):
    """Each field; and none can control the terminal."""
    assert line(session) == expected


def test_without_a_gateway():
    """What is known without it, and the trouble."""
    assert status_line(SESSION, None, "gateway does not answer", PLAIN) == "Opus 4.6 · $1.23 this session · gateway does not answer"
