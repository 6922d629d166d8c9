"""Responses as Codex CLI and OpenAI's SDKs speak it: items and tools of any type pass as they are, only the model is renamed.

Puts the parts of this package together; decides nothing else.
"""

from collections.abc import Sequence

import msgspec

from headgate.core.endpoint import Endpoint
from headgate.core.errors import GatewayError
from headgate.core.event import Event
from headgate.core.headers import Headers
from headgate.dialects import openai_errors, openai_models
from headgate.dialects.faces import AnswerFilter, AnswerReader, Asked, BodyReader, Operation
from headgate.dialects.lenient import decoded, mapping, text
from headgate.dialects.openai_responses import assemble, stream
from headgate.dialects.openai_responses import text as texts
from headgate.dialects.scan import Scanned, read_model, read_stream, scan, spell, splice

_ANY = msgspec.json.Decoder()


class OpenAIResponses:
    """The dialect `openai_responses`; one operation, `responses`."""

    name = "openai_responses"
    speaks = "openai_responses"
    keep_alive = stream.KEEP_ALIVE

    def read(self, body: bytes | Scanned, operation: Operation, path_model: str) -> Asked:  # ruff: ignore[unused-method-argument] the Protocol's shape
        """Check a request body. Raises BadRequest."""
        scanned = scan(body)
        return Asked(
            body=scanned.body,
            model=read_model(scanned),
            stream=read_stream(scanned),
            model_span=scanned.span("model"),
            fields=scanned.fields,
        )

    def upstream_body(self, asked: Asked, model_sent: str) -> bytes:
        """The original bytes with the model spliced."""
        return asked.body if asked.model_span is None else splice(asked.body, asked.model_span, spell(model_sent))

    def upstream_target(self, operation: Operation, model_sent: str, query: str) -> str:  # ruff: ignore[unused-method-argument] see below
        """The path below a base URL that ends in `/v1`; a client's query goes no further, it could name another model."""
        return "/responses"

    def reader(self) -> AnswerReader:
        """A reader for one answer stream."""
        return stream.ResponsesReader()

    def answer_filter(self, asked: Asked) -> AnswerFilter | None:  # ruff: ignore[unused-method-argument] nothing is hidden
        """None: a stream passes untouched."""
        return None

    def read_answer(self, body: bytes) -> Sequence[Event]:
        """The events of a whole answer or error body."""
        return stream.read_answer(body)

    def body_reader(self) -> BodyReader:
        """A reader for a whole answer that comes in pieces."""
        return stream.body_reader()

    def request_text_length(self, asked: Asked) -> int:
        """Characters of text in a request."""
        return texts.request_text_length(asked)

    def answer_text_length(self, body: bytes) -> int:
        """Characters of generated text in a whole answer."""
        return texts.answer_text_length(body)

    def stream_text_length(self, data: bytes) -> int:
        """Characters of generated text in a stream."""
        return texts.stream_text_length(data)

    def assemble(self, data: bytes) -> dict[str, object] | None:
        """A stream as the whole answer it tells."""
        return assemble.assemble(data)

    def error(self, error: GatewayError, request_id: str) -> tuple[int, Headers, bytes]:  # ruff: ignore[unused-method-argument] the id goes in a header
        """The answer that says the error."""
        return openai_errors.answer(error)

    def stream_error(self, error: GatewayError, request_id: str) -> bytes:
        """The in-band error that ends a stream: `error`, then `response.failed`."""
        return stream.stream_error(error, request_id)

    def models(self, endpoints: Sequence[Endpoint], query: dict[str, str]) -> bytes:
        """The list of models, with Codex's catalogue when Codex asks."""
        return openai_models.listing(endpoints, query)

    def model(self, endpoint: Endpoint) -> bytes:
        """One model."""
        return openai_models.one(endpoint)

    def session_of(self, asked: Asked) -> str:
        """Codex's session: in `client_metadata`, and in `prompt_cache_key`, which is all that older versions send."""
        metadata = mapping(decoded(_ANY, asked.fields.get("client_metadata", msgspec.Raw())))
        return text(metadata.get("session_id")) or text(decoded(_ANY, asked.fields.get("prompt_cache_key", msgspec.Raw())))
