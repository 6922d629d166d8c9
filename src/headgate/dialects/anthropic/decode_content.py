"""Content of Anthropic Messages decoded into the parts of a conversation."""

from collections.abc import Callable, Mapping, Sequence

import msgspec

from headgate.core.conversation import Foreign, Media, Part, Text, Thinking, Tool, ToolCall, ToolResult
from headgate.core.opaque_state import OpaqueState
from headgate.dialects.anthropic.blocks import (
    Block,
    DocumentBlock,
    ImageBlock,
    MediaSource,
    RedactedThinkingBlock,
    SearchResultBlock,
    TextBlock,
    ThinkingBlock,
    ToolReferenceBlock,
    ToolResultBlock,
    ToolUseBlock,
    UnknownBlock,
    contents,
)
from headgate.dialects.anthropic.state_slots import FAMILY, OF_LAST, OF_NEXT, REDACTED, SIGNATURE, slot

Deferred = Mapping[str, Tool]
"""Tools that are offered only once a search has found them, by name."""


def parts(raw: msgspec.Raw | None, where: str, deferred: Deferred) -> tuple[Part, ...]:
    """The parts of a message's content. Raises BadRequest, with `where` it is."""
    found: list[Part] = []
    waiting: OpaqueState | None = None  # a state that belongs to the next call
    for each in contents(raw, where):
        if isinstance(each, RedactedThinkingBlock):
            held = slot(each.data, REDACTED)
            if held.owner == OF_NEXT:
                waiting = held.state
            else:
                _put(found, held.state, held.owner)
            continue
        made = _parts(each, where, deferred)
        if waiting is not None and isinstance(each, ToolUseBlock):
            made = tuple(msgspec.structs.replace(part, state=waiting) for part in made if isinstance(part, ToolCall))
            waiting = None
        found += made
    return tuple(found)


def _put(found: list[Part], state: OpaqueState | None, owner: str) -> None:
    """Add a state to the part that it belongs to: the last one, none, or a thought of which there is only the state."""
    if state is None:
        return
    if not owner:
        found.append(Thinking(state=state, redacted=True))
    elif owner == OF_LAST and found and isinstance(found[-1], Text | ToolCall):
        found[-1] = msgspec.structs.replace(found[-1], state=state)
    else:
        found.append(Text("", state=state))


def _parts(each: Block | UnknownBlock, where: str, deferred: Deferred) -> tuple[Part, ...]:
    decode = _DECODERS.get(type(each))
    if decode is not None:
        return decode(each)
    if isinstance(each, ToolResultBlock):
        return (_result(each, where, deferred),)
    return (Foreign(FAMILY, each.type, each.raw),) if isinstance(each, UnknownBlock) else ()


def _text(each: TextBlock) -> tuple[Part, ...]:
    return (Text(each.text, each.cached),)


def _image(each: ImageBlock) -> tuple[Part, ...]:
    return (_media("image", each.source, each.cached),)


def _document(each: DocumentBlock) -> tuple[Part, ...]:
    title = each.title or ""
    before: tuple[Part, ...] = (Text(each.context),) if each.context else ()
    if each.source.type != "content":
        return (*before, _media("document", each.source, each.cached, title))
    inside = contents(each.source.content, "source.content")
    texts = [block.text for block in inside if isinstance(block, TextBlock)]
    if len(texts) == len(inside):
        return (*before, Media("document", "text/plain", text="\n\n".join(texts), name=title, cached=each.cached))
    heading: tuple[Part, ...] = (Text(title),) if title else ()
    return (*before, *heading, *(part for block in inside for part in _parts(block, "source.content", {})))


def _media(kind: str, source: MediaSource, cached: bool, name: str = "") -> Media:  # ruff: ignore[boolean-type-hint-positional-argument]
    if source.type == "text":
        return Media(kind, source.media_type or "text/plain", text=source.data, name=name, cached=cached)
    return Media(kind, source.media_type, base64=source.data, url=source.url, file_id=source.file_id, name=name, cached=cached)


def _search_result(each: SearchResultBlock) -> tuple[Part, ...]:
    said = "\n\n".join(block.text for block in each.content)
    return (Text(f"{each.title} ({each.source})\n\n{said}", each.cached),)


def _call(each: ToolUseBlock) -> tuple[Part, ...]:
    return (ToolCall(each.id, each.name, bytes(each.input).decode(errors="replace"), cached=each.cached),)


def _thinking(each: ThinkingBlock) -> tuple[Part, ...]:
    state = slot(each.signature, SIGNATURE).state
    # Only OpenAI's encrypted reasoning comes with a summary in place of the thought itself.
    return (Thinking(each.thinking, summary=state is not None and state.family == "openai", state=state),)


def _reference(each: ToolReferenceBlock) -> tuple[Part, ...]:
    return (Text(_found(each.tool_name)),)


_DECODERS: Mapping[type, Callable[..., tuple[Part, ...]]] = {
    TextBlock: _text,
    ImageBlock: _image,
    DocumentBlock: _document,
    SearchResultBlock: _search_result,
    ToolUseBlock: _call,
    ThinkingBlock: _thinking,
    ToolReferenceBlock: _reference,
}


def _result(each: ToolResultBlock, where: str, deferred: Deferred) -> ToolResult:
    inside = contents(each.content, f"{where}.content")
    first = inside[0] if len(inside) == 1 else None
    if isinstance(first, TextBlock):  # as almost all are
        return ToolResult(each.tool_use_id, (Text(first.text, first.cached),), failed=each.is_error is True, cached=each.cached)
    names = [block.tool_name for block in inside if isinstance(block, ToolReferenceBlock)]
    tools = tuple(deferred[name] for name in dict.fromkeys(names) if name in deferred)
    said = _result_parts(inside, where)
    return ToolResult(each.tool_use_id, said, failed=each.is_error is True, tools=tools, cached=each.cached)


def _result_parts(inside: Sequence[Block | UnknownBlock], where: str) -> tuple[Text | Media, ...]:
    """Parts that a result may have. What has no place there is written out as its JSON, so that the model still sees it."""
    found: list[Text | Media] = []
    for each in inside:
        if isinstance(each, UnknownBlock):
            found.append(Text(bytes(each.raw).decode(errors="replace")))
            continue
        found += [part for part in _parts(each, where, {}) if isinstance(part, Text | Media)]
    return tuple(found)


def _found(name: str) -> str:
    return f"The tool {name} was found and can be called now."
