"""Converts the token counts of OpenAI's two formats, and of the servers that speak them, to Headgate's five classes. Reads anything, never raises.

OpenAI counts cached tokens inside the input and reasoning inside the output. Others leave one of them out (xAI the reasoning), and `total_tokens` tells
which: if it exceeds input plus output by exactly a detail's count, that detail is not part of them. A detail that exceeds the count it is part of is
cut to it. What is not a count (a string, a negative number, 10^18) was not reported; an explicit 0 is a report.
"""

from collections.abc import Mapping
from itertools import combinations

import msgspec

from headgate.core.usage import Usage, UsageLine
from headgate.dialects.billing import apart, charge_reported, server_tools, tier_of
from headgate.dialects.lenient import count, decoded, mapping

_ANY = msgspec.json.Decoder()
# DeepSeek: prompt_cache_hit_tokens; Moonshot: cached_tokens; Databricks for Anthropic's models: cache_read_input_tokens, cache_creation_input_tokens.
_READ_ELSEWHERE = ("prompt_cache_hit_tokens", "cached_tokens", "cache_read_input_tokens")
_DEARER = (("audio", "audio_tokens"), ("image", "image_tokens"), ("video", "video_tokens"))


class _Reported(msgspec.Struct):
    """The counts of one report, each as it was written."""

    prompt: int | None
    completion: int | None
    read: int | None
    written: int | None
    reasoning: int | None


_NO_COUNT_BYTES_MAX = 4  # `null`, as most chunks of a stream have it, or an object without a member
_NOTHING = _Reported(None, None, None, None, None)


def openai_usage(raw: bytes | msgspec.Raw, tier: object = None, model: str = "") -> Usage | None:
    """A `usage` object of Chat Completions or Responses in an answer that names this tier and model. `None` if nothing in it is a count."""
    if len(raw) <= _NO_COUNT_BYTES_MAX:
        return None
    fields = mapping(decoded(_ANY, raw))
    if not fields:
        return None
    details = mapping(fields.get("prompt_tokens_details") or fields.get("input_tokens_details"))
    output_details = mapping(fields.get("completion_tokens_details") or fields.get("output_tokens_details"))
    reported = _reported(fields, details, output_details)
    beside, charge = server_tools(fields), charge_reported(fields)
    if reported == _NOTHING and not beside and charge is None:
        return None
    _settle(reported, count(fields.get("total_tokens")), model)
    usage = _usage(reported, None if tier is None else tier_of(tier), beside, charge)
    dearer = _dearer(details, output_details)
    return apart(usage, dearer) if dearer else usage


def _reported(fields: Mapping[str, object], details: Mapping[str, object], output_details: Mapping[str, object]) -> _Reported:
    """The counts under Chat Completions' names or Responses', and then under those of other servers. Written out, because every answer is read with it."""
    prompt, completion = count(fields.get("prompt_tokens")), count(fields.get("completion_tokens"))
    if prompt is None:
        prompt = count(fields.get("input_tokens"))
    if completion is None:
        completion = count(fields.get("output_tokens"))
    read, written, reasoning = (
        count(details.get("cached_tokens")),
        count(details.get("cache_write_tokens")),
        count(output_details.get("reasoning_tokens")),
    )
    if read is None:
        read = _elsewhere(fields, _READ_ELSEWHERE)
    if written is None:
        written = count(details.get("cache_creation_tokens"))
        written = count(fields.get("cache_creation_input_tokens")) if written is None else written
    if reasoning is None:
        reasoning = count(fields.get("reasoning_tokens"))
    return _Reported(prompt, completion, read, written, reasoning)


def _usage(reported: _Reported, tier: str | None, beside: tuple[UsageLine, ...], charge: float | None) -> Usage:
    """The report in Headgate's classes. A part never raises the whole."""
    fresh, read, written, output, reasoning = reported.prompt, reported.read, reported.written, reported.completion, reported.reasoning
    if reasoning is not None and output is not None and reasoning > output:
        reasoning = output
    if fresh is not None:
        if read is not None:
            read = min(read, fresh)
            fresh -= read
        if written is not None:
            written = min(written, fresh)
            fresh -= written
    return Usage(
        input_tokens=fresh,
        cache_read_tokens=read,
        cache_write_5m_tokens=written,
        output_tokens=output,
        reasoning_tokens=reasoning,
        tier=tier,
        beside=beside,
        charge_reported=charge,
    )


def _settle(reported: _Reported, total: int | None, model: str) -> None:
    """Add the details that are not part of input and output to them, judged by what the total has on top of both."""
    prompt, completion = reported.prompt, reported.completion
    if total is None or prompt is None or completion is None or total <= prompt + completion:
        return
    gap = total - prompt - completion
    outside = _outside(reported, gap)
    if not outside and "gemini" in model and not reported.reasoning:
        # Google's OpenAI-compatible endpoint counts thoughts in the total alone (https://ai.google.dev/gemini-api/docs/openai).
        reported.reasoning = gap
        outside = ("reasoning",)
    reported.prompt = prompt + sum(getattr(reported, name) or 0 for name in outside if name != "reasoning")
    reported.completion = completion + ((reported.reasoning or 0) if "reasoning" in outside else 0)


def _outside(reported: _Reported, gap: int) -> tuple[str, ...]:
    """The fewest details that are together as much as the total has on top. A set that cannot be inside comes before one that can."""
    details = [name for name in ("reasoning", "read", "written") if getattr(reported, name)]
    fitting = [
        names for size in range(1, len(details) + 1) for names in combinations(details, size) if sum(getattr(reported, one) for one in names) == gap
    ]
    return next((names for names in fitting if _inside_fits(reported, names)), fitting[0] if fitting else ())


def _inside_fits(reported: _Reported, outside: tuple[str, ...]) -> bool:
    inside = sum(getattr(reported, name) or 0 for name in ("read", "written") if name not in outside)
    return inside <= (reported.prompt or 0) and ("reasoning" in outside or (reported.reasoning or 0) <= (reported.completion or 0))


def _dearer(details: Mapping[str, object], output_details: Mapping[str, object]) -> tuple[UsageLine, ...]:
    """Lines for tokens of sound and pictures, which some models charge separately."""
    lines: tuple[UsageLine, ...] = ()
    for kind, name in _DEARER:
        if details.get(name) or output_details.get(name):
            lines += (UsageLine(kind=kind, input_tokens=count(details.get(name)), output_tokens=count(output_details.get(name))),)
    return lines


def _elsewhere(fields: Mapping[str, object], names: tuple[str, ...]) -> int | None:
    """The first of these that is a count."""
    for name in names:
        if name in fields and (found := count(fields[name])) is not None:
            return found
    return None
