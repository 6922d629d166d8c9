"""The tools of a Responses request, and which of them may be called: https://platform.openai.com/docs/guides/tools.

A tool that runs at the provider, or that is one of OpenAI's own types, keeps its definition as it came. Such a tool is named by its type, so that a
choice of it finds it.
"""

from collections.abc import Iterable

import msgspec

from headgate.core.conversation import APPLY_PATCH, CUSTOM, LOCAL_SHELL, SERVER, SHELL, TOOL_SEARCH, WEB_SEARCH, Location, Tool, ToolChoice, WebSearch
from headgate.core.errors import BadRequest
from headgate.dialects.lenient import decoded, items, mapping, text, texts
from headgate.dialects.openai_responses.decode_content import DIALECT, is_absent
from headgate.dialects.unread import Unread, note, pruned

_NULL = msgspec.Raw(b"null")
_RAWS = msgspec.json.Decoder(list[msgspec.Raw])
_ANY = msgspec.json.Decoder()
_SEARCH_READ = frozenset({"type", "filters", "user_location", "search_context_size"})
_FILTERS = frozenset({"allowed_domains", "blocked_domains"})
_MODES = frozenset({"auto", "none", "required"})


class _Definition(msgspec.Struct, forbid_unknown_fields=True):
    """The members of a tool that are read."""

    type: object = None
    name: object = None
    description: object = None
    parameters: msgspec.Raw = _NULL
    strict: object = None
    format: object = None
    tools: msgspec.Raw = _NULL
    server_label: object = None
    execution: object = None
    environment: object = None
    allowed_callers: object = None


_DEFINITION = msgspec.json.Decoder(_Definition)


def read_tools(raw: msgspec.Raw, unread: Unread, where: str = "tools") -> tuple[Tool, ...]:
    """A list of tools, those of a namespace one by one. Raises BadRequest; `where` is its place in the request. What has no place is noted as not read."""
    if is_absent(raw):
        return ()
    elements = decoded(_RAWS, raw) if bytes(raw).startswith(b"[") else None
    if elements is None:
        raise BadRequest(f"`{where}` must be a list of tools.")
    return tuple(tool for at, element in enumerate(elements) for tool in _read(element, f"{where}[{at}]", unread))


def first_of_each(tools: Iterable[Tool]) -> tuple[Tool, ...]:
    """The tools in their order; of those with the same name in the same namespace the first."""
    found: dict[tuple[str, str], Tool] = {}
    for tool in tools:
        found.setdefault((tool.namespace, tool.name), tool)
    return tuple(found.values())


def read_choice(raw: msgspec.Raw) -> ToolChoice:
    """A `tool_choice`. Raises BadRequest."""
    if is_absent(raw):
        return ToolChoice()
    value = decoded(_ANY, raw)
    if isinstance(value, str) and value in _MODES:
        return ToolChoice(value)
    choice = mapping(value)
    kind = text(choice.get("type"))
    if kind == "allowed_tools":
        names = tuple(filter(None, map(_chosen, items(choice.get("tools")))))
        return ToolChoice("allowed", names, must_call=choice.get("mode") == "required")
    if name := _chosen(choice):
        return ToolChoice("named", (name,))
    raise BadRequest('`tool_choice` must be "auto", "none", "required", or an object that names a tool or a type of tools.')


def server_type(kind: str) -> str:
    """A provider's tool in the words of all dialects, without the date of its version."""
    if kind.startswith("web_search"):
        return "web_search"
    return "code_execution" if kind == "code_interpreter" else kind


def _chosen(value: object) -> str:
    choice = mapping(value)
    return text(choice.get("name")) or text(choice.get("server_label")) or server_type(text(choice.get("type")))


