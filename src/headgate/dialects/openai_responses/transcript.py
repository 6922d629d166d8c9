"""What was said in Responses: https://platform.openai.com/docs/api-reference/responses. An item that is no message is a call or the output of one."""

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

_ROLES = {"system": SYSTEM, "developer": SYSTEM, "user": USER, "assistant": ASSISTANT}
_TEXTS = frozenset({"input_text", "output_text", "text", "summary_text", "reasoning_text"})


def request(body: object) -> Transcript:
    """What a request says."""
    fields = mapping(body)
    return Transcript(parts=bounded(_spoken(fields)), tools=names_of(fields.get("tools")), continues=text(fields.get("previous_response_id")))


def answer(body: object) -> tuple[Part, ...]:
    """What an answer says."""
    fields = mapping(body)
    said_in_it = bounded(part for item in items(fields.get("output")) for part in _item(item, ASSISTANT))
    return (*said_in_it, *failure(fields.get("error")))


READER = TranscriptReader(request, answer)


def _spoken(fields: Mapping[str, object]) -> Iterator[Part]:
    if instructions := text(fields.get("instructions")):
        yield said(SYSTEM, TEXT, instructions)
    given = fields.get("input")
    if isinstance(given, str):
        yield said(USER, TEXT, given)
    for item in items(given):
        yield from _item(item, USER)


def _item(item: object, unnamed: str) -> Iterator[Part]:
    """An item's parts. A message without a role is by `unnamed`."""
    fields = mapping(item)
    kind = text(fields.get("type"))
    call_id = text(fields.get("call_id")) or text(fields.get("id"))
    if kind == "message" or (not kind and "content" in fields):
        yield from _content(_ROLES.get(text(fields.get("role")), unnamed), fields.get("content"))
    elif kind == "reasoning":
        words = "\n".join(filter(None, (texts(fields.get("summary")), texts(fields.get("content")))))
        yield said(ASSISTANT, THINKING, words, name="" if words else "encrypted")
    elif kind.endswith("_call_output"):
        yield said(USER, RESULT, texts(fields.get("output")), call_id=call_id, failed=text(fields.get("status")) == "failed")
    elif kind.endswith("_call"):
        given = next((fields[name] for name in ("arguments", "input", "action", "code", "queries", "operation") if fields.get(name)), None)
        yield called(text(fields.get("name")) or kind.removesuffix("_call"), call_id, given)
    else:
        yield other(unnamed, item)


def _content(role: str, content: object) -> Iterator[Part]:
    if isinstance(content, str):
        yield said(role, TEXT, content)
        return
    for block in items(content):
        fields = mapping(block)
        kind = text(fields.get("type"))
        if kind in _TEXTS:
            yield said(role, TEXT, text(fields.get("text")))
        elif kind == "refusal":
            yield said(role, TEXT, text(fields.get("refusal")), name="refusal")
        elif kind.startswith("input_"):
            yield media(role, kind)
        else:
            yield other(role, block)
