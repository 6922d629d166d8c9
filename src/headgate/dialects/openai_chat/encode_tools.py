"""Encodes tools, and which of them is to be called, as Chat Completions has them. `strict` is written only where the client asked for it."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from headgate.core.conversation import CUSTOM, SERVER, WEB_SEARCH, Tool, ToolChoice
from headgate.core.errors import Untranslatable
from headgate.dialects.openai_chat.decode_messages import DIALECT

_NO_PARAMETERS: Final = msgspec.Raw(b'{"type":"object","properties":{}}')

Fields = dict[str, object]


def encode_tools(tools: Sequence[Tool], choice: ToolChoice, *, allowed_known: bool) -> Fields:
    """The members of a request that are about its tools.

    A server that does not know `allowed_tools` is shown the allowed tools alone. Raises Untranslatable where the tool that must be called is not there.
    """
    search = [
        tool.raw for tool in tools if tool.kind == SERVER and tool.dialect == DIALECT and tool.server_type == WEB_SEARCH and tool.raw is not None
    ]
    offered = [tool for tool in tools if tool.kind != SERVER or (tool.dialect == DIALECT and tool.server_type != WEB_SEARCH)]
    if choice.mode == "allowed" and not allowed_known:
        offered = [tool for tool in offered if tool.name in choice.names]
    written = [_tool(tool) for tool in offered]
    fields: Fields = {"tools": written} if written else {}
    chosen = _choice(choice, {tool.name: tool for tool in offered}, allowed_known=allowed_known) if written or choice.mode == "named" else None
    if chosen is not None:
        fields["tool_choice"] = chosen
    return fields | ({"web_search_options": search[0]} if search else {})


def _tool(tool: Tool) -> Fields | msgspec.Raw:
    if tool.kind == SERVER and tool.raw is not None:
        return tool.raw
    described: Fields = {"name": tool.name, **({"description": tool.description} if tool.description else {})}
    if tool.kind == CUSTOM:
        grammar = {"type": "grammar", "grammar": {"syntax": tool.grammar_syntax or "lark", "definition": tool.grammar}}
        return {"type": "custom", "custom": described | ({"format": grammar} if tool.grammar else {})}
    function = described | {"parameters": _NO_PARAMETERS if tool.schema is None else tool.schema}
    return {"type": "function", "function": function | ({} if tool.strict is None else {"strict": tool.strict})}


def _choice(choice: ToolChoice, offered: Mapping[str, Tool], *, allowed_known: bool) -> str | Fields | None:
    """The choice; `None` for `auto`, which is every server's own, and for tools that are not there."""
    known = [offered[name] for name in choice.names if name in offered]
    if choice.mode == "named":
        if not known:
            raise Untranslatable(f"The tool that must be called, {choice.names[0]}, is not among the tools that this model's provider takes.")
        return _name(known[0])
    if choice.mode != "allowed":
        return None if choice.mode == "auto" else choice.mode
    mode = "required" if choice.must_call else "auto"
    if not allowed_known:
        return "required" if choice.must_call else None
    return {"type": "allowed_tools", "allowed_tools": {"mode": mode, "tools": [_name(tool) for tool in known]}}


def _name(tool: Tool) -> Fields:
    kind = "custom" if tool.kind == CUSTOM else "function"
    return {"type": kind, kind: {"name": tool.name}}
