"""Tools and the choice among them as Responses writes them: in a request, and in the response object that repeats them.

A function is not strict unless the client asked for it: OpenAI's default would rewrite its schema. The tools of a namespace are written together, at
the place of the first.
"""

from collections.abc import Callable, Sequence

import msgspec

from headgate.core.conversation import APPLY_PATCH, CUSTOM, FUNCTION, SERVER, SHELL, TOOL_SEARCH, WEB_SEARCH, Tool, ToolChoice, WebSearch
from headgate.core.loss import Loss
from headgate.core.model_profile import ModelProfile
from headgate.dialects.lenient import decoded, mapping, text
from headgate.dialects.openai_responses.decode_content import DIALECT

Json = dict[str, object]

_NO_PARAMETERS = msgspec.Raw(b'{"type":"object","properties":{}}')
# What `tool_choice` may name; other types only within `allowed_tools` (types `ToolChoice…Param` of the openai SDK 3.54).
_CHOSEN_ALONE = frozenset({
    FUNCTION, CUSTOM, "mcp", SHELL, APPLY_PATCH, "file_search", "web_search_preview", "web_search_preview_2025_03_11", "computer", "computer_use",
    "computer_use_preview", "image_generation", "code_interpreter", "programmatic_tool_calling",
})  # fmt: skip
_ANY = msgspec.json.Decoder()


def encode_tools(tools: Sequence[Tool], profile: ModelProfile) -> tuple[list[object], list[Loss]]:
    """The list of tools, and what could not be said in it."""
    written: list[object] = []
    losses: list[Loss] = []
    namespaces: dict[str, list[object]] = {}
    for tool in tools:
        definition, lost = _definition(tool, profile)
        losses += lost
        if definition is None:
            continue
        if not tool.namespace or tool.kind not in {FUNCTION, CUSTOM}:
            written.append(definition)
            continue
        if tool.namespace not in namespaces:
            namespaces[tool.namespace] = []
            described: Json = {"type": "namespace", "name": tool.namespace, "description": tool.namespace_description}
            written.append({**described, "tools": namespaces[tool.namespace]})
        namespaces[tool.namespace].append(definition)
    return written, losses


def encode_choice(choice: ToolChoice, tools: Sequence[Tool]) -> object:
    """Which tools may or must be called. A name without a tool is taken for a function's."""
    by_name = {tool.name: tool for tool in reversed(tools)}
    chosen = [_chosen(name, by_name.get(name)) for name in choice.names]
    if choice.mode == "allowed":
        return {"type": "allowed_tools", "mode": "required" if choice.must_call else "auto", "tools": chosen}
    if choice.mode == "named" and chosen:
        alone = chosen[0]["type"] in _CHOSEN_ALONE
        return chosen[0] if alone else {"type": "allowed_tools", "mode": "required", "tools": chosen[:1]}
    return choice.mode if choice.mode in {"none", "required"} else "auto"


def _chosen(name: str, tool: Tool | None) -> Json:
    if tool is None or tool.kind == FUNCTION:
        return {"type": "function", "name": name}
    if tool.kind == CUSTOM:
        return {"type": "custom", "name": name}
    if tool.server_type == "mcp":
        return {"type": "mcp", "server_label": name}
    written = text(mapping(decoded(_ANY, tool.raw)).get("type")) if tool.raw is not None and tool.dialect == DIALECT else ""
    return {"type": written or tool.server_type or tool.kind}


def _definition(tool: Tool, profile: ModelProfile) -> tuple[object, list[Loss]]:
    if tool.raw is not None and tool.dialect == DIALECT:
        return tool.raw, []
    write = _WRITERS.get(tool.kind)
    return write(tool, profile) if write is not None else ({"type": tool.kind}, [])


def _function(tool: Tool, profile: ModelProfile) -> tuple[Json, list[Loss]]:
    loosened = bool(tool.strict) and not profile.strict_schemas
    written: Json = {"type": "function", "name": tool.name}
    if tool.description:
        written["description"] = tool.description
    written |= {"parameters": tool.schema or _NO_PARAMETERS, "strict": bool(tool.strict) and not loosened}
    return written, [Loss("strict", f"the model does not keep to the schema of {tool.name} strictly")] if loosened else []


def _custom(tool: Tool, _profile: ModelProfile) -> tuple[Json, list[Loss]]:
    written: Json = {"type": "custom", "name": tool.name}
    if tool.description:
        written["description"] = tool.description
    if tool.grammar:
        written["format"] = {"type": "grammar", "syntax": tool.grammar_syntax or "lark", "definition": tool.grammar}
    return written, []


def _tool_search(tool: Tool, _profile: ModelProfile) -> tuple[Json, list[Loss]]:
    written: Json = {"type": "tool_search", "execution": "client"}
    if tool.description:
        written["description"] = tool.description
    return {**written, "parameters": tool.schema or _NO_PARAMETERS}, []


def _server(tool: Tool, profile: ModelProfile) -> tuple[Json | None, list[Loss]]:
    """Of another provider's own tools the search is the one that OpenAI has too."""
    if tool.server_type == WEB_SEARCH and profile.web_search:
        return _search(tool.search or WebSearch())
    return None, [Loss(tool.name or tool.server_type, "the provider does not have this tool")]


def _search(search: WebSearch) -> tuple[Json, list[Loss]]:
    """OpenAI's search, with the settings that it has (type `WebSearchToolParam` of the openai SDK 3.54)."""
    location = {name: value for name, value in msgspec.structs.asdict(search.location).items() if value}
    found: Json = {
        "filters": {"allowed_domains": list(search.allowed_domains)} if search.allowed_domains else None,
        "user_location": {"type": "approximate", **location} if location else None,
        "search_context_size": search.context,
    }
    missing = [name for name, value in (("blocked_domains", search.blocked_domains), ("max_uses", search.uses_max)) if value]
    losses = [Loss(f"tools.web_search.{name}", "OpenAI's search has no such setting") for name in missing]
    return {"type": "web_search", **{name: value for name, value in found.items() if value}}, losses


_Writer = Callable[[Tool, ModelProfile], tuple[Json | None, list[Loss]]]
_WRITERS: dict[str, _Writer] = {FUNCTION: _function, CUSTOM: _custom, TOOL_SEARCH: _tool_search, SERVER: _server}
