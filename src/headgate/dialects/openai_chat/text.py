"""How much text is in a Chat Completions request or answer, for the estimate where a provider reports no usage. Media counts nothing."""

from collections.abc import Iterator, Mapping

import msgspec

from headgate.dialects.asked import Asked
from headgate.dialects.lenient import characters, decoded, items, mapping, text
from headgate.dialects.sse import SseSplitter

_ANY = msgspec.json.Decoder()
_TEXTS = ("content", "refusal", "reasoning_content", "reasoning")


def request_text_length(asked: Asked) -> int:
    """Characters of the messages, and of the tools as they are written."""
    return sum(map(_message_length, items(decoded(_ANY, asked.fields.get("messages", msgspec.Raw()))))) + characters(asked.fields.get("tools"))


def answer_text_length(body: bytes) -> int:
    """Characters generated in a whole answer, thinking and tool arguments included."""
    return sum(_message_length(choice.get("message")) for choice in _choices(body))


def stream_text_length(data: bytes) -> int:
    """Characters generated in a stream, or in the part of it that was kept."""
    splitter = SseSplitter()
    frames = [*splitter.feed(data), *splitter.feed(b"\n\n")]
    return sum(_message_length(choice.get("delta")) for _, chunk in frames for choice in _choices(chunk))


def _choices(body: bytes) -> Iterator[Mapping[str, object]]:
    return map(mapping, items(mapping(decoded(_ANY, body)).get("choices")))


def _message_length(message: object) -> int:
    members = mapping(message)
    texts = sum(_content_length(members.get(name)) for name in _TEXTS)
    return texts + sum(map(_call_length, items(members.get("tool_calls"))))


def _content_length(content: object) -> int:
    if isinstance(content, str):
        return len(content)
    return sum(len(text(mapping(part).get("text"))) for part in items(content))


def _call_length(call: object) -> int:
    called = mapping(mapping(call).get("function") or mapping(call).get("custom"))
    return sum(len(text(called.get(name))) for name in ("name", "arguments", "input"))
