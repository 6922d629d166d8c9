"""What an endpoint may limit of a Chat Completions request: its bound on output tokens, which has two names, and tools by name and by type."""

import re

from headgate.dialects.asked import Asked
from headgate.dialects.faces import ToolNames
from headgate.dialects.lenient import mapping, text
from headgate.dialects.parameters import Edit, edited, exceeds, insertion, listed

_NAMES = ("max_completion_tokens", "max_tokens")
# OpenAI's models take the first name, and its reasoning models no other; most servers of other models know the second alone.
# https://platform.openai.com/docs/api-reference/chat/create#chat-create-max_tokens
_NEWER = re.compile(r"(?:.*/)?(?:ft:)?(?:gpt-(?!oss)|chatgpt-|codex-|o\d)")


def bounded(asked: Asked, maximum: int) -> Asked:
    """The request with at most this many tokens of output for each answer. Which name a request without a bound gets depends on the model: `with_bound`."""
    stated = {name: raw for name in _NAMES if (raw := asked.fields.get(name)) is not None and bytes(raw) != b"null"}
    if not stated:
        return asked.with_output_max(maximum)
    bound = b"%d" % maximum
    changed = {name: bound for name, raw in stated.items() if exceeds(raw, maximum)}
    return edited(asked, [(*asked.spans[name], bound) for name in changed], changed) if changed else asked


def with_bound(asked: Asked, model_sent: str) -> Asked:
    """The request with its `output_max` in its body."""
    name = _NAMES[0] if _NEWER.match(model_sent) else _NAMES[1]
    bound = b"%d" % asked.output_max
    edit: Edit = (*asked.spans[name], bound) if name in asked.fields else insertion(asked.body, b'"%b":%b' % (name.encode(), bound))
    return edited(asked, [edit], {name: bound}).with_output_max(0)


def tools(asked: Asked) -> ToolNames:
    """Functions and custom tools by name, also of the older `functions`; others by type, and `web_search` where `web_search_options` asks for it."""
    found = ToolNames()
    for tool in map(mapping, listed(asked, "tools")):
        kind = text(tool.get("type")) or "function"
        if kind in {"function", "custom"}:
            found.add_client(text(mapping(tool.get(kind)).get("name")))
        else:
            found.add_server(kind)
    for function in listed(asked, "functions"):
        found.add_client(text(mapping(function).get("name")))
    if listed(asked, "web_search_options"):
        found.add_server("web_search")
    return found
