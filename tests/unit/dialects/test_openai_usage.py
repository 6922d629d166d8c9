"""Token counts of Chat Completions and Responses as our five classes."""

import json

import pytest

from headgate.core.usage import Usage
from headgate.dialects.openai_usage import openai_usage


def test_chat_counts_cached_tokens_inside_the_prompt():
    """Fresh input is what is left of the prompt without reads and writes."""
    raw = {
        "prompt_tokens": 1_000,
        "completion_tokens": 50,
        "total_tokens": 1_050,
        "prompt_tokens_details": {"cached_tokens": 700, "cache_write_tokens": 200, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 40},
    }
    expected = Usage(input_tokens=100, cache_read_tokens=700, cache_write_5m_tokens=200, output_tokens=50, reasoning_tokens=40)
    assert openai_usage(json.dumps(raw).encode()) == expected


def test_responses_counts_the_same_under_other_names():
    """`input_tokens` and `output_tokens`, with the same convention."""
    raw = {
        "input_tokens": 1_000,
        "input_tokens_details": {"cached_tokens": 700, "cache_write_tokens": 0},
        "output_tokens": 50,
        "output_tokens_details": {"reasoning_tokens": 0},
    }
    expected = Usage(input_tokens=300, cache_read_tokens=700, cache_write_5m_tokens=0, output_tokens=50, reasoning_tokens=0)
    assert openai_usage(json.dumps(raw).encode()) == expected


def test_an_explicit_zero_stays_zero_and_silence_stays_silence():
    """0 was reported; what is not there was not."""
    assert openai_usage(b'{"prompt_tokens":0,"completion_tokens":0}') == Usage(input_tokens=0, output_tokens=0)
    assert openai_usage(b'{"prompt_tokens":7}') == Usage(input_tokens=7)


def test_details_never_raise_what_they_are_part_of():
    """More cached or reasoned than there is in all is cut to it: the totals are what is charged."""
    assert openai_usage(b'{"prompt_tokens":5,"prompt_tokens_details":{"cached_tokens":9}}') == Usage(input_tokens=0, cache_read_tokens=5)
    both = b'{"prompt_tokens":5,"completion_tokens":2,"total_tokens":7,"prompt_tokens_details":{"cached_tokens":4,"cache_write_tokens":4}}'
    assert openai_usage(both) == Usage(input_tokens=0, cache_read_tokens=4, cache_write_5m_tokens=1, output_tokens=2)


@pytest.mark.parametrize("value", ["-1", "1000000000000000000", '"12"', "1.5", "true", "null", "[]", "{}", "1e400"])
def test_absurd_counts_were_not_reported(value):
    """What is not a count is nothing, and never an error."""
    raw = f'{{"prompt_tokens":{value},"completion_tokens":3}}'.encode()
    assert openai_usage(raw) in {None, Usage(output_tokens=3)}


@pytest.mark.parametrize("raw", [b"", b"null", b"[]", b"7", b"{", b'{"prompt_tokens_details":7}', b"\xff", b'{"input_tokens":null}'])
def test_what_is_no_usage_is_none(raw):
    """Any bytes may come; none raises."""
    assert openai_usage(raw) is None
    assert openai_usage(raw) is None
