"""Token counts written as Anthropic Messages writes them: fresh input alone in `input_tokens`, writes to the cache with their split by lifetime."""

from headgate.core.usage import Usage

_NOTHING = {"input_tokens": 0, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0, "output_tokens": 0}


def usage_at_start() -> dict[str, object]:
    """What a stream says before anything is known."""
    return dict(_NOTHING)


def usage_at_end(usage: Usage) -> dict[str, object]:
    """All counts of an answer. One that was not reported is 0, as the SDKs require a number."""
    written_5m, written_1h = usage.cache_write_5m_tokens, usage.cache_write_1h_tokens
    said: dict[str, object] = {
        "input_tokens": usage.input_tokens or 0,
        "cache_creation_input_tokens": (written_5m or 0) + (written_1h or 0),
        "cache_read_input_tokens": usage.cache_read_tokens or 0,
        "output_tokens": usage.output_tokens or 0,
    }
    if written_5m or written_1h:
        said["cache_creation"] = {"ephemeral_5m_input_tokens": written_5m or 0, "ephemeral_1h_input_tokens": written_1h or 0}
    if usage.reasoning_tokens is not None:
        said["output_tokens_details"] = {"thinking_tokens": usage.reasoning_tokens}
    searches = sum(line.uses or 0 for line in usage.beside if line.kind == "web_search")
    if searches:
        said["server_tool_use"] = {"web_search_requests": searches, "web_fetch_requests": 0}
    return said
