"""Folding the events of one answer, and the estimate where a provider is silent."""

import pytest

from headgate.core.event import Failed, Finished, Started, UsageSeen
from headgate.core.usage import Usage, UsageLine
from headgate.metering.meter import Meter, estimate, filled


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


GUESS = Usage(input_tokens=100, output_tokens=40, estimated=True)


@pytest.mark.parametrize(
    ("reported", "whole", "expected"),
    [
        (None, True, GUESS),
        (Usage(output_tokens=7), True, Usage(input_tokens=100, output_tokens=7, estimated=True)),
        (Usage(input_tokens=9), True, Usage(input_tokens=9, output_tokens=40, estimated=True)),
        (Usage(cache_read_tokens=30, output_tokens=7), True, Usage(input_tokens=70, cache_read_tokens=30, output_tokens=7, estimated=True)),
        (Usage(cache_read_tokens=300, output_tokens=7), True, Usage(input_tokens=0, cache_read_tokens=300, output_tokens=7, estimated=True)),
        (Usage(input_tokens=9, reasoning_tokens=50), True, Usage(input_tokens=9, output_tokens=50, reasoning_tokens=50, estimated=True)),
        (Usage(input_tokens=9, output_tokens=0), True, Usage(input_tokens=9, output_tokens=0, estimated=True)),
        (Usage(input_tokens=9, output_tokens=3), False, Usage(input_tokens=9, output_tokens=40, estimated=True)),
        (Usage(input_tokens=9, output_tokens=60), False, Usage(input_tokens=9, output_tokens=60, estimated=True)),
    ],
)
def test_the_estimate_takes_the_place_of_what_was_not_reported(reported, whole, expected):
    """Of that alone; of an answer that broke off more may have come than was counted."""
    assert filled(reported, GUESS, whole) == expected


def test_an_estimate_keeps_what_else_was_reported():
    """The tier, the lines and the provider's own price."""
    reported = Usage(tier="flex", beside=(UsageLine(kind="web_search", uses=2),), charge_reported=0.5)

    kept = filled(reported, GUESS, False)

    assert (kept.tier, kept.beside, kept.charge_reported, kept.estimated) == ("flex", reported.beside, 0.5, True)