def _read(raw: msgspec.Raw, where: str, unread: Unread) -> tuple[Tool, ...]:
    more: Unread = {}
    definition = _decoded(raw, more)
    if definition is None:
        raise BadRequest(f"`{where}` must be an object with a `type`.")
    if text(definition.type) == "namespace":
        note(unread, "tools", more.items())
        return _namespace(definition, where, unread)
    tool = _tool(definition, raw, where)
    if tool.kind != SERVER:  # of those the whole definition is kept
        if len(place := mapping(definition.environment)) > 1:
            more["environment"] = msgspec.Raw(msgspec.json.encode(place))
        callers = texts(definition.allowed_callers)
        if callers and "direct" not in callers:
            more["allowed_callers"] = msgspec.Raw(msgspec.json.encode(callers))
        note(unread, "tools", more.items())
    return (tool,)


def _decoded(raw: msgspec.Raw, more: Unread) -> _Definition | None:
    try:
        return _DEFINITION.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return decoded(_DEFINITION, pruned(raw, _Definition, "", more)) if bytes(raw).startswith(b"{") else None


def _namespace(definition: _Definition, where: str, unread: Unread) -> tuple[Tool, ...]:
    name, description = _name(definition, where), text(definition.description)
    nested = read_tools(definition.tools, unread, f"{where}.tools")
    return tuple(msgspec.structs.replace(tool, namespace=name, namespace_description=description) for tool in nested)


def _tool(definition: _Definition, raw: msgspec.Raw, where: str) -> Tool:
    kind, description = text(definition.type), text(definition.description)
    match kind:
        case "function":
            strict = definition.strict if isinstance(definition.strict, bool) else None
            return Tool(_name(definition, where), description=description, schema=_schema(definition, where), strict=strict)
        case "custom":
            return _custom(definition, where)
        case "tool_search" if definition.execution == "client":
            return Tool(kind, TOOL_SEARCH, description, _schema(definition, where), dialect=DIALECT, raw=raw)
        case "local_shell":
            return Tool(kind, LOCAL_SHELL, dialect=DIALECT, raw=raw)
        case "shell" if text(mapping(definition.environment).get("type")) in {"", "local"}:
            return Tool(kind, SHELL, dialect=DIALECT, raw=raw)
        case "apply_patch":
            return Tool(kind, APPLY_PATCH, dialect=DIALECT, raw=raw)
    word = server_type(kind)
    search = _search(raw) if word == WEB_SEARCH else None
    return Tool(text(definition.server_label) or word, SERVER, description, server_type=word, dialect=DIALECT, raw=raw, search=search)


def _search(raw: msgspec.Raw) -> WebSearch:
    """The settings of a search of the web. It may use the live web unless a client says otherwise."""
    fields = mapping(decoded(_ANY, raw))
    place, filters = mapping(fields.get("user_location")), mapping(fields.get("filters"))
    others = [
        name for name, value in fields.items() if name not in _SEARCH_READ and value is not None and (name, value) != ("external_web_access", True)
    ]
    others += [f"filters.{name}" for name, value in filters.items() if name not in _FILTERS and value]
    return WebSearch(
        allowed_domains=texts(filters.get("allowed_domains")),
        blocked_domains=texts(filters.get("blocked_domains")),
        location=Location(*(text(place.get(name)) for name in Location.__struct_fields__)),
        context=text(fields.get("search_context_size")),
        others=tuple(others),
    )


def _custom(definition: _Definition, where: str) -> Tool:
    """A tool that is called with free text. Its grammar is in `format`."""
    form = mapping(definition.format)
    grammar, syntax = (text(form.get("definition")), text(form.get("syntax"))) if form.get("type") == "grammar" else ("", "")
    return Tool(_name(definition, where), CUSTOM, text(definition.description), grammar=grammar, grammar_syntax=syntax)


def _name(definition: _Definition, where: str) -> str:
    if name := text(definition.name):
        return name
    raise BadRequest(f"`{where}.name` must be a text.")


def _schema(definition: _Definition, where: str) -> msgspec.Raw | None:
    if is_absent(definition.parameters):
        return None
    if not bytes(definition.parameters).startswith(b"{"):
        raise BadRequest(f"`{where}.parameters` must be a JSON Schema.")
    return definition.parameters
