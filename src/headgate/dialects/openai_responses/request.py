"""Requests in Responses: items and tools of any type pass as they are, only the model is renamed, in place."""

import msgspec

from headgate.dialects.asked import Asked
from headgate.dialects.faces import Operation
from headgate.dialects.lenient import counted, decoded, mapping, text
from headgate.dialects.scan import read_model, read_stream, scan
from headgate.dialects.scanned import Scanned

_ANY = msgspec.json.Decoder()
_NOTHING = msgspec.Raw()
_PATHS = {"responses": "/responses", "input_tokens": "/responses/input_tokens", "compact": "/responses/compact"}


def read(body: bytes | Scanned, operation: Operation, _path_model: str) -> Asked:
    """Check a body and find its model. Raises BadRequest."""
    scanned = scan(body)
    model, stream = read_model(scanned), read_stream(scanned)
    return Asked(scanned.body, model, scanned.spans["model"], scanned.fields, scanned.spans, stream=stream and operation.streams != "never")


def path(operation: Operation, _model_sent: str, _query: str) -> str:
    """The path below a base URL that ends in `/v1`; a client's query is not sent, because it could name another model."""
    return _PATHS[operation.name]


def output_tokens_max(asked: Asked) -> int:
    """What `max_output_tokens` says."""
    return counted(asked.fields.get("max_output_tokens"))


def session_id(asked: Asked) -> str:
    """Codex's session: in `client_metadata`, and in `prompt_cache_key`, which is all that older versions send."""
    metadata = mapping(decoded(_ANY, asked.fields.get("client_metadata", _NOTHING)))
    return text(metadata.get("session_id")) or text(decoded(_ANY, asked.fields.get("prompt_cache_key", _NOTHING)))
