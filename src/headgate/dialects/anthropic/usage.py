"""Token counts of Anthropic Messages. `input_tokens` is fresh input alone; cache reads and writes are counted separately.

`message_start` has the input and the split of cache writes by lifetime; `message_delta` repeats counts cumulatively, without that split, and some
servers send null for what they do not repeat. So counts are merged as they come, and the split is kept.

`iterations` lists every sampling of one request. Those of kind `message` and `fallback_message` are what the totals count (an attempt that a model
declined is not, and is not charged); a compaction and an adviser's answers come on top of the totals, the adviser's at its own model's price.
Field names and meanings: the types `BetaUsage` and `Beta…IterationUsage` of the `anthropic` SDK 2.12.
"""

from collections.abc import Mapping
from typing import Final

import msgspec

from headgate.core.event import UsageSeen
from headgate.core.usage import Usage, UsageLine
from headgate.dialects.billing import bounded, charge_reported, model_name, server_tools, tier_of
from headgate.dialects.lenient import count, items, mapping

NOTHING: Final = Usage()
_made: Final = Usage  # compiled code looks up by name what is not Final
_IN_TOTALS: Final = frozenset({"message", "fallback_message"})
_BESIDE_TOTALS: Final = frozenset({"compaction", "advisor_message"})


class UsageCount:
    """The counts of one answer stream as they come."""

    def __init__(self) -> None:
        self.usage = NOTHING

    def start(self, reported: object) -> tuple[UsageSeen, ...]:
        """Take the counts of a `message_start`; the event that it makes, if any.

        Nothing is generated yet: its output count is a placeholder. Without a count in a delta it was never reported.
        """
        return self._seen(msgspec.structs.replace(merged(self.usage, reported), output_tokens=self.usage.output_tokens))

    def add(self, reported: object) -> tuple[UsageSeen, ...]:
        """Take the counts of a `message_delta`; the event that it makes, if any."""
        return self._seen(merged(self.usage, reported))

    def _seen(self, usage: Usage) -> tuple[UsageSeen, ...]:
        if usage == self.usage:
            return ()
        self.usage = usage
        return (UsageSeen(usage),)


def merged(seen: Usage, reported: object) -> Usage:
    """The usage after a further `usage` object: each valid count in it, also an explicit 0, replaces the one before."""
    fields = mapping(reported)
    if not fields:
        return seen
    written_5m, written_1h = _written(seen, fields)
    later = _made(
        input_tokens=count(fields.get("input_tokens")),
        cache_read_tokens=count(fields.get("cache_read_input_tokens")),
        cache_write_5m_tokens=written_5m,
        cache_write_1h_tokens=written_1h,
        output_tokens=count(fields.get("output_tokens")),
        reasoning_tokens=count(mapping(fields.get("output_tokens_details")).get("thinking_tokens")) if "output_tokens_details" in fields else None,
        tier=_tier(fields),
        beside=_beside(fields) if "iterations" in fields or "server_tool_use" in fields or "server_side_tool_usage_details" in fields else (),
        charge_reported=charge_reported(fields),
    )
    usage = later if seen is NOTHING else seen.updated(later)
    if usage.reasoning_tokens is not None and usage.output_tokens is not None and usage.reasoning_tokens > usage.output_tokens:
        return msgspec.structs.replace(usage, reasoning_tokens=usage.output_tokens)  # a part never raises the whole
    return usage


def _tier(fields: Mapping[str, object]) -> str | None:
    if "service_tier" not in fields and "speed" not in fields and "inference_geo" not in fields:
        return None
    return tier_of(fields.get("service_tier"), fields.get("speed"), fields.get("inference_geo"))


def _beside(fields: Mapping[str, object]) -> tuple[UsageLine, ...]:
    """The samplings that the totals leave out, and searches."""
    iterations = items(fields.get("iterations"))
    searches = server_tools(fields)
    if not iterations or (len(iterations) == 1 and model_name(mapping(iterations[0]).get("type")) in _IN_TOTALS):
        return bounded(searches)
    entries = [mapping(entry) for entry in iterations]
    outside = _outside(entries, count(fields.get("output_tokens")))
    lines = [line for kind, entry in outside if (line := _line(entry, kind, fields)).all_input_tokens is not None or line.output_tokens is not None]
    return bounded([*lines, *searches])


def _outside(entries: list[dict[str, object]], output_tokens: int | None) -> list[tuple[str, dict[str, object]]]:
    """The iterations that come on top of the totals. For an unknown kind the total of the output shows whether it is included."""
    named = [(model_name(entry.get("type")), entry) for entry in entries]
    unknown = [entry for kind, entry in named if kind not in _IN_TOTALS and kind not in _BESIDE_TOTALS]
    included = [entry for kind, entry in named if kind in _IN_TOTALS]
    unknown_counted = bool(unknown) and output_tokens == sum(count(entry.get("output_tokens")) or 0 for entry in (*included, *unknown))
    return [(kind, entry) for kind, entry in named if kind in _BESIDE_TOTALS or (kind not in _IN_TOTALS and not unknown_counted)]


def _line(entry: dict[str, object], kind: str, fields: Mapping[str, object]) -> UsageLine:
    written_5m, written_1h = _written(Usage(), entry)
    # `speed` is asked of the model that answers; an adviser has its own.
    speed = None if kind == "advisor_message" else fields.get("speed")
    return UsageLine(
        kind=kind,
        model=model_name(entry.get("model")),
        tier=tier_of(fields.get("service_tier"), speed, fields.get("inference_geo")) or "",
        input_tokens=count(entry.get("input_tokens")),
        cache_read_tokens=count(entry.get("cache_read_input_tokens")),
        cache_write_5m_tokens=written_5m,
        cache_write_1h_tokens=written_1h,
        output_tokens=count(entry.get("output_tokens")),
    )


def _written(seen: Usage, reported: dict[str, object]) -> tuple[int | None, int | None]:
    """Cache writes of five minutes and of one hour. A total without the split counts as five minutes, except for what is known to be one hour's."""
    split = mapping(reported.get("cache_creation"))
    written_5m, written_1h = count(split.get("ephemeral_5m_input_tokens")), count(split.get("ephemeral_1h_input_tokens"))
    if written_5m is not None or written_1h is not None:
        return written_5m, written_1h
    total = count(reported.get("cache_creation_input_tokens"))
    if total is None:
        return None, None
    kept_1h = None if seen.cache_write_1h_tokens is None else min(seen.cache_write_1h_tokens, total)
    return total - (kept_1h or 0), kept_1h
