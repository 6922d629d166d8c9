"""Cursor's face: Chat Completions, and beside it the other shapes of its requests, which are translated for every provider."""

import msgspec

from headgate.dialects.anthropic import text as anthropic
from headgate.dialects.asked import Asked
from headgate.dialects.cursor import parameters
from headgate.dialects.cursor.shapes import is_mixed
from headgate.dialects.cursor.variants import meant
from headgate.dialects.faces import ClientFace, Operation
from headgate.dialects.openai_chat import faces, request
from headgate.dialects.openai_chat import text as chat
from headgate.dialects.openai_responses import text as responses
from headgate.dialects.scan import scan
from headgate.dialects.scanned import Scanned


def read(body: bytes | Scanned, _operation: Operation, _path_model: str) -> Asked:
    """Check a request body of any shape. Raises BadRequest."""
    asked = _read(scan(body))
    other = meant(asked)
    return asked if other is None else asked.or_otherwise(_read(scan(other)))


def _read(scanned: Scanned) -> Asked:
    asked = request.asked(scanned)
    if not is_mixed(asked.fields):
        return asked
    return asked.as_mixed()


def request_text_length(asked: Asked) -> int:
    """Characters of text in whatever shape: a body that says the same in two counts once."""
    return max(chat.request_text_length(asked), responses.request_text_length(asked), anthropic.request_text_length(asked))


CLIENT: ClientFace = msgspec.structs.replace(
    faces.CLIENT,
    name="cursor",
    read=read,
    request_text_length=request_text_length,
    output_tokens_max=parameters.output_tokens_max,
    bounded=parameters.bounded,
    tools=parameters.tools,
)
