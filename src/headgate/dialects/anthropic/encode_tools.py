"""Tools and the choice among them written for Anthropic."""

from collections.abc import Iterator
from typing import Final

import msgspec

from headgate.core.conversation import CUSTOM, SERVER, Conversation, Tool, ToolChoice, ToolResult, WebSearch
from headgate.core.errors import Untranslatable
from headgate.core.loss import Loss
from headgate.core.model_profile import ModelProfile
from headgate.dialects.anthropic.cache_marks import CacheMarks, JsonObject
from headgate.dialects.anthropic.encode_schema import input_schema
from headgate.dialects.anthropic.enforced_schema import is_enforced
from headgate.dialects.anthropic.state_slots import FAMILY

_WEB_SEARCH: JsonObject = {"type": "web_search_20250305", "name": "web_search"}
_FREE_TEXT: JsonObject = {"type": "object", "properties": {"input": {"type": "string"}}, "required": ["input"]}
_OBJECT: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])


def tools(conversation: Conversation, profile: ModelProfile, marks: CacheMarks, losses: list[Loss]) -> list[JsonObject]:
    """The tools: those of the request, then those that searches found, in the order in which they were found."""
    written: list[JsonObject] = []
    names: set[str] = set()
    for tool in _all(conversation):
        made = _tool(tool, profile, losses)
        name = tool.name or str(made and made.get("name"))
        if made is not None and name not in names:
            names.add(name)
            written.append(marks.note(made, tool.cached))
    return written


def _all(conversation: Conversation) -> Iterator[Tool]:
    yield from conversation.tools
    for turn in conversation.turns:
        for part in turn.parts:
            if isinstance(part, ToolResult):
                yield from part.tools


def _tool(tool: Tool, profile: ModelProfile, losses: list[Loss]) -> JsonObject | None:
    if tool.kind == SERVER:
        return _server_tool(tool, profile, losses)
    made: JsonObject = {"name": tool.name}
    if tool.description:
        made["description"] = tool.description
    made["input_schema"] = _FREE_TEXT if tool.kind == CUSTOM and tool.schema is None else input_schema(tool.schema, losses)
    if tool.strict and profile.strict_schemas:
        if is_enforced(tool.schema):
            made["strict"] = True
        else:
            losses.append(Loss("strict", f"Anthropic does not enforce the schema of the tool {tool.name}."))
    return made


def _server_tool(tool: Tool, profile: ModelProfile, losses: list[Loss]) -> JsonObject | None:
    if tool.dialect == FAMILY and tool.raw is not None:
        try:
            return {name: raw for name, raw in _OBJECT.decode(tool.raw).items() if name != "cache_control"}
        except (msgspec.MsgspecError, RecursionError):
            pass
    elif tool.server_type == "web_search" and profile.web_search:
        return _WEB_SEARCH | _search_settings(tool.search or WebSearch(), losses)
    losses.append(Loss(f"tool {tool.server_type or tool.name}", "Anthropic does not run it."))
    return None


def _search_settings(search: WebSearch, losses: list[Loss]) -> JsonObject:
    """The settings that Anthropic's search has. It takes domains that are allowed or domains that are blocked, not both."""
    location = {name: value for name, value in msgspec.structs.asdict(search.location).items() if value}
    found: JsonObject = {
        "allowed_domains": list(search.allowed_domains),
        "blocked_domains": [] if search.allowed_domains else list(search.blocked_domains),
        "max_uses": search.uses_max,
        "user_location": {"type": "approximate", **location} if location else None,
    }
    if search.allowed_domains and search.blocked_domains:
        losses.append(Loss("tools.web_search.blocked_domains", "Anthropic's search takes them only where no domains are allowed."))
    if search.context:
        losses.append(Loss("tools.web_search.search_context_size", "Anthropic's search has no such setting."))
    return {name: value for name, value in found.items() if value}


def choice(conversation: Conversation, names: frozenset[str], *, thinks: bool, losses: list[Loss]) -> JsonObject | None:
    """The choice of tools; `None` where it is the usual one. Raises Untranslatable where a tool that must be called is not there.

    `thinks`: the model thinks, and cannot be made to call a tool then.
    """
    chosen = conversation.choice
    if not names:
        if chosen.mode in {"required", "named"}:
            raise Untranslatable("The request asks for a call of a tool, but none of its tools can be given to this provider.")
        return None
    written = _choice(chosen, names, losses)
    if thinks and written["type"] in {"any", "tool"}:
        losses.append(Loss("tool_choice", "A model that thinks cannot be made to call a tool."))
        written = {"type": "auto"}
    if conversation.parallel_calls is False and written["type"] != "none":
        return {**written, "disable_parallel_tool_use": True}
    return None if written["type"] == "auto" else written


def _choice(chosen: ToolChoice, names: frozenset[str], losses: list[Loss]) -> JsonObject:
    if chosen.mode in {"auto", "none"}:
        return {"type": chosen.mode}
    wanted = [name for name in chosen.names if name in names]
    if chosen.mode == "named" and not wanted:
        raise Untranslatable("The tool that must be called is not among the tools of this request.")
    must_call = chosen.mode != "allowed" or chosen.must_call
    if len(wanted) == 1 and must_call:
        return {"type": "tool", "name": wanted[0]}
    if chosen.mode == "allowed":
        losses.append(Loss("tool_choice", "Anthropic cannot limit a call to some of the tools."))
    return {"type": "any"} if must_call else {"type": "auto"}
