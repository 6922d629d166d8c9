"""Token counts of Gemini. The prompt's count includes what was read from a cache, the candidates' count excludes thoughts.

Every chunk may carry `usageMetadata`, the last one counts. Numbers that are zero are left out, and a later chunk may leave out what an earlier one
said, so the provider's own counts are folded first and brought to our classes then.
"""

import msgspec

from headgate.core.usage import Usage
from headgate.dialects.lenient import count, decoded


class _Reported(msgspec.Struct):
    """One `usageMetadata` as it was written. What it holds beside the counts is not decoded."""

    prompt: object = msgspec.field(default=None, name="promptTokenCount")
    tool_prompt: object = msgspec.field(default=None, name="toolUsePromptTokenCount")
    cached: object = msgspec.field(default=None, name="cachedContentTokenCount")
    candidates: object = msgspec.field(default=None, name="candidatesTokenCount")
    thoughts: object = msgspec.field(default=None, name="thoughtsTokenCount")
    total: object = msgspec.field(default=None, name="totalTokenCount")


class Counts(msgspec.Struct, frozen=True):
    """Gemini's counts so far."""

    prompt: int | None = None
    tool_prompt: int | None = None
    cached: int | None = None
    candidates: int | None = None
    thoughts: int | None = None
    total: int | None = None


_REPORTED = msgspec.json.Decoder(_Reported)


def fold(seen: Counts, raw: bytes | msgspec.Raw) -> Counts:
    """The counts after a further `usageMetadata`; what it does not count stays."""
    reported = decoded(_REPORTED, raw)
    if reported is None:
        return seen
    return Counts(
        _later(seen.prompt, reported.prompt),
        _later(seen.tool_prompt, reported.tool_prompt),
        _later(seen.cached, reported.cached),
        _later(seen.candidates, reported.candidates),
        _later(seen.thoughts, reported.thoughts),
        _later(seen.total, reported.total),
    )


def usage_of(counts: Counts) -> Usage:
    """The counts in our five classes."""
    prompt = None if counts.prompt is None and counts.tool_prompt is None else (counts.prompt or 0) + (counts.tool_prompt or 0)
    return Usage(
        input_tokens=None if prompt is None else max(0, prompt - (counts.cached or 0)),
        cache_read_tokens=counts.cached,
        output_tokens=_output(counts, prompt),
        reasoning_tokens=counts.thoughts,
    )


def _output(counts: Counts, prompt: int | None) -> int | None:
    if counts.candidates is not None or counts.thoughts is not None:
        return (counts.candidates or 0) + (counts.thoughts or 0)
    if prompt is not None and counts.total == prompt:
        return 0  # a blocked prompt, or no word yet: the zero is left out, but the total says it
    return None


def _later(seen: int | None, reported: object) -> int | None:
    if reported is None:
        return seen
    counted = count(reported)
    return seen if counted is None else counted
