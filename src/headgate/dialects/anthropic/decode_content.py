"""Content of Anthropic Messages decoded into the parts of a conversation."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import msgspec

from headgate.core.conversation import FUNCTION, Foreign, Media, Part, Text, Thinking, Tool, ToolCall, ToolResult
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
    UsualBlock,
    UsualResultBlock,
    blocks_of,
    contents,
)
from headgate.dialects.anthropic.state_slots import FAMILY, OF_LAST, OF_NEXT, REDACTED, SIGNATURE, slot
from headgate.dialects.lenient import mapping
from headgate.dialects.unread import Unread

Deferred = Mapping[str, Tool]
"""Tools that are offered only once a search has found them, by name."""

_TTL_USUAL = "5m"


class ContentDecoder:
    """Decodes the contents of one request. `unread` has what was met in them and has no place in a conversation."""

    def __init__(self, deferred: Deferred, unread: Unread) -> None:
        self._deferred = deferred
        self._unread = unread

    @staticmethod
    def by_type() -> "Mapping[type, Callable[[ContentDecoder, Any, str], tuple[Part, ...]]]":
        """What decodes a block of each type."""
        return {
            TextBlock: ContentDecoder._text,
            ImageBlock: ContentDecoder._image,
            DocumentBlock: ContentDecoder._document,
            SearchResultBlock: ContentDecoder._search_result,
            ToolUseBlock: ContentDecoder._call,
            ToolResultBlock: ContentDecoder._results,
            UsualResultBlock: ContentDecoder._usual_results,
            ToolReferenceBlock: ContentDecoder._reference,
            ThinkingBlock: ContentDecoder._thinking,
            UnknownBlock: ContentDecoder._unknown,
        }

    def parts(self, raw: msgspec.Raw | None, where: str) -> tuple[Part, ...]:
        """The parts of a message's content. Raises BadRequest, with `where` it is."""
        return self.parts_of(contents(raw, where, self._unread), where)

    def parts_of(self, blocks: Sequence[Block | UsualBlock | UnknownBlock], where: str) -> tuple[Part, ...]:
        """The parts that blocks are."""
        found: list[Part] = []
        waiting: OpaqueState | None = None  # a state that belongs to the next call
        for each in blocks:
            if type(each) is RedactedThinkingBlock:
                held = slot(each.data, REDACTED)
                if held.owner == OF_NEXT:
                    waiting = held.state
                else:
                    _put(found, held.state, held.owner)
                continue
            made = _BY_TYPE[type(each)](self, each, where)
            if waiting is not None and type(each) is ToolUseBlock:
                made = tuple(msgspec.structs.replace(part, state=waiting) for part in made if isinstance(part, ToolCall))
                waiting = None
            found += made
        return tuple(found)

    def _cached(self, each: Block | UsualResultBlock) -> bool:
        """Whether the client marks the end of a prefix to cache here. How long it is to be kept has no place."""
        if each.cache_control is None:
            return False
        note_ttl(each.cache_control, self._unread)
        return True

    def _note(self, name: str, value: object) -> None:
        self._unread.setdefault(name, msgspec.Raw(msgspec.json.encode(value)))

    def _text(self, each: TextBlock, _where: str) -> tuple[Text]:
        if each.citations:
            self._note("text.citations", each.citations)
        return (Text(each.text, self._cached(each)),)

    def _image(self, each: ImageBlock, _where: str) -> tuple[Part, ...]:
        return (_media("image", each.source, cached=self._cached(each)),)

    def _document(self, each: DocumentBlock, _where: str) -> tuple[Part, ...]:
        if mapping(each.citations).get("enabled"):
            self._note("document.citations", each.citations)
        title, cached = each.title or "", self._cached(each)
        before: tuple[Part, ...] = (Text(each.context),) if each.context else ()
        if each.source.type != "content":
            return (*before, _media("document", each.source, title, cached=cached))
        inside = contents(each.source.content, "source.content", self._unread)
        texts = [self._text(block, "")[0] for block in inside if isinstance(block, TextBlock)]
        if len(texts) == len(inside):
            return (*before, Media("document", "text/plain", text="\n\n".join(text.text for text in texts), name=title, cached=cached))
        heading: tuple[Part, ...] = (Text(title),) if title else ()
        return (*before, *heading, *(part for block in inside for part in self._inside(block, "source.content")))

    def _search_result(self, each: SearchResultBlock, _where: str) -> tuple[Part, ...]:
        if mapping(each.citations).get("enabled"):
            self._note("search_result.citations", each.citations)
        said = "\n\n".join(self._text(block, "")[0].text for block in each.content)
        return (Text(f"{each.title} ({each.source})\n\n{said}", self._cached(each)),)

    def _call(self, each: ToolUseBlock, _where: str) -> tuple[Part, ...]:
        caller = each.caller
        if caller is not None and mapping(caller).get("type") != "direct":
            self._note("tool_use.caller", caller)
        return (ToolCall(each.id, each.name, bytes(each.input).decode(errors="replace"), cached=self._cached(each)),)

    def _thinking(self, each: ThinkingBlock, _where: str) -> tuple[Part, ...]:
        state = slot(each.signature, SIGNATURE).state
        # Only OpenAI's encrypted reasoning comes with a summary in place of the thought itself.
        return (Thinking(each.thinking, summary=state is not None and state.family == "openai", state=state),)

    def _reference(self, each: ToolReferenceBlock, _where: str) -> tuple[Part, ...]:
        return (Text(_found(each.tool_name), self._cached(each)),)

    def _unknown(self, each: UnknownBlock, _where: str) -> tuple[Part, ...]:
        return (Foreign(FAMILY, each.type, each.raw),)

    def _results(self, each: ToolResultBlock, where: str) -> tuple[Part, ...]:
        return self._result(each, contents(each.content, f"{where}.content", self._unread), where)

    def _usual_results(self, each: UsualResultBlock, where: str) -> tuple[Part, ...]:
        content = each.content
        if isinstance(content, str):  # as almost all are
            return (ToolResult(each.tool_use_id, (Text(content),), "", each.is_error is True, FUNCTION, (), self._cached(each)),)
        return self._result(each, blocks_of(content), where)

    def _result(self, each: ToolResultBlock | UsualResultBlock, inside: Sequence[Block | UnknownBlock], where: str) -> tuple[Part, ...]:
        first = inside[0] if len(inside) == 1 else None
        if type(first) is TextBlock:
            return (ToolResult(each.tool_use_id, self._text(first, where), "", each.is_error is True, FUNCTION, (), self._cached(each)),)
        names = [block.tool_name for block in inside if isinstance(block, ToolReferenceBlock)]
        tools = tuple(self._deferred[name] for name in dict.fromkeys(names) if name in self._deferred)
        said = self._result_parts(inside, where)
        return (ToolResult(each.tool_use_id, said, failed=each.is_error is True, tools=tools, cached=self._cached(each)),)

    def _result_parts(self, inside: Sequence[Block | UnknownBlock], where: str) -> tuple[Text | Media, ...]:
        """Parts that a result may have. What has no place there is written out as its JSON, so that the model still sees it."""
        found: list[Text | Media] = []
        for each in inside:
            if isinstance(each, UnknownBlock):
                found.append(Text(bytes(each.raw).decode(errors="replace")))
                continue
            made = self._inside(each, where)
            found += [part for part in made if isinstance(part, Text | Media)]
            if any(not isinstance(part, Text | Media) for part in made) or isinstance(each, RedactedThinkingBlock):
                self._note(f"tool_result.{each.__struct_config__.tag}", where)
        return tuple(found)

    def _inside(self, each: Block | UnknownBlock, where: str) -> tuple[Part, ...]:
        """The parts of a block within a block."""
        return () if isinstance(each, RedactedThinkingBlock) else _BY_TYPE[type(each)](self, each, where)


_BY_TYPE: Final = ContentDecoder.by_type()


def note_ttl(mark: object, unread: Unread) -> None:
    """Note how long a mark wants its prefix kept, unless that is the usual time."""
    ttl = mapping(mark).get("ttl")
    if ttl is not None and ttl != _TTL_USUAL:
        unread.setdefault("cache_control.ttl", msgspec.Raw(msgspec.json.encode(ttl)))


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


def _media(kind: str, source: MediaSource, name: str = "", *, cached: bool) -> Media:
    if source.type == "text":
        return Media(kind, source.media_type or "text/plain", text=source.data, name=name, cached=cached)
    return Media(kind, source.media_type, base64=source.data, url=source.url, file_id=source.file_id, name=name, cached=cached)


def _found(name: str) -> str:
    return f"The tool {name} was found and can be called now."
