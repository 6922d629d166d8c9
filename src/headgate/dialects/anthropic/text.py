"""How much text a request or an answer of Anthropic Messages holds, for the estimate where a provider reports no usage.

Counted are the characters of system, messages, thinking, tool definitions, tool calls' arguments and tool results; not media, ids or signatures.
"""

import msgspec

from headgate.dialects.asked import Asked
from headgate.dialects.lenient import characters, decoded, items, mapping, text
from headgate.dialects.sse import SseSplitter

_ANY = msgspec.json.Decoder()
_DELTAS = (b'"content_block_start"', b'"content_block_delta"')


def request_text_length(asked: Asked) -> int:
    """Characters of text in a request."""
    messages, system = asked.fields.get("messages"), asked.fields.get("system")
    length = characters(asked.fields.get("tools"))
    length += _content(decoded(_ANY, system)) if system is not None else 0
    spoken = items(decoded(_ANY, messages)) if messages is not None else []
    return length + sum(_content(mapping(message).get("content")) for message in spoken)


def answer_text_length(body: bytes) -> int:
    """Characters of generated text in a whole answer."""
    return _content(mapping(decoded(_ANY, body)).get("content"))


def stream_text_length(data: bytes) -> int:
    """Characters of generated text in an answer stream."""
    splitter = SseSplitter(_DELTAS)
    frames = [*splitter.feed(data), *splitter.feed(b"\n\n")]
    return sum(_frame(mapping(decoded(_ANY, frame))) for _, frame in frames)


def _frame(frame: object) -> int:
    fields = mapping(frame)
    delta = mapping(fields.get("delta"))
    grown = sum(len(text(delta.get(name))) for name in ("text", "thinking", "partial_json"))
    started = mapping(fields.get("content_block"))
    return grown + (_block({**started, "input": None}) if started else 0)


def _content(content: object) -> int:
    if isinstance(content, str):
        return len(content)
    return sum(_block(block) for block in items(content))


def _block(block: object) -> int:
    fields = mapping(block)
    length = sum(len(text(fields.get(name))) for name in ("text", "thinking", "name"))
    if fields.get("input"):
        length += len(msgspec.json.encode(fields["input"]).decode())
    if "content" in fields:  # a tool's result: a text or blocks
        length += _content(fields["content"])
    source = mapping(fields.get("source"))
    return length + (len(text(source.get("data"))) if source.get("type") == "text" else 0)
