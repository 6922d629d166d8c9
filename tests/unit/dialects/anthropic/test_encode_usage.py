"""Token counts as clients of Anthropic read them."""

import pytest

from headgate.core.usage import Usage, UsageLine
from headgate.dialects.anthropic.encode_usage import usage_at_end, usage_at_start
from headgate.dialects.anthropic.usage import NOTHING, merged

ZEROS = {"input_tokens": 0, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0, "output_tokens": 0}


def test_nothing_is_known_at_the_start():
    """The SDKs require numbers."""
    assert usage_at_start() == ZEROS
    assert usage_at_end(Usage()) == ZEROS


@pytest.mark.parametrize(
    "usage",
    [
        Usage(input_tokens=5, cache_read_tokens=7, cache_write_5m_tokens=1, cache_write_1h_tokens=2, output_tokens=9, reasoning_tokens=4),
        Usage(input_tokens=5, cache_read_tokens=0, cache_write_5m_tokens=3, cache_write_1h_tokens=0, output_tokens=0),
        Usage(
            input_tokens=1, cache_read_tokens=2, cache_write_5m_tokens=3, cache_write_1h_tokens=4, output_tokens=5,
            beside=(UsageLine(kind="web_search", uses=2),),
        ),
    ],
)  # fmt: skip
def test_all_counts_are_written(usage):
    """The reader of the dialect has the same of them."""
    assert merged(NOTHING, usage_at_end(usage)) == usage
