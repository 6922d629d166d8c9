"""Token counts as Chat Completions has them."""

import json

import pytest

from headgate.core.usage import Usage, UsageLine
from headgate.dialects.openai_chat.encode_usage import encode_usage
from headgate.dialects.openai_usage import openai_usage


def test_cached_input_is_part_of_the_input():
    """And both kinds of writing are one count."""
    usage = Usage(input_tokens=5, cache_read_tokens=100, cache_write_5m_tokens=20, cache_write_1h_tokens=3, output_tokens=7, reasoning_tokens=4)
    assert encode_usage(usage) == {
        "prompt_tokens": 128,
        "completion_tokens": 7,
        "total_tokens": 135,
        "prompt_tokens_details": {"cached_tokens": 100, "cache_write_tokens": 23},
        "completion_tokens_details": {"reasoning_tokens": 4},
    }


def test_everything_that_was_charged_is_counted():
    """Also lines beside the answer's own; a count that was not reported is 0."""
    beside = (UsageLine(kind="compaction", input_tokens=10, output_tokens=1), UsageLine(kind="web_search", uses=2))
    counts = encode_usage(Usage(output_tokens=2, beside=beside))
    assert (counts["prompt_tokens"], counts["completion_tokens"], counts["total_tokens"]) == (10, 3, 13)
    assert encode_usage(Usage())["total_tokens"] == 0


@pytest.mark.parametrize(
    "usage",
    [
        Usage(input_tokens=0, cache_read_tokens=0, output_tokens=0, reasoning_tokens=0),
        Usage(input_tokens=5, cache_read_tokens=100, cache_write_5m_tokens=20, output_tokens=7, reasoning_tokens=4),
    ],
)
def test_what_is_written_is_read_again(usage):
    """As the reader of the native way counts it."""
    assert openai_usage(json.dumps(encode_usage(usage)).encode()) == usage
