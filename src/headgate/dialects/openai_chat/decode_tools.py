"""Decodes the tools of a Chat Completions request, and which of them is to be called. The older `functions` and `function_call` are read as well."""

from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from headgate.core.conversation import CUSTOM, SERVER, WEB_SEARCH, Location, Tool, ToolChoice, WebSearch
from headgate.core.errors import BadRequest
from headgate.dialects.lenient import decoded, mapping, text
from headgate.dialects.openai_chat.decode_messages import DIALECT
from headgate.dialects.openai_chat.request_shape import (
    ChatChosenTool,
    ChatCustomTool,
    ChatFunctionTool,
    ChatRequest,
    ChatTool,
    ChatToolChoice,
    ChatToolName,
    present,
)
from headgate.dialects.unread import Unread, pruned


class _Kind(msgspec.Struct):
    type: str = "function"


_OWN: Final = frozenset({"function", "custom"})
_ANY: Final = msgspec.json.Decoder()
_KIND: Final = msgspec.json.Decoder(_Kind)
_TOOL: Final = msgspec.json.Decoder(ChatTool)
_MODES: Final = frozenset({"auto", "none", "required"})


def decode_tools(request: ChatRequest, unread: Unread) -> tuple[Tool, ...]:
    """The tools in the client's order, then web search where `web_search_options` asks for it. Raises BadRequest for one without a name."""
    functions = [_function(function) for function in request.functions or ()]
    search = present(request.web_search_options)
    found = [Tool(WEB_SEARCH, kind=SERVER, server_type=WEB_SEARCH, dialect=DIALECT, raw=search, search=_search(search))] if search is not None else []
    return (*_tools(request.tools or (), unread), *functions, *found)


def _tools(written: Sequence[msgspec.Raw], unread: Unread) -> Iterator[Tool]:
    for place, raw in enumerate(written):
        try:
            tool = _tool(raw, unread)
        except msgspec.MsgspecError as error:
            raise BadRequest(f"`tools[{place}]` is not as Chat Completions has it: {error}.", code="invalid_request") from None
        if tool.function is not None:
            yield _function(tool.function)
        elif tool.custom is not None:
            yield _custom(tool.custom)
        elif tool.type in _OWN:
            raise BadRequest(f"`tools[{place}]` has no `{tool.type}`.", code="invalid_request")
        else:
            yield Tool(tool.type, kind=SERVER, server_type=tool.type, dialect=DIALECT, raw=raw)


def _tool(raw: msgspec.Raw, unread: Unread) -> ChatTool:
    """A function, a custom tool, or the type alone of any other tool, which stays as it is."""
    try:
        return _TOOL.decode(raw)
    except msgspec.ValidationError:
        kind = _KIND.decode(raw).type
        return ChatTool(kind) if kind not in _OWN else _TOOL.decode(pruned(raw, ChatTool, "tools", unread))


def _search(raw: msgspec.Raw) -> WebSearch:
    """The settings of the search."""
    fields = mapping(decoded(_ANY, raw))
    place = mapping(mapping(fields.get("user_location")).get("approximate"))
    return WebSearch(
        location=Location(*(text(place.get(name)) for name in Location.__struct_fields__)),
        context=text(fields.get("search_context_size")),
        others=tuple(fields.keys() - {"search_context_size", "user_location"}),
    )


def _function(function: ChatFunctionTool) -> Tool:
    return Tool(function.name, description=function.description or "", schema=present(function.parameters), strict=function.strict)


def _custom(custom: ChatCustomTool) -> Tool:
    grammar = custom.format.grammar if custom.format is not None else None
    if grammar is None:
        return Tool(custom.name, kind=CUSTOM, description=custom.description or "")
    return Tool(custom.name, kind=CUSTOM, description=custom.description or "", grammar=grammar.definition, grammar_syntax=grammar.syntax)


def decode_choice(request: ChatRequest) -> ToolChoice:
    """Which tool is to be called. Raises BadRequest for a choice that is none."""
    choice = request.tool_choice if request.tool_choice is not None else request.function_call
    if choice is None:
        return ToolChoice()
    if isinstance(choice, str):
        if choice not in _MODES:
            raise BadRequest(f"`tool_choice` must be auto, none, required or name a tool, not {choice!r}.", code="invalid_request")
        return ToolChoice(choice)
    if isinstance(choice, ChatToolName):
        return ToolChoice("named", (choice.name,))
    return _chosen(choice)


def _chosen(choice: ChatToolChoice) -> ToolChoice:
    if choice.allowed_tools is not None:
        names = tuple(name for tool in choice.allowed_tools.tools if (name := _name(tool)))
        return ToolChoice("allowed", names, must_call=choice.allowed_tools.mode == "required")
    name = _name(choice)
    if not name:
        raise BadRequest(f"`tool_choice` names no tool (type {choice.type!r}).", code="invalid_request")
    return ToolChoice("named", (name,))


def _name(tool: ChatChosenTool) -> str:
    named = tool.function or tool.custom
    return named.name if named is not None else ""
