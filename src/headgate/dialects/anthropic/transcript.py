"""What was said in Anthropic Messages: https://docs.anthropic.com/en/api/messages. Blocks of unknown types are shown as they are."""

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


def request(body: object) -> Transcript:
    """What a request says."""
    fields = mapping(body)
    return Transcript(parts=bounded(_spoken(fields)), tools=names_of(fields.get("tools")))


def answer(body: object) -> tuple[Part, ...]:
    """What an answer says."""
    fields = mapping(body)
    return (*bounded(_content(ASSISTANT, fields.get("content"))), *failure(fields.get("error")))


READER = TranscriptReader(request, answer)


def _spoken(fields: Mapping[str, object]) -> Iterator[Part]:
    yield from _content(SYSTEM, fields.get("system"))
    for message in map(mapping, items(fields.get("messages"))):
        role = text(message.get("role"))
        yield from _content(role if role in {USER, ASSISTANT, SYSTEM} else USER, message.get("content"))


def _content(role: str, content: object) -> Iterator[Part]:
    if isinstance(content, str):
        yield said(role, TEXT, content)
        return
    for block in items(content):
        yield _block(role, block)


def _block(role: str, block: object) -> Part:
    fields = mapping(block)
    kind = text(fields.get("type"))
    if kind == "text":
        return said(role, TEXT, text(fields.get("text")))
    if kind == "thinking":
        return said(role, THINKING, text(fields.get("thinking")))
    if kind == "redacted_thinking":
        return said(role, THINKING, "", name="redacted")
    if kind.endswith("tool_use"):
        return called(text(fields.get("name")), text(fields.get("id")), fields.get("input"))
    if kind.endswith("tool_result"):
        failed = fields.get("is_error") is True
        return said(role, RESULT, texts(fields.get("content")), call_id=text(fields.get("tool_use_id")), failed=failed)
    return media(role, kind) if kind in {"image", "document"} else other(role, block)
