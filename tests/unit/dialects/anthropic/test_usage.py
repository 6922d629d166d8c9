"""Counts of Anthropic Messages."""

from headgate.core.usage import Usage
from headgate.dialects.anthropic.usage import merged

SPLIT = {"cache_creation_input_tokens": 30, "cache_creation": {"ephemeral_5m_input_tokens": 10, "ephemeral_1h_input_tokens": 20}}


def test_the_split_of_cache_writes_is_taken():
    """Each lifetime in its class."""
    usage = merged(Usage(), SPLIT)

    assert (usage.cache_write_5m_tokens, usage.cache_write_1h_tokens) == (10, 20)


def test_a_total_without_a_split_is_five_minutes():
    """The lifetime that Anthropic takes where none is asked for."""
    usage = merged(Usage(), {"cache_creation_input_tokens": 30, "cache_creation": None})

    assert (usage.cache_write_5m_tokens, usage.cache_write_1h_tokens) == (30, None)


def test_a_later_total_does_not_count_one_hour_twice():
    """What was written for one hour stays so; the rest of the total is five minutes'."""
    seen = merged(Usage(), SPLIT)

    assert merged(seen, {"cache_creation_input_tokens": 30}) == seen
    grown = merged(seen, {"cache_creation_input_tokens": 35})
    assert (grown.cache_write_5m_tokens, grown.cache_write_1h_tokens) == (15, 20)
    shrunk = merged(seen, {"cache_creation_input_tokens": 5})
    assert (shrunk.cache_write_5m_tokens, shrunk.cache_write_1h_tokens) == (0, 5)


def test_later_counts_replace_earlier_ones():
    """A null does not, an explicit 0 does."""
    seen = merged(Usage(), {"input_tokens": 5, "output_tokens": 1, "cache_read_input_tokens": 3})
    usage = merged(seen, {"input_tokens": 0, "output_tokens": 9, "cache_read_input_tokens": None})

    assert (usage.input_tokens, usage.output_tokens, usage.cache_read_tokens) == (0, 9, 3)


def test_what_is_no_usage_changes_nothing():
    """Null, a list, absurd numbers."""
    seen = Usage(input_tokens=5)

    assert [
        merged(seen, odd) for odd in (None, [], "x", {"input_tokens": -1, "output_tokens": "9", "output_tokens_details": 3, "cache_creation": [1]})
    ] == [seen] * 4


def test_thinking_is_part_of_the_output():
    """Reported beside it."""
    usage = merged(Usage(), {"output_tokens": 40, "output_tokens_details": {"thinking_tokens": 25}})

    assert (usage.output_tokens, usage.reasoning_tokens) == (40, 25)


def test_an_iteration_without_a_readable_kind_is_read_like_an_unknown_one():
    """A list in the place of its type is no error; searches stay."""
    odd = {"output_tokens": 9, "iterations": [{"type": [], "output_tokens": 9}], "server_tool_use": {"web_search_requests": 2}}

    assert [(line.kind, line.uses) for line in merged(Usage(), odd).beside] == [("web_search", 2)]
