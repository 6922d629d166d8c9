"""Tools and the choice among them, as Anthropic Messages writes them: https://docs.claude.com/en/docs/agents-and-tools/tool-use/overview."""

import re
from collections.abc import Mapping, Sequence

import msgspec

from headgate.core.conversation import FUNCTION, SERVER, Tool, ToolChoice
from headgate.core.errors import BadRequest
from headgate.dialects.anthropic.blocks import is_given
from headgate.dialects.anthropic.state_slots import FAMILY

_VERSION = re.compile(r"_20\d{6}\Z")  # `web_search_20250305`
_MODES = {"auto": "auto", "any": "required", "tool": "named", "none": "none"}


class _Tool(msgspec.Struct):
    type: str | None = None
    name: str = ""
    description: str | None = None
    input_schema: msgspec.Raw = msgspec.Raw()
    strict: bool | None = None
    defer_loading: bool | None = None
    cache_control: msgspec.Raw = msgspec.Raw()


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
_CHOICE = msgspec.json.Decoder(_Choice | None)


def offered(raw: msgspec.Raw | None) -> OfferedTools:
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
    read = [_read(each, index) for index, each in enumerate(found)]
    if any(tool.server_type.startswith("tool_search") for tool, _ in read):
        return OfferedTools(tuple(tool for tool, _ in read))
    return OfferedTools(_listed(read), {tool.name: tool for tool, deferred in read if deferred})


def _listed(read: Sequence[tuple[Tool, bool]]) -> tuple[Tool, ...]:
    return tuple(tool for tool, deferred in read if not deferred)


def _read(raw: msgspec.Raw, index: int) -> tuple[Tool, bool]:
    """One tool, and whether it is deferred."""
    try:
        tool = _TOOL.decode(raw)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise BadRequest(f"`tools.{index}` is not a tool: {error}.", code="invalid_request") from None
    cached = is_given(tool.cache_control)
    deferred = tool.defer_loading is True
    if tool.type is not None and tool.type != "custom":
        server_type = _VERSION.sub("", tool.type)
        return Tool(tool.name, SERVER, server_type=server_type, dialect=FAMILY, raw=raw, cached=cached), deferred
    if not tool.name:
        raise BadRequest(f"`tools.{index}` must have a `name`.", code="invalid_request")
    schema = tool.input_schema if is_given(tool.input_schema) else None
    return Tool(tool.name, FUNCTION, tool.description or "", schema, strict=tool.strict, cached=cached), deferred


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
