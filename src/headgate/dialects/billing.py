"""What the usage reports of several dialects share beside their counts: the tier, uses of priced tools, the provider's own price.

Knows no price. Reads anything, never raises.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from headgate.core.usage import Usage, UsageLine, total
from headgate.dialects.lenient import count, mapping

LINES_MAX: Final = 64
CHARGE_MAX: Final = 1e6  # US dollars; a larger price of one answer is none
TICKS_PER_USD: Final = 10**10  # https://docs.x.ai/developers/cost-tracking

_WORD_CHARACTERS_MAX: Final = 64
_MODEL_CHARACTERS_MAX: Final = 256
# Words for the ordinary service, and words that name no tier at all. OpenAI answers `default`, Anthropic `standard` with `inference_geo` `global` or
# `not_available`, Google `standard` or (Vertex AI) `ON_DEMAND`, Groq `on_demand`. `auto` is a wish, not an answer.
_STANDARD: Final = frozenset({"", "standard", "default", "auto", "on_demand", "global", "not_available", "unspecified", "traffic_type_unspecified"})
_PREFIXES: Final = ("on_demand_", "service_tier_")  # Vertex AI: ON_DEMAND_PRIORITY, ON_DEMAND_FLEX
# Tools that xAI runs and prices by the call, as `usage.server_side_tool_usage_details` names them (https://docs.x.ai/developers/pricing). Calls of MCP
# servers cost nothing.
_SERVER_SIDE_TOOLS: Final = {
    "web_search_calls": "web_search",
    "x_search_calls": "x_search",
    "code_interpreter_calls": "code_execution",
    "file_search_calls": "file_search",
    "document_search_calls": "attachment_search",
}


def tier_of(*words: object) -> str | None:
    """The tier that an answer was served in: the words for anything but the ordinary service, joined. Empty for the ordinary service, `None` if no word is given."""
    stated, found = False, ""
    for word in words:
        if isinstance(word, str):
            stated = True
            if word not in _STANDARD and (kind := _tier_word(word)) not in _STANDARD:
                found = f"{found}+{kind}" if found else kind
    return found if stated else None


def charge_reported(fields: Mapping[str, object]) -> float | None:
    """What a provider says it charged, in US dollars: xAI in ticks, OpenRouter as `cost`, Perplexity as `cost.total_cost`, DeepInfra as `estimated_cost`."""
    if "cost" not in fields and "cost_in_usd_ticks" not in fields and "estimated_cost" not in fields:
        return None
    ticks = count(fields.get("cost_in_usd_ticks"))
    if ticks is not None:
        return ticks / TICKS_PER_USD
    cost = fields.get("cost", fields.get("estimated_cost"))
    if isinstance(cost, dict):
        cost = cost.get("total_cost")
    if isinstance(cost, int | float) and not isinstance(cost, bool) and 0 <= cost < CHARGE_MAX:
        return float(cost)
    return None


def uses(kind: str, number: object) -> tuple[UsageLine, ...]:
    """The line of a priced tool; none if it was not used."""
    counted = count(number)
    return (UsageLine(kind=kind, uses=counted),) if counted else ()


def server_tools(fields: Mapping[str, object]) -> tuple[UsageLine, ...]:
    """The priced tools that a `usage` object counts: Anthropic's and OpenRouter's `server_tool_use`, xAI's `server_side_tool_usage_details`."""
    if "server_tool_use" not in fields and "server_side_tool_usage_details" not in fields:
        return ()
    details = mapping(fields.get("server_side_tool_usage_details"))
    if details:
        return tuple(line for name, kind in _SERVER_SIDE_TOOLS.items() for line in uses(kind, details.get(name)))
    return uses("web_search", mapping(fields.get("server_tool_use")).get("web_search_requests"))


def model_name(value: object) -> str:
    """A model as a line names it."""
    return value[:_MODEL_CHARACTERS_MAX] if isinstance(value, str) else ""


def bounded(lines: Sequence[UsageLine]) -> tuple[UsageLine, ...]:
    """The lines. If there are too many, lines for the same thing are added up, and what is still over the bound is cut off."""
    if len(lines) <= LINES_MAX:
        return tuple(lines)
    groups: dict[tuple[str, str, str], list[UsageLine]] = {}
    for line in lines:
        groups.setdefault((line.kind, line.model, line.tier), []).append(line)
    return tuple(_added(group) for group in list(groups.values())[:LINES_MAX])


def apart(usage: Usage, lines: Sequence[UsageLine]) -> Usage:
    """The usage with the tokens of these lines, which are part of it, moved to lines of their own. They never get more tokens than there are."""
    fresh, read = usage.input_tokens or 0, usage.cache_read_tokens or 0
    output = max(0, (usage.output_tokens or 0) - (usage.reasoning_tokens or 0))  # reasoning is text
    kept: list[UsageLine] = []
    for line in lines:
        given, cached, gotten = min(line.input_tokens or 0, fresh), min(line.cache_read_tokens or 0, read), min(line.output_tokens or 0, output)
        if given or cached or gotten:
            fresh, read, output = fresh - given, read - cached, output - gotten
            kept.append(UsageLine(kind=line.kind, input_tokens=given, cache_read_tokens=cached or None, output_tokens=gotten))
    taken = sum(line.output_tokens or 0 for line in kept)
    return msgspec.structs.replace(
        usage,
        input_tokens=None if usage.input_tokens is None else fresh,
        cache_read_tokens=None if usage.cache_read_tokens is None else read,
        output_tokens=None if usage.output_tokens is None else usage.output_tokens - taken,
        beside=(*kept, *usage.beside),
    )


def _added(lines: Sequence[UsageLine]) -> UsageLine:
    first, counts = lines[0], total(tuple(lines))
    used = [line.uses for line in lines if line.uses is not None]
    whole = msgspec.structs.asdict(counts)
    return UsageLine(**whole, kind=first.kind, model=first.model, tier=first.tier, uses=sum(used) if used else None)


def _tier_word(word: str) -> str:
    found = word[:_WORD_CHARACTERS_MAX].lower()
    for prefix in _PREFIXES:
        found = found.removeprefix(prefix)
    return found
