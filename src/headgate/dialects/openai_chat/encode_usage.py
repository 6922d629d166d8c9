"""Writes token counts as Chat Completions has them: cached input is part of the input, reasoning is part of the output."""

from headgate.core.usage import Usage


def encode_usage(usage: Usage) -> dict[str, object]:
    """The `usage` object of an answer, with the tokens of everything that the answer was charged for. A count that was not reported is 0."""
    counts = usage.totals
    read, written = counts.cache_read_tokens or 0, (counts.cache_write_5m_tokens or 0) + (counts.cache_write_1h_tokens or 0)
    prompt, completion = counts.all_input_tokens or 0, counts.output_tokens or 0
    details = {"cached_tokens": read} | ({"cache_write_tokens": written} if written else {})
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "prompt_tokens_details": details,
        "completion_tokens_details": {"reasoning_tokens": counts.reasoning_tokens or 0},
    }
