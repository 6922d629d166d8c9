"""A Chat Completions request on the native way: checked once, then sent as it came, with the model renamed and usage asked for where it was not.

Without `stream_options.include_usage` a stream ends without counts. Headgate asks for them and takes the one extra chunk out again (`chat_stream`).
"""

import msgspec

from headgate.dialects.asked import Asked
from headgate.dialects.faces import Operation
from headgate.dialects.lenient import counted
from headgate.dialects.openai_chat.parameters import with_bound
from headgate.dialects.scan import read_model, read_stream, scan, spell, splice
from headgate.dialects.scanned import Scanned

_ASK = b'{"include_usage":true}'


def read(body: bytes | Scanned, _operation: Operation, _path_model: str) -> Asked:
    """Check a body. Raises BadRequest."""
    return asked(scan(body))


def asked(scanned: Scanned) -> Asked:
    """What a scanned body asks for. Raises BadRequest for `model` and `stream` of a wrong type."""
    model, stream = read_model(scanned), read_stream(scanned)
    made = Asked(scanned.body, model, scanned.span("model"), scanned.fields, scanned.spans, stream=stream)
    made.usage_hidden = stream and _usage_can_be_asked(scanned.fields.get("stream_options"))
    return made


def body(asked: Asked, model_sent: str) -> bytes:
    """The original bytes with the model replaced, usage asked for where it is to be hidden, and a bound on the output where the endpoint sets it."""
    if asked.output_max:
        asked = with_bound(asked, model_sent)
    if asked.model_span is None or not asked.usage_hidden:
        return asked.with_model(model_sent)
    model = spell(model_sent)
    if "stream_options" not in asked.fields:
        return splice(asked.body, asked.model_span, model + b',"stream_options":' + _ASK)
    renamed = asked.with_model(model_sent)
    start, end = scan(renamed).span("stream_options")
    return splice(renamed, (start, end), _asking(renamed[start:end]))


def path(_operation: Operation, _model_sent: str, _query: str) -> str:
    """The path below a base URL that ends in `/v1`; a client's query is not sent, because it could name another model."""
    return "/chat/completions"


def output_tokens_max(asked: Asked) -> int:
    """What `max_completion_tokens` says, or the older `max_tokens`, for each of `n` answers."""
    fields = asked.fields
    bound = counted(fields.get("max_completion_tokens")) or counted(fields.get("max_tokens")) or asked.output_max
    return bound * max(1, counted(fields.get("n")))


def session_id(_asked: Asked) -> str:
    """Empty: its clients name their session in headers, if at all."""
    return ""


def _usage_can_be_asked(options: msgspec.Raw | None) -> bool:
    """Whether usage is not asked for and could be. Options of a wrong type pass as they are: the provider refuses them."""
    if options is None or bytes(options) == b"null":
        return True
    if not bytes(options).startswith(b"{"):
        return False
    return bytes(scan(bytes(options)).fields.get("include_usage", b"null")) == b"null"  # an explicit false is respected


def _asking(options: bytes) -> bytes:
    """The options with `include_usage` true and every other member as it was."""
    if options == b"null":
        return _ASK
    scanned = scan(options)
    if "include_usage" in scanned.fields:
        return splice(options, scanned.span("include_usage"), b"true")
    return _ASK[:-1] + b"," + options[1:] if scanned.fields else _ASK
