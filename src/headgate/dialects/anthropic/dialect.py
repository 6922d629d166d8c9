"""The dialect as one object, for the registry: every method is one line that names the module that does it."""

from collections.abc import Sequence

from headgate.core.endpoint import Endpoint
from headgate.core.errors import GatewayError
from headgate.core.event import Event
from headgate.core.headers import Headers
from headgate.dialects.anthropic import assemble, errors, models, request, stream, text
from headgate.dialects.faces import AnswerFilter, AnswerReader, Asked, BodyReader, Operation
from headgate.dialects.scan import Scanned


class Anthropic:
    """Anthropic Messages on the native way. Stateless."""

    name = "anthropic"
    speaks = "anthropic"
    keep_alive = b'event: ping\ndata: {"type": "ping"}\n\n'  # resets Claude Code's watchdog of 300 s

    def read(self, body: bytes | Scanned, operation: Operation, path_model: str) -> Asked:  # ruff: ignore[unused-method-argument] - the model is in the body
        """Check a body and find its model."""
        return request.read(body, operation)

    def upstream_body(self, asked: Asked, model_sent: str) -> bytes:
        """The body with the model spliced."""
        return request.upstream_body(asked, model_sent)

    def upstream_target(self, operation: Operation, model_sent: str, query: str) -> str:  # ruff: ignore[unused-method-argument] - the model is in the body
        """Path and query below the base URL."""
        return request.upstream_target(operation, query)

    def reader(self) -> AnswerReader:
        """A reader for one answer stream."""
        return stream.StreamReader()

    def answer_filter(self, asked: Asked) -> AnswerFilter | None:  # ruff: ignore[unused-method-argument] - nothing is ever hidden
        """None: the stream passes untouched."""
        return None

    def read_answer(self, body: bytes) -> Sequence[Event]:
        """The events of a whole answer."""
        return stream.read_answer(body)

    def body_reader(self) -> BodyReader:
        """A reader for a whole answer that comes in pieces."""
        return stream.body_reader()

    def request_text_length(self, asked: Asked) -> int:
        """Characters of text in a request."""
        return text.request_text_length(asked)

    def answer_text_length(self, body: bytes) -> int:
        """Characters of text in a whole answer."""
        return text.answer_text_length(body)

    def stream_text_length(self, data: bytes) -> int:
        """Characters of text in an answer stream."""
        return text.stream_text_length(data)

    def assemble(self, data: bytes) -> dict[str, object] | None:
        """A stream as the whole answer it tells."""
        return assemble.assemble(data)

    def error(self, error: GatewayError, request_id: str) -> tuple[int, Headers, bytes]:
        """An error as an answer."""
        return errors.answer(error, request_id)

    def stream_error(self, error: GatewayError, request_id: str) -> bytes:
        """An error at the end of a stream."""
        return errors.stream_error(error, request_id)

    def models(self, endpoints: Sequence[Endpoint], query: dict[str, str]) -> bytes:
        """A model listing."""
        return models.listing(endpoints, query)

    def model(self, endpoint: Endpoint) -> bytes:
        """One model's description."""
        return models.one(endpoint)

    def session_of(self, asked: Asked) -> str:
        """The session id in `metadata.user_id`."""
        return request.session_of(asked)
