"""Token counts as OpenAI's two formats report them, brought to our five classes. Reads anything, raises never.

Both formats count cached tokens inside the input. Only a whole number from 0 to a billion is a count: anything else (a string, a negative number, 10^18)
was not reported. An explicit 0 is a report.
"""

from collections.abc import Mapping

import msgspec

from headgate.core.usage import Usage

TOKENS_MAX = 1_000_000_000


def chat_usage(raw: bytes | msgspec.Raw) -> Usage | None:
    """Usage of Chat Completions: `prompt_tokens`, `completion_tokens` and their details. `None` if nothing in it is a count."""
    return _usage(raw, ("prompt_tokens", "prompt_tokens_details"), ("completion_tokens", "completion_tokens_details"))


def responses_usage(raw: bytes | msgspec.Raw) -> Usage | None:
    """Usage of Responses: `input_tokens`, `output_tokens` and their details. `None` if nothing in it is a count."""
    return _usage(raw, ("input_tokens", "input_tokens_details"), ("output_tokens", "output_tokens_details"))


def _usage(raw: bytes | msgspec.Raw, input_names: tuple[str, str], output_names: tuple[str, str]) -> Usage | None:
    fields = _object(raw)
    input_details = _mapping(fields.get(input_names[1]))
    total, read, written = _count(fields, input_names[0]), _count(input_details, "cached_tokens"), _count(input_details, "cache_write_tokens")
    usage = Usage(
        input_tokens=None if total is None else max(0, total - (read or 0) - (written or 0)),
        cache_read_tokens=read,
        cache_write_5m_tokens=written,
        output_tokens=_count(fields, output_names[0]),
        reasoning_tokens=_count(_mapping(fields.get(output_names[1])), "reasoning_tokens"),
    )
    return None if usage == Usage() else usage


def _object(raw: bytes | msgspec.Raw) -> Mapping[str, object]:
    try:
        return _mapping(msgspec.json.decode(raw))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _count(fields: Mapping[str, object], name: str) -> int | None:
    value = fields.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= TOKENS_MAX else None
