"""How much text stands in a Chat Completions request or answer, for the estimate where a provider reports no usage. Media counts nothing."""

from collections.abc import Iterator

import msgspec

from headgate.dialects.dialect import Asked
from headgate.dialects.sse import SseSplitter

_TEXTS = ("content", "refusal", "reasoning_content", "reasoning")


def request_text_length(asked: Asked) -> int:
    """Characters of the messages, and of the tools as they are written."""
    return sum(map(_message_length, _list(_value(asked.fields.get("messages"))))) + _tools_length(asked)


def answer_text_length(body: bytes) -> int:
    """Characters generated in a whole answer, thinking and tool arguments included."""
    return sum(_message_length(choice.get("message")) for choice in _choices(body))


def stream_text_length(data: bytes) -> int:
    """Characters generated in a stream, or in the part of it that was kept."""
    splitter = SseSplitter()
    frames = [*splitter.feed(data), *splitter.feed(b"\n\n")]
    return sum(_message_length(choice.get("delta")) for _, chunk in frames for choice in _choices(chunk))


def _tools_length(asked: Asked) -> int:
    raw = asked.fields.get("tools")
    return 0 if raw is None else len(bytes(raw).decode(errors="replace"))


def _choices(body: bytes) -> Iterator[dict[str, object]]:
    value = _value(body)
    for choice in _list(value.get("choices") if isinstance(value, dict) else None):
        if isinstance(choice, dict):
            yield choice


def _message_length(message: object) -> int:
    if not isinstance(message, dict):
        return 0
    texts = sum(_content_length(message.get(name)) for name in _TEXTS)
    return texts + sum(map(_call_length, _list(message.get("tool_calls"))))


def _content_length(content: object) -> int:
    if isinstance(content, str):
        return len(content)
    return sum(len(part["text"]) for part in _list(content) if isinstance(part, dict) and isinstance(part.get("text"), str))


def _call_length(call: object) -> int:
    if not isinstance(call, dict):
        return 0
    called = call.get("function") or call.get("custom")
    if not isinstance(called, dict):
        return 0
    return sum(len(value) for name in ("name", "arguments", "input") if isinstance(value := called.get(name), str))


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _value(raw: bytes | msgspec.Raw | None) -> object:
    if raw is None:
        return None
    try:
        return msgspec.json.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
