"""The tools of a client's request, and which of them the model must or may call."""

import msgspec

from headgate.core.conversation import FUNCTION, SERVER, WEB_SEARCH, Tool, ToolChoice, WebSearch
from headgate.core.errors import BadRequest
from headgate.dialects.gemini.members import Members, elements, members, note_others, plain, string, strings
from headgate.dialects.gemini.openapi_schemas import json_schema
from headgate.dialects.gemini.seals import FAMILY
from headgate.dialects.lenient import texts
from headgate.dialects.unread import Unread

SERVER_TYPES = {
    "googleSearch": "web_search",
    "googleSearchRetrieval": "web_search",
    "enterpriseWebSearch": "web_search",
    "urlContext": "web_fetch",
    "codeExecution": "code_execution",
}
"""What runs at the provider, in the words of the conversation; other kinds keep their own."""

_FUNCTIONS = "functionDeclarations"
_FUNCTION_READ = frozenset({"name", "description", "parameters", "parametersJsonSchema"})


def tools(raw: msgspec.Raw | None, unread: Unread) -> tuple[Tool, ...]:
    """The tools in the order in which they are listed. Members of functions that have no place are noted as not read."""
    found: list[Tool] = []
    for place, entry in enumerate(elements(raw, "tools")):
        where = f"tools[{place}]"
        for kind, value in members(entry, where).items():
            if kind == _FUNCTIONS:
                declared = enumerate(elements(value, f"{where}.{kind}"))
                found += [_function(each, f"{where}.{kind}[{number}]", unread) for number, each in declared]
            else:
                definition = msgspec.Raw(msgspec.json.encode({kind: value}))
                server_type = SERVER_TYPES.get(kind, kind)
                search = _search(value, f"{where}.{kind}") if server_type == WEB_SEARCH else None
                found.append(Tool(kind, SERVER, server_type=server_type, dialect=FAMILY, raw=definition, search=search))
    return tuple(found)


def _search(raw: msgspec.Raw, where: str) -> WebSearch:
    """The settings of a search of the web."""
    fields = members(raw, where) if bytes(raw).startswith(b"{") else {}
    others = tuple(name for name, value in fields.items() if name != "excludeDomains" and bytes(value) != b"{}")
    return WebSearch(blocked_domains=texts(plain(fields, "excludeDomains")), others=others)


def _function(raw: msgspec.Raw, where: str, unread: Unread) -> Tool:
    fields = members(raw, where)
    note_others(unread, "tools", fields, _FUNCTION_READ)
    name = string(fields, "name", where)
    if not name:
        raise BadRequest(f"`{where}.name` is missing.", code="invalid_request")
    return Tool(name, FUNCTION, string(fields, "description", where), _parameters(fields, unread))


def _parameters(fields: Members, unread: Unread) -> msgspec.Raw | None:
    if "parametersJsonSchema" in fields:
        return fields["parametersJsonSchema"]
    return json_schema(fields["parameters"], unread) if "parameters" in fields else None


def tool_choice(config: Members) -> tuple[ToolChoice, dict[str, msgspec.Raw]]:
    """The choice that a `toolConfig` makes, and what of it has no place in a conversation, by names with dots."""
    beyond = {f"toolConfig.{name}": value for name, value in config.items() if name != "functionCallingConfig"}
    if "functionCallingConfig" not in config:
        return ToolChoice(), beyond
    where = "toolConfig.functionCallingConfig"
    calling = members(config["functionCallingConfig"], where)
    mode = string(calling, "mode", where).upper() or "AUTO"
    names = strings(calling, "allowedFunctionNames", where)
    if mode == "VALIDATED":  # that arguments keep to their schemas is for the provider to promise
        beyond[f"{where}.mode"] = calling["mode"]
    beyond |= {f"{where}.{name}": value for name, value in calling.items() if name not in {"mode", "allowedFunctionNames"}}
    match mode:
        case "NONE":
            return ToolChoice("none"), beyond
        case "ANY" if not names:
            return ToolChoice("required"), beyond
        case "ANY" if len(names) == 1:
            return ToolChoice("named", names), beyond
        case "ANY":
            return ToolChoice("allowed", names, must_call=True), beyond
        case "AUTO" | "VALIDATED" | "MODE_UNSPECIFIED":
            return ToolChoice("allowed", names) if names else ToolChoice(), beyond
    raise BadRequest(f"`{where}.mode` must be AUTO, ANY, NONE or VALIDATED.", code="invalid_request")
