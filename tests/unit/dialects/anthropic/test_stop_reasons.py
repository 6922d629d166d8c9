"""Why answers end."""

import pytest

from headgate.dialects.anthropic.stop_reasons import cause_of, reason_of


@pytest.mark.parametrize(
    ("reason", "cause"),
    [
        ("end_turn", "stop"), ("stop_sequence", "stop_sequence"), ("tool_use", "tool_use"), ("max_tokens", "length"),
        ("model_context_window_exceeded", "length"), ("refusal", "filter"), ("pause_turn", "pause"), ("compaction", "pause"), ("stop", "stop"),
        ("length", "length"), ("tool_calls", "tool_use"), ("content_filter", "filter"), ("", "stop"), ("later", "stop"),
    ],
)  # fmt: skip
def test_a_reason_has_a_cause(reason, cause):
    """Also one of OpenAI's words."""
    assert cause_of(reason, 0) == cause


@pytest.mark.parametrize(("reason", "cause"), [("end_turn", "tool_use"), ("max_tokens", "length"), ("refusal", "filter")])
def test_an_answer_with_calls_waits_for_their_results(reason, cause):
    """Unless it was cut off or refused."""
    assert cause_of(reason, 1) == cause


@pytest.mark.parametrize("reason", ["end_turn", "stop_sequence", "tool_use", "max_tokens", "refusal", "pause_turn"])
def test_a_cause_has_its_reason(reason):
    """There and back."""
    assert reason_of(cause_of(reason, 0)) == reason


def test_an_unknown_cause_is_a_plain_end():
    """Clients know no other word."""
    assert reason_of("") == "end_turn"
