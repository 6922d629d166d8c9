"""What an endpoint may limit of a Responses request: `max_output_tokens`, and tools by name and by type."""

from headgate.dialects.faces import Asked, ToolNames
from headgate.dialects.lenient import items, mapping, text
from headgate.dialects.parameters import edited, exceeds, insertion, listed

# Types without a name that the client runs: https://platform.openai.com/docs/guides/tools. All others run at the provider.
_RUN_BY_CLIENT = frozenset({"local_shell", "apply_patch", "computer", "computer_use_preview"})


def bounded(asked: Asked, maximum: int) -> Asked:
    """The request with `max_output_tokens` of at most this many."""
    own = asked.fields.get("max_output_tokens")
    if own is not None and not exceeds(own, maximum):
        return asked
    bound = b"%d" % maximum
    edit = (*asked.spans["max_output_tokens"], bound) if own is not None else insertion(asked.body, b'"max_output_tokens":' + bound)
    return edited(asked, [edit], {"max_output_tokens": bound})


def tools(asked: Asked) -> ToolNames:
    """Functions and free-form tools by name, also those within a namespace, others by type."""
    found = ToolNames()
    _add(found, listed(asked, "tools"))
    return found


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
