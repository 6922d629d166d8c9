"""Decodes the tools of one of Cursor's requests, each by the dialect that it is written in, and the choice of them."""

from typing import Final

import msgspec

from headgate.core.conversation import Conversation, ToolChoice
from headgate.core.errors import BadRequest
from headgate.dialects.cursor.one_dialect import decode_fields, listed, runs
from headgate.dialects.cursor.shapes import ANTHROPIC, of_choice, of_tool
from headgate.dialects.lenient import decoded, mapping, text

_ANY: Final = msgspec.json.Decoder()
_RAWS: Final = msgspec.json.Decoder(list[msgspec.Raw])
_MEMBERS: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_NULL: Final = msgspec.Raw(b"null")


def decode_tools(raw: msgspec.Raw) -> Conversation:
    """The tools in their order, and what has no place in them. Raises BadRequest."""
    if bytes(raw) == b"null":
        return Conversation()
    written = decoded(_RAWS, raw)
    if written is None:
        raise BadRequest("`tools` must be a list.", code="invalid_request")
    pieces = [(of_tool(decoded(_ANY, tool)), _typed(tool)) for tool in written]
    found = [decode_fields(dialect, {"tools": listed(run)}) for dialect, run in runs(pieces)]
    beyond = {name: value for each in found for name, value in each.beyond.items()}
    return Conversation(tools=tuple(tool for each in found for tool in each.tools), beyond=beyond)


def decode_choice(raw: msgspec.Raw) -> ToolChoice:
    """Which tool is to be called. Anthropic's `tool` without a name means any of them. Raises BadRequest."""
    choice = decoded(_ANY, raw)
    dialect = of_choice(choice)
    if dialect != ANTHROPIC:
        return decode_fields(dialect, {"tool_choice": raw}).choice
    fields = mapping(choice)
    kind, name = text(fields.get("type")), text(fields.get("name"))
    if kind == "tool" and name:
        return ToolChoice("named", (name,))
    return ToolChoice("required" if kind in {"tool", "any"} else kind)


def _typed(raw: msgspec.Raw) -> bytes:
    """A tool as it is written; a flat function without its type gets it."""
    fields = mapping(decoded(_ANY, raw))
    if "type" in fields or "parameters" not in fields:
        return bytes(raw)
    return msgspec.json.encode({"type": "function", **_MEMBERS.decode(raw)})
