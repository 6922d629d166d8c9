"""The items of a Responses input, typed: as almost all are written, and as any other one may be."""

from collections.abc import Sequence
from typing import Literal

import msgspec

from headgate.core.conversation import Tool, Turn
from headgate.dialects.lenient import decoded
from headgate.dialects.openai_responses.decode_content import UsualContent
from headgate.dialects.unread import Unread, pruned

_NULL = msgspec.Raw(b"null")


class _ItemMembers(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    """The members that every reading of an item has, and those that say nothing more."""

    role: object = None
    id: object = None
    call_id: object = None
    name: object = None
    namespace: object = None
    status: object = None
    execution: object = None
    encrypted_content: object = None
    summary: object = None
    created_by: object = None
    internal_chat_message_metadata_passthrough: object = None  # Codex's own


class InputItem(_ItemMembers, gc=False, forbid_unknown_fields=True):
    """An item whose contents are passed over first, and decoded when its type is known."""

    type: object = None
    content: msgspec.Raw = _NULL
    arguments: msgspec.Raw = _NULL
    input: msgspec.Raw = _NULL
    output: msgspec.Raw = _NULL
    action: msgspec.Raw = _NULL
    operation: msgspec.Raw = _NULL
    tools: msgspec.Raw = _NULL


class UsualItem(_ItemMembers, gc=False, forbid_unknown_fields=True):
    """An item as almost all are: its texts are decoded with it, where those of an `InputItem` are passed over first."""

    type: Literal["message", "reasoning", "function_call", "function_call_output", "custom_tool_call", "custom_tool_call_output"] | None = None
    content: UsualContent = None
    arguments: str | None = None
    input: str | None = None
    output: UsualContent = None


AnyItem = InputItem | UsualItem
_ITEM = msgspec.json.Decoder(InputItem)
_ITEMS = msgspec.json.Decoder(list[InputItem])
_USUAL_ITEMS = msgspec.json.Decoder(list[UsualItem])


class GivenInput(msgspec.Struct, frozen=True, gc=False):
    """What an input says: its turns, and the tools that it offers."""

    turns: tuple[Turn, ...]
    tools: tuple[Tool, ...]


def all_items(raw: msgspec.Raw) -> Sequence[AnyItem] | None:
    """The items of a list; `None` where one of them has a member that is not known, or is no object."""
    try:
        return _USUAL_ITEMS.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        pass
    try:
        return _ITEMS.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def read_item(raw: msgspec.Raw, more: Unread) -> InputItem | None:
    """An item without the members that have no place; `None` for what is no object."""
    try:
        return _ITEM.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return decoded(_ITEM, pruned(raw, InputItem, "", more)) if bytes(raw).startswith(b"{") else None
