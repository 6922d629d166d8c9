"""What an endpoint may limit of an Anthropic request: `max_tokens` with the budget for thinking in it, and tools by name and by type."""

from headgate.dialects.asked import Asked
from headgate.dialects.faces import ToolNames
from headgate.dialects.lenient import mapping, text
from headgate.dialects.parameters import Edit, edited, exceeds, insertion, listed, nested

_THINKING_MIN = 1024  # https://docs.claude.com/en/docs/build-with-claude/extended-thinking: the least budget, which is below max_tokens
# Types that Anthropic defines and the client runs: https://docs.claude.com/en/docs/agents-and-tools/tool-use/overview. All others run at the provider.
_RUN_BY_CLIENT = ("custom", "bash_", "text_editor_", "computer_", "memory_")


def bounded(asked: Asked, maximum: int) -> Asked:
    """The request with `max_tokens` of at most this many, and less than that for thinking, since the provider refuses anything else."""
    own = asked.fields.get("max_tokens")
    if own is not None and not exceeds(own, maximum, least=0):
        return asked
    bound = b"%d" % maximum
    edits: list[Edit] = [(*asked.spans["max_tokens"], bound) if own is not None else insertion(asked.body, b'"max_tokens":' + bound)]
    thinking = asked.fields.get("thinking")
    found = nested(thinking) if thinking is not None else None
    budget = found.fields.get("budget_tokens") if found is not None else None
    if found is not None and budget is not None and maximum > _THINKING_MIN and exceeds(budget, maximum - 1):
        start = asked.spans["thinking"][0]
        first, last = found.span("budget_tokens")
        edits.append((start + first, start + last, b"%d" % (maximum - 1)))
    return edited(asked, edits, {"max_tokens": bound})


def tools(asked: Asked) -> ToolNames:
    """Tools that the client runs by name, others by type; `mcp` where the provider is to ask MCP servers itself."""
    found = ToolNames()
    for tool in map(mapping, listed(asked, "tools")):
        kind = text(tool.get("type")) or "custom"
        if kind.startswith(_RUN_BY_CLIENT):
            found.add_client(text(tool.get("name")))
        else:
            found.add_server(kind)
    if listed(asked, "mcp_servers"):
        found.add_server("mcp")
    return found
