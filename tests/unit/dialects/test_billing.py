"""What the usage reports of several dialects say in the same words."""

import pytest

from headgate.core.usage import Counts, Usage, UsageLine
from headgate.dialects.billing import LINES_MAX, apart, bounded, charge_reported, model_name, server_tools, tier_of


@pytest.mark.parametrize(
    ("words", "tier"),
    [
        ((), None),
        ((None, 7, []), None),
        (("default",), ""),
        (("standard", None, "not_available"), ""),
        (("STANDARD", "ON_DEMAND"), ""),
        (("flex",), "flex"),
        (("FLEX",), "flex"),
        (("ON_DEMAND_PRIORITY",), "priority"),
        (("SERVICE_TIER_FLEX",), "flex"),
        (("standard", "fast", "us"), "fast+us"),
        (("auto",), ""),
        (("x" * 1_000,), "x" * 64),
    ],
)
def test_a_tier_is_what_is_not_the_ordinary_service(words, tier):
    """Several words make one tier; no word at all is not the same as the ordinary one."""
    assert tier_of(*words) == tier


@pytest.mark.parametrize(
    ("fields", "charge"),
    [
        ({}, None),
        ({"cost_in_usd_ticks": 37_756_000}, 0.0037756),
        ({"cost_in_usd_ticks": -1, "cost": 0.5}, 0.5),
        ({"cost": 0}, 0.0),
        ({"cost": {"total_cost": 0.25, "currency": "USD"}}, 0.25),
        ({"estimated_cost": 0.125}, 0.125),
        ({"cost": True}, None),
        ({"cost": "0.5"}, None),
        ({"cost": float("nan")}, None),
        ({"cost": float("inf")}, None),
        ({"cost": 10**400}, None),
        ({"cost": -0.1}, None),
    ],
)
def test_a_provider_may_say_what_it_charged(fields, charge):
    """In whichever of its ways; what is no price is none."""
    assert charge_reported(fields) == charge


def test_tools_are_counted_once():
    """Where a provider lists its tools one by one, their sum is not added."""
    listed = {"server_side_tool_usage_details": {"web_search_calls": 2, "code_interpreter_calls": 1}, "server_tool_use": {"web_search_requests": 9}}

    assert server_tools(listed) == (UsageLine(kind="web_search", uses=2), UsageLine(kind="code_execution", uses=1))
    assert server_tools({"server_tool_use": {"web_search_requests": 9}}) == (UsageLine(kind="web_search", uses=9),)
    assert server_tools({"server_tool_use": None}) == ()


def test_no_answer_has_lines_without_number():
    """Past the bound they are added up by what they are for, and what is left of absurdly many is cut off."""
    few = [UsageLine(kind="advisor_message", model=f"m-{n}", output_tokens=1) for n in range(LINES_MAX)]
    assert bounded(few) == tuple(few)
    assert bounded([UsageLine(kind="compaction", output_tokens=2, uses=None)] * 100) == (UsageLine(kind="compaction", output_tokens=200),)
    assert bounded([UsageLine(kind="web_search", uses=1)] * 100) == (UsageLine(kind="web_search", uses=100),)
    assert len(bounded([UsageLine(kind="advisor_message", model=f"m-{n}", output_tokens=1) for n in range(1_000)])) == LINES_MAX


def test_parts_never_hold_more_than_there_is():
    """However much of it a server says was sound; reasoning stays text."""
    usage = Usage(input_tokens=10, output_tokens=8, reasoning_tokens=5)
    parts = [
        UsageLine(kind="audio", input_tokens=7, output_tokens=9),
        UsageLine(kind="image", input_tokens=7),
        UsageLine(kind="video", input_tokens=1),
    ]

    found = apart(usage, parts)

    assert found.totals == Counts(input_tokens=10, output_tokens=8, reasoning_tokens=5)
    assert found.beside == (UsageLine(kind="audio", input_tokens=7, output_tokens=3), UsageLine(kind="image", input_tokens=3, output_tokens=0))
    assert (found.input_tokens, found.output_tokens, found.reasoning_tokens) == (0, 5, 5)


def test_a_model_is_a_text_of_sensible_length():
    """Anything else is none."""
    assert (model_name("claude-opus-5"), model_name(7), len(model_name("x" * 1_000))) == ("claude-opus-5", "", 256)
