"""How much text is in a Responses request or answer, for the estimate where a provider reports no usage.

Media and encrypted reasoning count nothing; an item of an unknown type counts for the texts in it.
"""

from collections.abc import Iterator, Mapping

import msgspec

from headgate.dialects.asked import Asked
from headgate.dialects.lenient import characters, decoded, mapping
from headgate.dialects.sse import SseSplitter

_ANY = msgspec.json.Decoder()
_TEXTS = ("text", "content", "summary", "output", "refusal", "name", "arguments", "input", "instructions")
_DEPTH_MAX = 8  # an item, its parts, their parts: no item with text is nested deeper


def request_text_length(asked: Asked) -> int:
    """Characters of instructions and input, and of the tools as they are written."""
    fields = asked.fields
    texts = sum(_length(decoded(_ANY, fields[name])) for name in ("instructions", "input") if name in fields)
    return texts + characters(fields.get("tools"))


def answer_text_length(body: bytes) -> int:
    """Characters generated in a whole answer: texts, reasoning summaries, arguments and inputs of tools."""
    return _length(mapping(decoded(_ANY, body)).get("output"))


def stream_text_length(data: bytes) -> int:
    """Characters generated in a stream, or in the part of it that was kept: its deltas, or whole items where a server sends no deltas."""
    deltas = items = 0
    for event in _events(data):
        kind = event.get("type")
        if isinstance(event.get("delta"), str):
            deltas += len(str(event["delta"]))
        elif kind == "response.output_item.done":
            items += _length(event.get("item"))
    return max(deltas, items)


def _events(data: bytes) -> Iterator[Mapping[str, object]]:
    splitter = SseSplitter()
    for _, frame in [*splitter.feed(data), *splitter.feed(b"\n\n")]:
        yield mapping(decoded(_ANY, frame))


def _length(value: object, depth: int = _DEPTH_MAX) -> int:
    if isinstance(value, str):
        return len(value)
    if not depth:
        return 0
    if isinstance(value, list):
        return sum(_length(item, depth - 1) for item in value)
    if isinstance(value, dict):
        return sum(_length(value[name], depth - 1) for name in _TEXTS if name in value)
    return 0
