"""Cursor's mount: Chat Completions in, Chat Completions out, for the requests that have that shape.

Cursor posts to `/chat/completions` what suits the model's name: chat bodies, Responses bodies (`input`, flat tools), Anthropic's blocks and tools, or a
mixture of them, and expects chunks of Chat Completions back in each case. A provider of Chat Completions takes only the first kind.
"""

from collections.abc import Sequence

import msgspec

from headgate.core.endpoint import Endpoint
from headgate.core.errors import BadRequest, GatewayError
from headgate.core.event import Event
from headgate.core.headers import Headers
from headgate.dialects import openai_errors, openai_models
from headgate.dialects.faces import AnswerFilter, AnswerReader, Asked, BodyReader, Operation
from headgate.dialects.lenient import decoded, items, mapping
from headgate.dialects.openai_chat import assemble, request, stream, text
from headgate.dialects.scan import Scanned, scan

_ANY = msgspec.json.Decoder()
_BLOCKS = ("tool_use", "tool_result")


class Cursor:
    """The dialect `cursor`; one operation, `chat`."""

    name = "cursor"
    speaks = "openai_chat"
    keep_alive = b": keep-alive\n\n"

    def read(self, body: bytes | Scanned, operation: Operation, path_model: str) -> Asked:  # ruff: ignore[unused-method-argument] the Protocol's shape
        """Check a request body. Raises BadRequest, also for the shapes that no chat provider takes."""
        scanned = scan(body)
        require_chat_shape(scanned)
        return request.asked(scanned)

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

    def session_of(self, asked: Asked) -> str:  # ruff: ignore[unused-method-argument] Cursor names no session
        """No session is in the body."""
        return ""


def require_chat_shape(scanned: Scanned) -> None:
    """Raises BadRequest for every shape but a plain Chat Completions body, naming what gave it away."""
    found = _foreign(scanned)
    if found:
        raise BadRequest(
            f"This request is not in the shape of Chat Completions ({found}), and the provider of this model takes no other. "
            "Choose a model whose requests Cursor sends in chat shape.",
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
