"""Cursor's mount: Chat Completions in, Chat Completions out, for the requests that have that shape.

Cursor posts to `/chat/completions` what suits the model's name: chat bodies, Responses bodies (`input`, flat tools), Anthropic's blocks and tools, or a
mixture of them, and expects chunks of Chat Completions back in each case. A provider of Chat Completions accepts only the first kind.
"""

import msgspec

from headgate.core.errors import BadRequest
from headgate.dialects.faces import Asked, Operation
from headgate.dialects.lenient import decoded, items, mapping
from headgate.dialects.openai_chat import faces, request
from headgate.dialects.scan import Scanned, scan

_ANY = msgspec.json.Decoder()
_BLOCKS = ("tool_use", "tool_result")


def read(body: bytes | Scanned, _operation: Operation, _path_model: str) -> Asked:
    """Check a request body. Raises BadRequest, also for shapes that no chat provider accepts."""
    scanned = scan(body)
    require_chat_shape(scanned)
    return request.asked(scanned)


CLIENT = msgspec.structs.replace(faces.CLIENT, name="cursor", read=read)


def require_chat_shape(scanned: Scanned) -> None:
    """Raises BadRequest for every shape but a plain Chat Completions body, naming the sign of the other shape."""
    found = _foreign(scanned)
    if found:
        raise BadRequest(
            f"Cursor sent a request that is not in the shape of Chat Completions ({found}), as its Agent mode does for some models. "
            "Use Ask mode, or choose another model.",
            code="unsupported_shape",
        )


def _foreign(scanned: Scanned) -> str:
    if bytes(scanned.fields.get("input", b"null")) != b"null":
        return "it has `input`, as Responses requests do"
    if "messages" not in scanned.fields:
        return "it has no `messages`"
    return _foreign_tools(_value(scanned, "tools")) or _foreign_choice(_value(scanned, "tool_choice")) or _foreign_blocks(scanned)


def _foreign_tools(tools: object) -> str:
    for tool in map(mapping, items(tools)):
        if "name" in tool and not mapping(tool.get("function") or tool.get("custom")):
            return "a tool in it has its `name` at the top, as in Responses or Anthropic requests"
    return ""


def _foreign_choice(choice: object) -> str:
    return "its `tool_choice` is Anthropic's" if mapping(choice).get("type") in {"tool", "any"} else ""


def _foreign_blocks(scanned: Scanned) -> str:
    raw = bytes(scanned.fields["messages"])
    if not any(block.encode() in raw for block in _BLOCKS):
        return ""
    for message in items(_value(scanned, "messages")):
        for part in items(mapping(message).get("content")):
            kind = mapping(part).get("type")
            if kind in _BLOCKS:
                return f"a message in it has a `{kind}` block, as Anthropic requests do"
    return ""


def _value(scanned: Scanned, name: str) -> object:
    return decoded(_ANY, scanned.fields.get(name, msgspec.Raw()))
