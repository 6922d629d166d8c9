"""Token counts as OpenAI's two formats and the servers that speak them report them, brought to our five classes. Reads anything, raises never.

OpenAI counts cached tokens inside the input and reasoning inside the output. Others leave one of them out (xAI the reasoning), and `total_tokens` tells
which: where it is more than input and output together, and just as much more as a detail counts, that detail stands beside them. A detail that exceeds
what it is part of is cut to it. What is not a count (a string, a negative number, 10^18) was not reported; an explicit 0 is a report.
"""

from collections.abc import Mapping
from itertools import combinations

import msgspec

from headgate.core.usage import Usage, UsageLine
from headgate.dialects.billing import apart, charge_reported, server_tools, tier_of
from headgate.dialects.lenient import count, decoded, mapping

_ANY = msgspec.json.Decoder()
# The names of each count, OpenAI's own first: of Chat Completions, of Responses, and of servers that speak either. A total of nothing is not looked at.
_INPUT = ("prompt_tokens", "input_tokens")
_OUTPUT = ("completion_tokens", "output_tokens")
_INPUT_DETAILS = ("prompt_tokens_details", "input_tokens_details")
_OUTPUT_DETAILS = ("completion_tokens_details", "output_tokens_details")
# DeepSeek: prompt_cache_hit_tokens; Moonshot: cached_tokens; Databricks for Anthropic's models: cache_read_input_tokens, cache_creation_input_tokens.
_READ_ELSEWHERE = ("prompt_cache_hit_tokens", "cached_tokens", "cache_read_input_tokens")
_WRITTEN_ELSEWHERE = ("cache_creation_input_tokens",)
_WRITTEN_DETAILS = ("cache_write_tokens", "cache_creation_tokens")
_DEARER = ("audio", "image", "video")
_NO_COUNTS = (None,) * 5


class _Reported(msgspec.Struct):
    """The counts of one report, each as it was written."""

    prompt: int | None
    completion: int | None
    read: int | None
    written: int | None
    reasoning: int | None


def openai_usage(raw: bytes | msgspec.Raw, tier: object = None, model: str = "") -> Usage | None:
    """A `usage` object of Chat Completions or Responses in an answer that names this tier and model. `None` if nothing in it is a count."""
    fields = mapping(decoded(_ANY, raw))
    if not fields:
        return None
    details, output_details = mapping(_named(fields, _INPUT_DETAILS)), mapping(_named(fields, _OUTPUT_DETAILS))
    reported = _Reported(
        prompt=_counted(fields, _INPUT),
        completion=_counted(fields, _OUTPUT),
        read=_counted(details, ("cached_tokens",), fields, _READ_ELSEWHERE),
        written=_counted(details, _WRITTEN_DETAILS, fields, _WRITTEN_ELSEWHERE),
        reasoning=_counted(output_details, ("reasoning_tokens",), fields, ("reasoning_tokens",)),
    )
    _settle(reported, count(fields.get("total_tokens")), model)
    return _usage(reported, fields, tier, _dearer(details, output_details))


def _usage(reported: _Reported, fields: Mapping[str, object], tier: object, dearer: tuple[UsageLine, ...]) -> Usage | None:
    """The report in our classes, where a detail is part of what it details."""
    prompt, read, written, reasoning = reported.prompt, reported.read, reported.written, reported.reasoning
    if reasoning is not None and reported.completion is not None:
        reasoning = min(reasoning, reported.completion)
    if prompt is not None:
        read = None if read is None else min(read, prompt)
        written = None if written is None else min(written, prompt - (read or 0))
    beside, charge = server_tools(fields), charge_reported(fields)
    counts = (prompt, reported.completion, read, written, reasoning)
    if not beside and charge is None and counts == _NO_COUNTS:
        return None
    usage = Usage(
        input_tokens=None if prompt is None else prompt - (read or 0) - (written or 0),
        cache_read_tokens=read,
        cache_write_5m_tokens=written,
        output_tokens=reported.completion,
        reasoning_tokens=reasoning,
        tier=None if tier is None else tier_of(tier),
        beside=beside,
        charge_reported=charge,
    )
    return apart(usage, dearer) if dearer else usage


def _settle(reported: _Reported, total: int | None, model: str) -> None:
    """Put the details that stand beside input and output into them, by what the total says."""
    prompt, completion = reported.prompt, reported.completion
    if total is None or prompt is None or completion is None or total <= prompt + completion:
        return
    outside = _outside(reported, total - prompt - completion)
    if not outside and "gemini" in model and not reported.reasoning:
        # Google's OpenAI-compatible endpoint counts thoughts in the total alone (https://ai.google.dev/gemini-api/docs/openai).
        reported.reasoning = total - prompt - completion
        outside = ("reasoning",)
    reported.prompt = prompt + sum(getattr(reported, name) or 0 for name in outside if name != "reasoning")
    reported.completion = completion + ((reported.reasoning or 0) if "reasoning" in outside else 0)


def _outside(reported: _Reported, gap: int) -> tuple[str, ...]:
    """The fewest details that are together as much as the total has on top. One that cannot be inside goes before one that can."""
    details = [name for name in ("reasoning", "read", "written") if getattr(reported, name)]
    fitting = [
        names for size in range(1, len(details) + 1) for names in combinations(details, size) if sum(getattr(reported, one) for one in names) == gap
    ]
    return next((names for names in fitting if _inside_fits(reported, names)), fitting[0] if fitting else ())


def _inside_fits(reported: _Reported, outside: tuple[str, ...]) -> bool:
    inside = sum(getattr(reported, name) or 0 for name in ("read", "written") if name not in outside)
    return inside <= (reported.prompt or 0) and ("reasoning" in outside or (reported.reasoning or 0) <= (reported.completion or 0))


def _dearer(details: Mapping[str, object], output_details: Mapping[str, object]) -> tuple[UsageLine, ...]:
    """Lines for tokens of sound and pictures, which some models charge apart."""
    lines = []
    for kind in _DEARER:
        name = f"{kind}_tokens"
        if details.get(name) or output_details.get(name):
            lines.append(UsageLine(kind=kind, input_tokens=count(details.get(name)), output_tokens=count(output_details.get(name))))
    return tuple(lines)


def _counted(
    fields: Mapping[str, object], names: tuple[str, ...], other: Mapping[str, object] | None = None, others: tuple[str, ...] = ()
) -> int | None:
    """The first of these that is a count."""
    for name in names:
        if name in fields and (found := count(fields[name])) is not None:
            return found
    return None if other is None else _counted(other, others)


def _named(fields: Mapping[str, object], names: tuple[str, ...]) -> object:
    return next((fields[name] for name in names if name in fields), None)
