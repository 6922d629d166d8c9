"""What was said in Chat Completions: https://platform.openai.com/docs/api-reference/chat. Blocks as other formats have them are read as well, for Cursor."""

from collections.abc import Iterator, Mapping

from headgate.dialects.lenient import items, mapping, text
from headgate.dialects.transcript import (
    ASSISTANT,
    RESULT,
    SYSTEM,
    TEXT,
    THINKING,
    USER,
    Part,
    Transcript,
    TranscriptReader,
    bounded,
    called,
    failure,
    media,
    names_of,
    other,
    said,
    texts,
)

_ROLES = {"system": SYSTEM, "developer": SYSTEM, "user": USER, "assistant": ASSISTANT, "tool": USER, "function": USER}
_MEDIA = frozenset({"image_url", "input_image", "image", "input_audio", "file", "input_file", "document"})


def request(body: object) -> Transcript:
    """What a request says."""
    fields = mapping(body)
    return Transcript(parts=bounded(_spoken(fields)), tools=names_of(fields.get("tools")))


def answer(body: object) -> tuple[Part, ...]:
    """What an answer says; of several choices the first."""
    fields = mapping(body)
    choice = next(iter(map(mapping, items(fields.get("choices")))), {})
    return (*bounded(_message(ASSISTANT, mapping(choice.get("message")))), *failure(fields.get("error")))


READER = TranscriptReader(request, answer)


def _spoken(fields: Mapping[str, object]) -> Iterator[Part]:
    yield from _content(SYSTEM, fields.get("system"))
    for message in map(mapping, items(fields.get("messages"))):
        role = text(message.get("role"))
        if role in {"tool", "function"}:
            yield said(USER, RESULT, texts(message.get("content")), name=text(message.get("name")), call_id=text(message.get("tool_call_id")))
        else:
            yield from _message(_ROLES.get(role, USER), message)


def _message(role: str, message: Mapping[str, object]) -> Iterator[Part]:
    thought = text(message.get("reasoning_content")) or text(message.get("reasoning"))
    if thought:
        yield said(role, THINKING, thought)
    yield from _content(role, message.get("content"))
    if refusal := text(message.get("refusal")):
        yield said(role, TEXT, refusal, name="refusal")
    for call in map(mapping, items(message.get("tool_calls"))):
        yield _call(call, text(call.get("id")))
    if legacy := mapping(message.get("function_call")):
        yield _call({"function": legacy}, "")


def _call(call: Mapping[str, object], call_id: str) -> Part:
    inner = mapping(call.get("function")) or mapping(call.get("custom"))
    return called(text(inner.get("name")), call_id, inner.get("arguments", inner.get("input")))


def _content(role: str, content: object) -> Iterator[Part]:
    if isinstance(content, str):
        if content:
            yield said(role, TEXT, content)
        return
    for block in items(content):
        yield _block(role, block)


def _block(role: str, block: object) -> Part:
    fields = mapping(block)
    kind = text(fields.get("type"))
    if isinstance(fields.get("text"), str):
        return said(role, TEXT, text(fields.get("text")))
    if kind == "refusal":
        return said(role, TEXT, text(fields.get("refusal")), name="refusal")
    if kind == "thinking":
        return said(role, THINKING, text(fields.get("thinking")))
    if kind == "tool_use":
        return called(text(fields.get("name")), text(fields.get("id")), fields.get("input"))
    if kind == "tool_result":
        return said(role, RESULT, texts(fields.get("content")), call_id=text(fields.get("tool_use_id")), failed=fields.get("is_error") is True)
    return media(role, kind) if kind in _MEDIA else other(role, block)
