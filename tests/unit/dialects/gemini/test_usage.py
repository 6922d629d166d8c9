"""Counts of Gemini."""

import json

from headgate.core.usage import Usage
from headgate.dialects.gemini.counted_chunk import GeminiCounts
from headgate.dialects.gemini.usage import merged, usage_of


def counted(*reports):
    """What is known after the reports."""
    counts = GeminiCounts()
    for report in reports:
        counts = merged(counts, json.dumps(report).encode())
    return usage_of(counts)


def test_cached_input_is_taken_out_and_thoughts_are_put_in():
    """Prompt and tool prompt without what was read from a cache; candidates and thoughts."""
    report = {
        "promptTokenCount": 1000,
        "toolUsePromptTokenCount": 50,
        "cachedContentTokenCount": 900,
        "candidatesTokenCount": 12,
        "thoughtsTokenCount": 8,
        "totalTokenCount": 1070,
    }

    assert counted(report) == Usage(input_tokens=150, cache_read_tokens=900, output_tokens=20, reasoning_tokens=8)


def test_the_last_report_wins_and_what_it_leaves_out_stays():
    """Zeros and repetitions are left out by the provider."""
    usage = counted({"promptTokenCount": 100, "cachedContentTokenCount": 80}, {"promptTokenCount": 120, "candidatesTokenCount": 3})

    assert usage == Usage(input_tokens=40, cache_read_tokens=80, output_tokens=3)


def test_an_output_of_zero_is_told_by_the_total():
    """A blocked prompt has no candidates' count; without the total nothing is known."""
    assert counted({"promptTokenCount": 9, "totalTokenCount": 9}).output_tokens == 0
    assert counted({"promptTokenCount": 9, "totalTokenCount": 12}).output_tokens is None
    assert counted({"promptTokenCount": 9}).output_tokens is None


def test_what_is_no_count_was_not_reported():
    """Strings, negative and absurd numbers, other shapes."""
    assert counted({"promptTokenCount": "9", "candidatesTokenCount": -1, "thoughtsTokenCount": 10**18}) == Usage()
    assert counted(None, [], "x") == Usage()


def test_fresh_input_is_never_negative():
    """However much a server says was cached."""
    assert counted({"promptTokenCount": 5, "cachedContentTokenCount": 9}).input_tokens == 0
