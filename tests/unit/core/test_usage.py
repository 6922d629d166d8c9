"""What an answer used: its own counts, and the lines beside them."""

import msgspec

from headgate.core.usage import Counts, Usage, UsageLine

SEARCHES = UsageLine(kind="web_search", uses=3)
SUMMARY = UsageLine(kind="compaction", input_tokens=100_000, cache_read_tokens=80_000, output_tokens=3_500)
ADVICE = UsageLine(kind="advisor_message", model="claude-opus-4-8", input_tokens=7, output_tokens=0)


def test_totals_are_the_sum_of_all_lines():
    """Class by class; what no line reported stays unreported, and an explicit 0 stays 0."""
    usage = Usage(input_tokens=23_000, cache_read_tokens=0, output_tokens=1_000, beside=(SUMMARY, ADVICE, SEARCHES))

    assert usage.totals == Counts(input_tokens=123_007, cache_read_tokens=80_000, output_tokens=4_500)
    assert Usage(beside=(ADVICE,)).totals == Counts(input_tokens=7, output_tokens=0)


def test_a_usage_without_lines_is_its_own_totals():
    """The common case adds nothing up."""
    usage = Usage(input_tokens=3)

    assert usage.totals is usage


def test_a_later_report_replaces_what_it_names():
    """A report of counts alone keeps tier, lines and price; one that names them replaces them."""
    seen = Usage(input_tokens=3, tier="flex", beside=(SEARCHES,), charge_reported=0.5)

    assert seen.updated(Usage(output_tokens=9)) == Usage(input_tokens=3, output_tokens=9, tier="flex", beside=(SEARCHES,), charge_reported=0.5)
    assert not seen.updated(Usage(tier="")).tier
    later = Usage(input_tokens=4, tier="priority", beside=(SUMMARY,), charge_reported=0.0)
    assert seen.updated(later) == later


def test_usage_is_written_as_short_as_it_is():
    """What was not reported takes no room in the journal, and an older journal's usage, which knows no lines, is read as it was meant."""
    assert msgspec.to_builtins(Usage(input_tokens=3, output_tokens=0)) == {"input_tokens": 3, "output_tokens": 0}
    old = {"input_tokens": 3, "cache_read_tokens": None, "output_tokens": 0, "reasoning_tokens": None, "estimated": False}
    assert msgspec.convert(old, Usage) == Usage(input_tokens=3, output_tokens=0)
