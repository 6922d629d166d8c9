"""What an endpoint may limit of one of Cursor's requests: every bound on its output by any name, and tools by name and by type in every shape."""

from typing import Final

import msgspec

from headgate.dialects.anthropic import parameters as anthropic
from headgate.dialects.asked import Asked
from headgate.dialects.cursor.one_dialect import listed as as_list
from headgate.dialects.cursor.shapes import ANTHROPIC, CHAT, RESPONSES, of_tool
from headgate.dialects.faces import ToolNames
from headgate.dialects.lenient import counted, decoded
from headgate.dialects.openai_chat import parameters as chat
from headgate.dialects.openai_chat import request
from headgate.dialects.openai_responses import parameters as responses
from headgate.dialects.parameters import edited, exceeds

_ANY: Final = msgspec.json.Decoder()
_NULL: Final = msgspec.Raw(b"null")
_BOUNDS: Final = ("max_completion_tokens", "max_tokens", "max_output_tokens")
_NAMES_OF: Final = {CHAT: chat.tools, RESPONSES: responses.tools, ANTHROPIC: anthropic.tools}


def output_tokens_max(asked: Asked) -> int:
    """The most output tokens that the request allows, by any of the names."""
    stated = counted(asked.fields.get("max_completion_tokens")) or counted(asked.fields.get("max_tokens"))
    return request.output_tokens_max(asked) if stated else counted(asked.fields.get("max_output_tokens")) or request.output_tokens_max(asked)


def bounded(asked: Asked, maximum: int) -> Asked:
    """The request with at most this many tokens of output; every bound that it states is lowered."""
    stated = {name: raw for name in _BOUNDS if (raw := asked.fields.get(name)) is not None and bytes(raw) != b"null"}
    if "max_output_tokens" not in stated:
        return chat.bounded(asked, maximum)
    bound = b"%d" % maximum
    changed = {name: bound for name, raw in stated.items() if exceeds(raw, maximum)}
    return edited(asked, [(*asked.spans[name], bound) for name in changed], changed) if changed else asked


def tools(asked: Asked) -> ToolNames:
    """The tools that the request offers, also those in an item of its input."""
    found = chat.tools(asked.with_fields({name: raw for name, raw in asked.fields.items() if name != "tools"}))
    offered = decoded(_ANY, asked.fields.get("tools", _NULL))
    _add(found, offered if isinstance(offered, list) or offered is None else [offered])
    _add(found, responses.of_items(asked))
    return found


def _add(found: ToolNames, offered: list[object] | None) -> None:
    for tool in offered or ():
        fields = {"tools": as_list([msgspec.json.encode(tool)])}
        named = _NAMES_OF[of_tool(tool)](Asked(b"{}", "", None, fields, {}, stream=False))
        found.client += named.client
        found.server += named.server
