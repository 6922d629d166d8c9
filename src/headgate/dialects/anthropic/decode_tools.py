"""Tools and the choice among them, as Anthropic Messages writes them: https://docs.claude.com/en/docs/agents-and-tools/tool-use/overview."""

import re
from collections.abc import Mapping, Sequence

import msgspec

from headgate.core.conversation import FUNCTION, SERVER, WEB_SEARCH, Location, Tool, ToolChoice, WebSearch
from headgate.core.errors import BadRequest
from headgate.dialects.anthropic.blocks import is_given
from headgate.dialects.anthropic.decode_content import note_ttl
from headgate.dialects.anthropic.state_slots import FAMILY
from headgate.dialects.lenient import count, decoded, mapping, text, texts
from headgate.dialects.unread import Unread, pruned

_VERSION = re.compile(r"_20\d{6}\Z")  # `web_search_20250305`
_MODES = {"auto": "auto", "any": "required", "tool": "named", "none": "none"}


class _Tool(msgspec.Struct, forbid_unknown_fields=True):
    type: str | None = None
    name: str = ""
    description: str | None = None
    input_schema: msgspec.Raw = msgspec.Raw()
    strict: bool | None = None
    defer_loading: bool | None = None
    cache_control: object = None
    allowed_callers: list[str] | None = None
    eager_input_streaming: bool | None = None  # how its calls stream, not what is in them


class _AnyTool(msgspec.Struct):
    type: str | None = None
    name: str = ""
    defer_loading: bool | None = None
    cache_control: object = None


class _Choice(msgspec.Struct):
    type: str
    name: str = ""
    disable_parallel_tool_use: bool | None = None


class OfferedTools(msgspec.Struct, frozen=True):
    """The tools of a request: those that the model sees, and those that it sees only once a search of the client's has found them, by name."""

    listed: tuple[Tool, ...] = ()
    deferred: Mapping[str, Tool] = {}


_TOOLS = msgspec.json.Decoder(list[msgspec.Raw] | None)
_TOOL = msgspec.json.Decoder(_Tool)
_ANY_TOOL = msgspec.json.Decoder(_AnyTool)
_CHOICE = msgspec.json.Decoder(_Choice | None)
_ANY = msgspec.json.Decoder()
# Of a search of the web: what is read, and what is about its call alone.
_SEARCH_READ = frozenset({
    "type", "name", "allowed_domains", "blocked_domains", "user_location", "max_uses", "cache_control", "defer_loading", "strict",
})  # fmt: skip


def offered(raw: msgspec.Raw | None, unread: Unread) -> OfferedTools:
    """The tools. Raises BadRequest.

    A deferred tool is not in the prompt at Anthropic until a search has found it. The client's own search names what it found in a result, so the tool is
    offered from there on. A search that Anthropic runs cannot be run elsewhere: then all tools are offered.
    """
    if raw is None:
        return OfferedTools()
    try:
        found = _TOOLS.decode(raw) or []
    except (msgspec.MsgspecError, RecursionError):
        raise BadRequest("`tools` must be a list.", code="invalid_request") from None
    read = [_read(each, index, unread) for index, each in enumerate(found)]
    if any(tool.server_type.startswith("tool_search") for tool, _ in read):
        return OfferedTools(tuple(tool for tool, _ in read))
    return OfferedTools(_listed(read), {tool.name: tool for tool, deferred in read if deferred})


def _listed(read: Sequence[tuple[Tool, bool]]) -> tuple[Tool, ...]:
    return tuple(tool for tool, deferred in read if not deferred)


def _read(raw: msgspec.Raw, index: int, unread: Unread) -> tuple[Tool, bool]:
    """One tool, and whether it is deferred. Only functions can be: elsewhere a tool of a provider is offered or it is missing."""
    try:
        tool = _decoded(raw, unread)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise BadRequest(f"`tools.{index}` is not a tool: {error}.", code="invalid_request") from None
    cached = tool.cache_control is not None
    if cached:
        note_ttl(tool.cache_control, unread)
    if isinstance(tool, _AnyTool):
        server_type = _VERSION.sub("", tool.type or "")
        search = _search(raw) if server_type == WEB_SEARCH else None
        return Tool(tool.name, SERVER, server_type=server_type, dialect=FAMILY, raw=raw, cached=cached, search=search), False
    if not tool.name:
        raise BadRequest(f"`tools.{index}` must have a `name`.", code="invalid_request")
    if tool.allowed_callers and "direct" not in tool.allowed_callers:
        unread.setdefault("tools.allowed_callers", msgspec.Raw(msgspec.json.encode(tool.allowed_callers)))
    schema = tool.input_schema if is_given(tool.input_schema) else None
    return Tool(tool.name, FUNCTION, tool.description or "", schema, strict=tool.strict, cached=cached), tool.defer_loading is True


def _decoded(raw: msgspec.Raw, unread: Unread) -> _Tool | _AnyTool:
    """A client's own tool, or one that the provider has."""
    try:
        tool = _TOOL.decode(raw)
    except msgspec.ValidationError:
        found = _ANY_TOOL.decode(raw)
        if found.type is not None and found.type != "custom":
            return found
        tool = _TOOL.decode(pruned(raw, _Tool, "tools", unread))
    return tool if tool.type is None or tool.type == "custom" else _ANY_TOOL.decode(raw)


def _search(raw: msgspec.Raw) -> WebSearch:
    """The settings of a search of the web."""
    fields = mapping(decoded(_ANY, raw))
    place = mapping(fields.get("user_location"))
    return WebSearch(
        allowed_domains=texts(fields.get("allowed_domains")),
        blocked_domains=texts(fields.get("blocked_domains")),
        location=Location(*(text(place.get(name)) for name in Location.__struct_fields__)),
        uses_max=count(fields.get("max_uses")) or 0,
        others=tuple(name for name, value in fields.items() if name not in _SEARCH_READ and value),
    )


def choice(raw: msgspec.Raw | None) -> tuple[ToolChoice, bool | None]:
    """The choice, and whether several calls at once are allowed (`None`: not said). Raises BadRequest."""
    try:
        chosen = None if raw is None else _CHOICE.decode(raw)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise BadRequest(f"`tool_choice` is not a choice of tools: {error}.", code="invalid_request") from None
    if chosen is None:
        return ToolChoice(), None
    mode = _MODES.get(chosen.type)
    if mode is None:
        raise BadRequest("`tool_choice.type` must be auto, any, tool or none.", code="invalid_request")
    # Cursor writes `{"type": "tool"}` without a name: some tool.
    named = mode == "named" and chosen.name
    parallel = None if chosen.disable_parallel_tool_use is None else not chosen.disable_parallel_tool_use
    return ToolChoice("required" if mode == "named" and not named else mode, (chosen.name,) if named else ()), parallel
