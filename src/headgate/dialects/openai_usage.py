"""Token counts as OpenAI's two formats report them, brought to our five classes. Reads anything, raises never.

Both formats count cached tokens inside the input. What is not a count (a string, a negative number, 10^18) was not reported;
an explicit 0 is a report.
"""

import msgspec

from headgate.core.usage import Usage
from headgate.dialects.lenient import count, decoded, mapping

_ANY = msgspec.json.Decoder()


def chat_usage(raw: bytes | msgspec.Raw) -> Usage | None:
    """Usage of Chat Completions: `prompt_tokens`, `completion_tokens` and their details. `None` if nothing in it is a count."""
    return _usage(raw, ("prompt_tokens", "prompt_tokens_details"), ("completion_tokens", "completion_tokens_details"))


def responses_usage(raw: bytes | msgspec.Raw) -> Usage | None:
    """Usage of Responses: `input_tokens`, `output_tokens` and their details. `None` if nothing in it is a count."""
    return _usage(raw, ("input_tokens", "input_tokens_details"), ("output_tokens", "output_tokens_details"))


def _usage(raw: bytes | msgspec.Raw, input_names: tuple[str, str], output_names: tuple[str, str]) -> Usage | None:
    fields = mapping(decoded(_ANY, raw))
    input_details = mapping(fields.get(input_names[1]))
    total, read, written = (
        count(fields.get(input_names[0])),
        count(input_details.get("cached_tokens")),
        count(input_details.get("cache_write_tokens")),
    )
    usage = Usage(
        input_tokens=None if total is None else max(0, total - (read or 0) - (written or 0)),
        cache_read_tokens=read,
        cache_write_5m_tokens=written,
        output_tokens=count(fields.get(output_names[0])),
        reasoning_tokens=count(mapping(fields.get(output_names[1])).get("reasoning_tokens")),
    )
    return None if usage == Usage() else usage
