"""The tools that OpenAI runs and prices separately, as a response reports them: searches by the call, pictures by their tokens.

`tool_usage` counts what is billed, so it wins over the calls in the output, which are counted where it is missing. Opening a found page or searching
within it is no search (types `ToolUsage` and `ResponseFunctionWebSearch` of the `openai` SDK 3.54). Knows no price, never raises.
"""

from collections.abc import Iterable, Mapping

import msgspec

from headgate.core.usage import UsageLine
from headgate.dialects.lenient import count, decoded, mapping

MARKS = (b'_search_call"',)  # in every event about such a call; one search for both kinds

_KINDS = {"web_search_call": "web_search", "file_search_call": "file_search"}
_ANY = msgspec.json.Decoder()
_RAWS = msgspec.json.Decoder(list[msgspec.Raw])
_NOTHING = msgspec.Raw()


class _Item(msgspec.Struct):
    type: object = None
    action: object = None


_ITEM = msgspec.json.Decoder(_Item)


def kind_of(item: msgspec.Raw) -> str:
    """What an output item is charged as; empty if it is not charged."""
    found = decoded(_ITEM, item)
    kind = _KINDS.get(found.type, "") if found is not None and isinstance(found.type, str) else ""
    if found is None or kind != "web_search":
        return kind
    action = mapping(found.action).get("type", "search")
    return kind if action == "search" else ""


def calls(output: msgspec.Raw) -> list[str]:
    """What the items of a whole output are charged as, one by one."""
    return [kind for item in decoded(_RAWS, output) or () if (kind := kind_of(item))]


def lines(tool_usage: msgspec.Raw, seen: Iterable[str]) -> tuple[UsageLine, ...]:
    """The lines of the tools that were used. `seen` are the calls as they passed."""
    reported = mapping(decoded(_ANY, tool_usage)) if tool_usage != _NOTHING else {}
    numbers: dict[str, int] = {}
    for kind in seen:
        numbers[kind] = numbers.get(kind, 0) + 1
    billed = count(mapping(reported.get("web_search")).get("num_requests"))
    if billed or (billed is not None and "web_search" in numbers):  # a 0 overrides what was seen
        numbers["web_search"] = billed
    used = tuple(UsageLine(kind=kind, uses=number) for kind, number in sorted(numbers.items()))
    return used + _pictures(mapping(reported.get("image_gen")))


def _pictures(reported: Mapping[str, object]) -> tuple[UsageLine, ...]:
    """Tokens of pictures that were made, which no other count holds. The response does not name the model that made them."""
    given, gotten = count(reported.get("input_tokens")), count(reported.get("output_tokens"))
    if not given and not gotten:
        return ()
    read = min(count(reported.get("cached_tokens")) or 0, given or 0)
    return (UsageLine(kind="image_generation", input_tokens=(given or 0) - read, cache_read_tokens=read, output_tokens=gotten),)
