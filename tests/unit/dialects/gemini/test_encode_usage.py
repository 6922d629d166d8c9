"""Counts as Gemini's clients read them."""

import json

import pytest

from headgate.core.usage import Usage, UsageLine
from headgate.dialects.gemini.counted_chunk import GeminiCounts
from headgate.dialects.gemini.encode_usage import usage_metadata
from headgate.dialects.gemini.usage import merged, usage_of


@pytest.mark.parametrize(
    ("usage", "counts"),
    [
        (Usage(input_tokens=5, output_tokens=2), {"promptTokenCount": 5, "candidatesTokenCount": 2, "totalTokenCount": 7}),
        (
            Usage(input_tokens=5, cache_read_tokens=3, cache_write_5m_tokens=2, output_tokens=10, reasoning_tokens=4),
            {"promptTokenCount": 10, "candidatesTokenCount": 6, "totalTokenCount": 20, "cachedContentTokenCount": 3, "thoughtsTokenCount": 4},
        ),
        (
            Usage(
                input_tokens=5,
                output_tokens=2,
                beside=(UsageLine(kind="audio", input_tokens=3, output_tokens=0), UsageLine(kind="compaction", input_tokens=90, output_tokens=9)),
            ),
            {"promptTokenCount": 8, "candidatesTokenCount": 2, "totalTokenCount": 10},
        ),
        (Usage(), {"promptTokenCount": 0, "candidatesTokenCount": 0, "totalTokenCount": 0}),
    ],
)
def test_the_candidates_exclude_thoughts_and_the_prompt_includes_the_cache(usage, counts):
    """Other models' tokens are no part of the conversation."""
    assert usage_metadata(usage) == counts


def test_the_native_reader_reads_the_same_counts():
    """Without what was written to a cache, which Gemini does not count apart."""
    usage = Usage(input_tokens=5, cache_read_tokens=3, output_tokens=10, reasoning_tokens=4)
    assert usage_of(merged(GeminiCounts(), json.dumps(usage_metadata(usage)).encode())) == usage
