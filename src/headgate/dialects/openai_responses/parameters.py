"""What an endpoint may limit of a Responses request: `max_output_tokens`, and tools by name and by type."""

import msgspec

from headgate.dialects.asked import Asked
from headgate.dialects.faces import ToolNames
from headgate.dialects.lenient import decoded, items, mapping, text
from headgate.dialects.parameters import edited, exceeds, insertion, listed

# Types without a name that the client runs: https://platform.openai.com/docs/guides/tools. All others run at the provider.
_RUN_BY_CLIENT = frozenset({"local_shell", "apply_patch", "computer", "computer_use_preview"})

# Items of the input whose tools can be called like those of the request: https://platform.openai.com/docs/guides/tools-tool-search.
_ITEMS_WITH_TOOLS = frozenset({"additional_tools", "tool_search_output"})
_NULL = msgspec.Raw(b"null")
_ANY = msgspec.json.Decoder()


def bounded(asked: Asked, maximum: int) -> Asked:
    """The request with `max_output_tokens` of at most this many."""
    own = asked.fields.get("max_output_tokens")
    if own is not None and not exceeds(own, maximum):
        return asked
    bound = b"%d" % maximum
    edit = (*asked.spans["max_output_tokens"], bound) if own is not None else insertion(asked.body, b'"max_output_tokens":' + bound)
    return edited(asked, [edit], {"max_output_tokens": bound})


def tools(asked: Asked) -> ToolNames:
    """Functions and free-form tools by name, also those within a namespace or an item of the input, others by type."""
    found = ToolNames()
    _add(found, listed(asked, "tools"))
    for tool in of_items(asked):
        _add(found, [tool])
    return found


def of_items(asked: Asked) -> list[object]:
    """The tools that are offered by items of the input."""
    every = map(mapping, items(decoded(_ANY, asked.fields.get("input", _NULL))))
    return [tool for item in every if text(item.get("type")) in _ITEMS_WITH_TOOLS for tool in items(item.get("tools"))]


def _add(found: ToolNames, tools: list[object]) -> None:
    for tool in map(mapping, tools):
        kind = text(tool.get("type"))
        if kind in {"function", "custom"}:
            found.add_client(text(tool.get("name")))
        elif kind == "namespace":
            _add(found, items(tool.get("tools")))
        elif kind in _RUN_BY_CLIENT or (kind == "shell" and text(mapping(tool.get("environment")).get("type")) in {"", "local"}):
            found.add_client(kind)
        else:
            found.add_server(kind)
