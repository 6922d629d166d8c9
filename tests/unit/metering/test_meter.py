"""Folding the events of one answer, and the estimate where a provider is silent."""

import pytest

from headgate.core.event import Failed, Finished, Started, UsageSeen
from headgate.core.usage import Usage
from headgate.metering.meter import Meter, estimate


def feed(meter, events):
    """Hand each event in once, in order."""
    for event in events:
        meter.feed(event)


def test_a_meter_folds_a_whole_answer():
    """Later counts replace the classes they name and leave the others."""
    meter = Meter()
    feed(meter, [Started("msg_1", "claude-opus-4-6"), UsageSeen(Usage(input_tokens=3, cache_read_tokens=50, output_tokens=1))])
    feed(meter, [UsageSeen(Usage(output_tokens=42)), Finished("end_turn")])
    assert meter.usage == Usage(input_tokens=3, cache_read_tokens=50, output_tokens=42)
    assert (meter.response_id, meter.model_served, meter.finish_reason, meter.failure) == ("msg_1", "claude-opus-4-6", "end_turn", None)


def test_a_fresh_meter_knows_nothing():
    """No event, no usage: unknown is not 0."""
    assert Meter().usage is None


def test_the_first_start_and_the_first_failure_stand():
    """A server that starts twice or repeats its error changes nothing."""
    meter = Meter()
    feed(meter, [Started("", "gpt-5.2"), Started("resp_1", "other"), Failed("server_error", "first"), Failed("", "second")])
    assert (meter.response_id, meter.model_served) == ("resp_1", "gpt-5.2")
    assert meter.failure == Failed("server_error", "first")


def test_an_empty_reason_does_not_wipe_a_known_one():
    """A closing event without a reason keeps the reason that was given before it."""
    meter = Meter()
    feed(meter, [Finished("tool_calls"), Finished("")])
    assert meter.finish_reason == "tool_calls"


@pytest.mark.parametrize(("length", "tokens"), [(0, 0), (2, 0), (3, 1), (4, 1), (7, 2), (400, 100)])
def test_an_estimate_is_four_characters_to_a_token(length, tokens):
    """(characters + 1) // 4, marked as estimated."""
    assert estimate(length, 0) == Usage(input_tokens=tokens, output_tokens=0, estimated=True)
    assert estimate(0, length).output_tokens == tokens
