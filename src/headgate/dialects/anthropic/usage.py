"""Token counts of Anthropic Messages. `input_tokens` is fresh input alone; cache reads and writes stand beside it.

`message_start` has the input and the split of cache writes by lifetime; `message_delta` repeats counts cumulatively, without that split, and some
servers send null for what they do not repeat. So counts are folded as they come, and the split is kept.
"""

from headgate.core.usage import Usage
from headgate.dialects.lenient import count, mapping


def fold(seen: Usage, reported: object) -> Usage:
    """What is known after a further `usage` object: each count in it that is a count replaces the one before, an explicit 0 too."""
    fields = mapping(reported)
    written_5m, written_1h = _written(seen, fields)
    later = Usage(
        input_tokens=count(fields.get("input_tokens")),
        cache_read_tokens=count(fields.get("cache_read_input_tokens")),
        cache_write_5m_tokens=written_5m,
        cache_write_1h_tokens=written_1h,
        output_tokens=count(fields.get("output_tokens")),
        reasoning_tokens=count(mapping(fields.get("output_tokens_details")).get("thinking_tokens")),
    )
    return seen.updated(later)


def _written(seen: Usage, fields: object) -> tuple[int | None, int | None]:
    """Cache writes of five minutes and of one hour. A total without the split is five minutes' but for what is known to be one hour's."""
    reported = mapping(fields)
    split = mapping(reported.get("cache_creation"))
    written_5m, written_1h = count(split.get("ephemeral_5m_input_tokens")), count(split.get("ephemeral_1h_input_tokens"))
    if written_5m is not None or written_1h is not None:
        return written_5m, written_1h
    total = count(reported.get("cache_creation_input_tokens"))
    if total is None:
        return None, None
    kept_1h = None if seen.cache_write_1h_tokens is None else min(seen.cache_write_1h_tokens, total)
    return total - (kept_1h or 0), kept_1h
