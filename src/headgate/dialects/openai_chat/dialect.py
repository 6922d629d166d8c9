"""Chat Completions as its own clients speak it: OpenCode, Qwen Code, Copilot CLI and OpenAI's SDKs.

Puts together what `openai_chat` shares with `cursor`; decides nothing else. A comment keeps these clients waiting in silence, and an in-band
`data: {"error": …}` without `[DONE]` is the only ending that none of them takes for a whole answer.
"""

from collections.abc import Sequence

import msgspec

from headgate.core.endpoint import Endpoint
from headgate.core.errors import GatewayError
from headgate.core.event import Event
from headgate.core.headers import Headers
from headgate.dialects import openai_errors, openai_models
from headgate.dialects.faces import AnswerFilter, AnswerReader, Asked, BodyReader, Operation
from headgate.dialects.openai_chat import assemble, request, stream, text
from headgate.dialects.scan import Scanned


class OpenAIChat:
    """The dialect `openai_chat`; one operation, `chat`."""

    name = "openai_chat"
    speaks = "openai_chat"
    keep_alive = b": keep-alive\n\n"

    def read(self, body: bytes | Scanned, operation: Operation, path_model: str) -> Asked:  # ruff: ignore[unused-method-argument] the Protocol's shape
        """Check a request body. Raises BadRequest."""
        return request.read(body)

    def upstream_body(self, asked: Asked, model_sent: str) -> bytes:
        """The bytes to send."""
        return request.upstream_body(asked, model_sent)

    def upstream_target(self, operation: Operation, model_sent: str, query: str) -> str:  # ruff: ignore[unused-method-argument] see below
        """The path below a base URL that ends in `/v1`; a client's query goes no further, it could name another model."""
        return "/chat/completions"

    def reader(self) -> AnswerReader:
        """A reader for one answer stream."""
        return stream.ChatReader()

    def answer_filter(self, asked: Asked) -> AnswerFilter | None:
        """The filter of the usage chunk, where the client did not ask for it."""
        return stream.UsageFilter() if asked.usage_hidden else None

    def read_answer(self, body: bytes) -> Sequence[Event]:
        """The events of a whole answer or error body."""
        return stream.read_answer(body)

    def body_reader(self) -> BodyReader:
        """A reader for a whole answer that comes in pieces."""
        return stream.body_reader()

    def request_text_length(self, asked: Asked) -> int:
        """Characters of text in a request."""
        return text.request_text_length(asked)

    def answer_text_length(self, body: bytes) -> int:
        """Characters of generated text in a whole answer."""
        return text.answer_text_length(body)

    def stream_text_length(self, data: bytes) -> int:
        """Characters of generated text in a stream."""
        return text.stream_text_length(data)

    def assemble(self, data: bytes) -> dict[str, object] | None:
        """A stream as the whole answer it tells."""
        return assemble.assemble(data)

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

    def session_of(self, asked: Asked) -> str:  # ruff: ignore[unused-method-argument] its clients name their session in headers, if at all
        """No session is in the body."""
        return ""
