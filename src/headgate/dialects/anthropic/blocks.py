"""The content blocks of Anthropic Messages that have a place in a conversation, typed: https://docs.claude.com/en/api/messages and the `…BlockParam` types of
the `anthropic` SDK 2.12. Members that are not listed are noted as not read. Any other type of block is its own dialect's alone.
"""

from collections.abc import Mapping, Sequence
from typing import TypeVar

import msgspec

from headgate.core.errors import BadRequest
from headgate.dialects.unread import Unread, pruned

T = TypeVar("T")

_ABSENT = frozenset({b"", b"null"})
_ABSENT_BYTES_MAX = 4


def is_given(raw: msgspec.Raw) -> bool:
    """Whether a member is there, and not null."""
    return len(raw) > _ABSENT_BYTES_MAX or bytes(raw) not in _ABSENT


class MediaSource(msgspec.Struct, gc=False):
    """Where an image or a document is."""

    type: str
    media_type: str = ""
    data: str = ""
    url: str = ""
    file_id: str = ""
    content: msgspec.Raw = msgspec.Raw()  # of a document: a text, or blocks


class _Block(msgspec.Struct, tag_field="type", gc=False, forbid_unknown_fields=True):
    cache_control: object = None

    @property
    def cached(self) -> bool:
        """Whether the client marks the end of a prefix to cache here."""
        return self.cache_control is not None


class TextBlock(_Block, tag="text"):
    """Text. `citations` are its sources."""

    text: str = ""
    citations: object = None


class ImageBlock(_Block, tag="image", kw_only=True):
    """An image."""

    source: MediaSource


class DocumentBlock(_Block, tag="document", kw_only=True):
    """A document. `context` is about it, for the model alone."""

    source: MediaSource
    title: str | None = None
    context: str | None = None
    citations: object = None


class SearchResultBlock(_Block, tag="search_result", kw_only=True):
    """Something that the client found, with where it found it."""

    source: str
    title: str
    content: list[TextBlock]
    citations: object = None


class ToolUseBlock(_Block, tag="tool_use", kw_only=True):
    """A call of a tool. `caller` is the model itself or code that it wrote."""

    id: str
    name: str
    caller: object = None
    input: msgspec.Raw = msgspec.Raw(b"{}")


class ToolResultBlock(_Block, tag="tool_result", kw_only=True):
    """What a tool answered."""

    tool_use_id: str
    content: msgspec.Raw = msgspec.Raw()
    is_error: bool | None = None


class UsualResultBlock(_Block, tag="tool_result", kw_only=True):
    """The same as almost all are: a text, or blocks of the types that a result may have, decoded with it."""

    tool_use_id: str
    content: "str | list[ResultBlock] | None" = None
    is_error: bool | None = None


class ToolReferenceBlock(_Block, tag="tool_reference", kw_only=True):
    """Names a deferred tool that a search found, within a result."""

    tool_name: str


class ThinkingBlock(_Block, tag="thinking"):
    """A thought with its signature."""

    thinking: str = ""
    signature: str = ""


class RedactedThinkingBlock(_Block, tag="redacted_thinking"):
    """A thought that only the provider can read."""

    data: str = ""


Block = (
    TextBlock
    | ImageBlock
    | DocumentBlock
    | SearchResultBlock
    | ToolUseBlock
    | ToolResultBlock
    | ToolReferenceBlock
    | ThinkingBlock
    | RedactedThinkingBlock
)
ResultBlock = TextBlock | ImageBlock | DocumentBlock | SearchResultBlock | ToolReferenceBlock
UsualBlock = ResultBlock | ToolUseBlock | UsualResultBlock | ThinkingBlock | RedactedThinkingBlock
"""What a message has of almost all clients. Its results are read once, where those of a `Block` are passed over first."""


class _Head(msgspec.Struct, gc=False):
    type: str


class UnknownBlock(msgspec.Struct, gc=False):
    """A block of another type, as it is."""

    type: str
    raw: msgspec.Raw


_BLOCK: msgspec.json.Decoder[Block] = msgspec.json.Decoder(Block)
_HEAD = msgspec.json.Decoder(_Head)
_CONTENT: msgspec.json.Decoder[str | list[Block]] = msgspec.json.Decoder(str | list[Block])
_RAWS = msgspec.json.Decoder(list[msgspec.Raw])
_KNOWN: Mapping[str, type] = {
    "text": TextBlock,
    "image": ImageBlock,
    "document": DocumentBlock,
    "search_result": SearchResultBlock,
    "tool_use": ToolUseBlock,
    "tool_result": ToolResultBlock,
    "tool_reference": ToolReferenceBlock,
    "thinking": ThinkingBlock,
    "redacted_thinking": RedactedThinkingBlock,
}


def contents(raw: msgspec.Raw | None, where: str, unread: Unread) -> Sequence[Block | UnknownBlock]:
    """The blocks of a content: a text is one block. None where it is missing or null. Raises BadRequest, with `where` it is."""
    if raw is None or not is_given(raw):
        return []
    try:
        content = _CONTENT.decode(raw)
    except (msgspec.MsgspecError, RecursionError):  # one of the blocks is of another type, or wrong
        return _each(raw, where, unread)
    return blocks_of(content)


def blocks_of(content: str | Sequence[T] | None) -> Sequence[T | TextBlock]:
    """The blocks of a content that is decoded."""
    return [TextBlock(text=content)] if isinstance(content, str) else content or []


def _each(raw: msgspec.Raw, where: str, unread: Unread) -> Sequence[Block | UnknownBlock]:
    """The blocks of a list, one by one."""
    try:
        content = _RAWS.decode(raw)
    except (msgspec.MsgspecError, RecursionError):
        raise BadRequest(f"`{where}` must be a text or a list of blocks.", code="invalid_request") from None
    return [block(each, f"{where}.{index}", unread) for index, each in enumerate(content)]


def block(raw: msgspec.Raw, where: str, unread: Unread) -> Block | UnknownBlock:
    """One block. Raises BadRequest where it is none, or one of a known type with a member of the wrong type."""
    try:
        return _BLOCK.decode(raw)
    except (msgspec.MsgspecError, RecursionError):
        pass
    try:
        head = _HEAD.decode(raw)
    except (msgspec.MsgspecError, RecursionError):
        raise BadRequest(f"`{where}` must be a block with a `type`.", code="invalid_request") from None
    shape = _KNOWN.get(head.type)
    if shape is None:
        return UnknownBlock(head.type, raw)
    try:
        return _BLOCK.decode(pruned(raw, shape, head.type, unread))
    except (msgspec.MsgspecError, RecursionError) as error:
        raise BadRequest(f"`{where}` is not a block of type {head.type}: {error}.", code="invalid_request") from None
