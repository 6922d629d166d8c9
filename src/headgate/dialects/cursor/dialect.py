"""Cursor's mount: Chat Completions in, Chat Completions out, for the requests that have that shape.

Puts together what `cursor` shares with `openai_chat`; the difference is that a request is looked at for its shape first.
"""

from collections.abc import Sequence

import msgspec

from headgate.core.endpoint import Endpoint
from headgate.core.errors import GatewayError
from headgate.core.event import Event
from headgate.core.headers import Headers
from headgate.dialects import chat_fold, chat_request, chat_stream, chat_text, openai_errors, openai_models
from headgate.dialects.cursor.shape import require_chat_shape
from headgate.dialects.dialect import AnswerFilter, AnswerReader, Asked, BodyReader, Operation
from headgate.dialects.scan import Scanned, scan


class Cursor:
    """The dialect `cursor`; one operation, `chat`."""

    name = "cursor"
    keep_alive = b": keep-alive\n\n"

    def read(self, body: bytes | Scanned, operation: Operation, path_model: str) -> Asked:  # ruff: ignore[unused-method-argument] the Protocol's shape
        """Check a request body. Raises BadRequest, also for the shapes that no chat provider takes."""
        scanned = scan(body)
        require_chat_shape(scanned)
        return chat_request.asked(scanned)

    def upstream_body(self, asked: Asked, model_sent: str) -> bytes:
        """The bytes to send."""
        return chat_request.upstream_body(asked, model_sent)

    def upstream_target(self, operation: Operation, model_sent: str, query: str) -> str:  # ruff: ignore[unused-method-argument] see below
        """The path below a base URL that ends in `/v1`; a client's query goes no further, it could name another model."""
        return "/chat/completions"

    def reader(self) -> AnswerReader:
        """A reader for one answer stream."""
        return chat_stream.ChatReader()

    def answer_filter(self, asked: Asked) -> AnswerFilter | None:
        """The filter of the usage chunk, where the client did not ask for it."""
        return chat_stream.UsageFilter() if asked.usage_hidden else None

    def read_answer(self, body: bytes) -> Sequence[Event]:
        """The events of a whole answer or error body."""
        return chat_stream.read_answer(body)

    def body_reader(self) -> BodyReader:
        """A reader for a whole answer that comes in pieces."""
        return chat_stream.body_reader()

    def request_text_length(self, asked: Asked) -> int:
        """Characters of text in a request."""
        return chat_text.request_text_length(asked)

    def answer_text_length(self, body: bytes) -> int:
        """Characters of generated text in a whole answer."""
        return chat_text.answer_text_length(body)

    def stream_text_length(self, data: bytes) -> int:
        """Characters of generated text in a stream."""
        return chat_text.stream_text_length(data)

    def fold_stream(self, data: bytes) -> dict[str, object] | None:
        """A stream as the whole answer it tells."""
        return chat_fold.fold_stream(data)

    def error(self, error: GatewayError, request_id: str) -> tuple[int, Headers, bytes]:  # ruff: ignore[unused-method-argument] the id goes in a header
        """The answer that says the error."""
        return openai_errors.answer(error)

    def stream_error(self, error: GatewayError, request_id: str) -> bytes:  # ruff: ignore[unused-method-argument] the envelope has no place for the id
        """The in-band error that ends a stream."""
        return b"data: " + msgspec.json.encode(openai_errors.envelope(error)) + b"\n\n"

    def models(self, endpoints: Sequence[Endpoint], query: dict[str, str]) -> bytes:
        """The list of models, with Codex's catalogue when Codex asks."""
        return openai_models.listing(endpoints, query)

    def model(self, endpoint: Endpoint) -> bytes:
        """One model."""
        return openai_models.one(endpoint)

    def session_of(self, asked: Asked) -> str:  # ruff: ignore[unused-method-argument] Cursor names no session
        """No session is in the body."""
        return ""
