"""Requests of Anthropic Messages: the model, the provider's path, and the session that a request belongs to.

The body is one open list: unknown fields, block types and tools pass as they are. Only `model` is replaced, in place.
"""

from typing import Final

import msgspec

from headgate.dialects.asked import Asked
from headgate.dialects.faces import Operation
from headgate.dialects.lenient import counted, decoded, mapping, text
from headgate.dialects.scan import read_model, read_stream, scan
from headgate.dialects.scanned import Scanned

_PATHS: Final = {"messages": "/v1/messages", "count_tokens": "/v1/messages/count_tokens"}
_QUERY_PASSED: Final = "beta=true"  # the SDKs add nothing else; any other query is dropped
_SESSION_MARK: Final = "_session_"  # up to 2.1.4x: `user_<hash>_account_<uuid>_session_<uuid>`

_ANY: Final = msgspec.json.Decoder()


def read(body: bytes | Scanned, operation: Operation, _path_model: str) -> Asked:
    """Check a body and find its model. Raises BadRequest."""
    scanned = scan(body)
    model, stream = read_model(scanned), read_stream(scanned)
    return Asked(scanned.body, model, scanned.spans["model"], scanned.fields, scanned.spans, stream=stream and operation.streams != "never")


def path(operation: Operation, _model_sent: str, query: str) -> str:
    """The provider's path, with the one query parameter that is passed on."""
    below = _PATHS[operation.name]
    return f"{below}?{_QUERY_PASSED}" if query and _QUERY_PASSED in query.split("&") else below


def output_tokens_max(asked: Asked) -> int:
    """What `max_tokens` says."""
    return counted(asked.fields.get("max_tokens"))


def session_id(asked: Asked) -> str:
    """The session id that Claude Code writes into `metadata.user_id`: JSON in a string, in old versions a text with underscores."""
    metadata = asked.fields.get("metadata")
    user_id = text(mapping(decoded(_ANY, metadata)).get("user_id")) if metadata is not None else ""
    if user_id.startswith("{"):
        return text(mapping(decoded(_ANY, user_id.encode(errors="replace"))).get("session_id"))
    return user_id.rpartition(_SESSION_MARK)[2] if _SESSION_MARK in user_id else ""
