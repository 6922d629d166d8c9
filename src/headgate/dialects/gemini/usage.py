"""Token counts of Gemini. The prompt's count includes what was read from a cache, the candidates' count excludes thoughts.

Every chunk may carry `usageMetadata`, the last one counts. Numbers that are zero are left out, and a later chunk may leave out what an earlier one
said, so the provider's own counts are merged first and brought to our classes then. The Gemini API names the tier as `serviceTier`, Vertex AI as
`trafficType` (types `UsageMetadata` and `TrafficType` of the `google-genai` SDK 3.4).
"""

from typing import Final

import msgspec

from headgate.core.usage import Usage, UsageLine
from headgate.dialects.billing import apart, charge_reported, tier_of
from headgate.dialects.gemini.counted_chunk import GeminiCounts, ReportedCounts, ReportedDetails
from headgate.dialects.lenient import count, decoded, items, mapping, text

_REPORTED: Final = msgspec.json.Decoder(ReportedCounts)
_DETAILS: Final = msgspec.json.Decoder(ReportedDetails)
# Sound, pictures and films may be charged separately; a document is charged as text.
_DEARER: Final = {"AUDIO": "audio", "IMAGE": "image", "VIDEO": "video"}


def merged(seen: GeminiCounts, raw: bytes | msgspec.Raw, searches: int = 0) -> GeminiCounts:
    """The counts after a further `usageMetadata`, which may be empty, and so many searches. A count that it lacks stays as it was."""
    reported = decoded(_REPORTED, raw)
    if reported is None:
        return msgspec.structs.replace(seen, searches=searches) if searches != seen.searches else seen
    return GeminiCounts(
        _later(seen.prompt, reported.prompt),
        _later(seen.tool_prompt, reported.tool_prompt),
        _later(seen.cached, reported.cached),
        _later(seen.candidates, reported.candidates),
        _later(seen.thoughts, reported.thoughts),
        _later(seen.total, reported.total),
        seen.tier if reported.tier is None and reported.traffic is None else tier_of(reported.tier, reported.traffic),
        _dearer(bytes(raw)) or seen.dearer,
        searches,
        charge_reported({"cost": reported.cost}) if reported.cost is not None else seen.charge_reported,
    )


def usage_of(counts: GeminiCounts) -> Usage:
    """The counts in Headgate's five classes, and what is charged beside them."""
    prompt = None if counts.prompt is None and counts.tool_prompt is None else (counts.prompt or 0) + (counts.tool_prompt or 0)
    output = _output(counts, prompt)
    read = counts.cached
    if prompt is not None and read is not None:
        if counts.total is not None and counts.total == prompt + read + (output or 0):
            prompt += read  # a server that leaves the cached input out of the prompt: its total says so
        read = min(read, prompt)  # a part never raises the whole
    searches = (UsageLine(kind="web_search", uses=counts.searches),) if counts.searches else ()
    usage = Usage(
        input_tokens=None if prompt is None else prompt - (read or 0),
        cache_read_tokens=read,
        output_tokens=output,
        reasoning_tokens=counts.thoughts,
        tier=counts.tier,
        beside=searches,
        charge_reported=counts.charge_reported,
    )
    return apart(usage, counts.dearer) if counts.dearer else usage


def _output(counts: GeminiCounts, prompt: int | None) -> int | None:
    if counts.candidates is not None and counts.thoughts and prompt is not None and counts.total == prompt + counts.candidates:
        return counts.candidates  # a server that counts the thoughts among the candidates: its total says so
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


def _dearer(raw: bytes) -> tuple[UsageLine, ...]:
    """Lines for tokens of sound, pictures and films."""
    if b'"AUDIO"' not in raw and b'"IMAGE"' not in raw and b'"VIDEO"' not in raw:
        return ()
    details = decoded(_DETAILS, raw)
    if details is None:
        return ()
    given, cached, gotten = _by_kind(details.prompt, details.tool_prompt), _by_kind(details.cached), _by_kind(details.candidates)
    lines = []
    for kind in _DEARER.values():
        read = min(cached.get(kind, 0), given.get(kind, 0))
        if given.get(kind) or gotten.get(kind):
            fresh = given.get(kind, 0) - read
            lines.append(UsageLine(kind=kind, input_tokens=fresh, cache_read_tokens=read or None, output_tokens=gotten.get(kind, 0)))
    return tuple(lines)


def _by_kind(*details: object) -> dict[str, int]:
    found: dict[str, int] = {}
    for entry in (mapping(entry) for each in details for entry in items(each)):
        kind = _DEARER.get(text(entry.get("modality")))
        if kind is not None:
            found[kind] = found.get(kind, 0) + (count(entry.get("tokenCount")) or 0)
    return found
