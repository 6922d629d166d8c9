"""A plain client for tests that look at bytes and moments: one request in one wire format, its answer piece by piece."""

import http.client
import json
import socket
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlsplit

from tests.e2e.lab import CLAUDE, GEMINI, GPT


@dataclass(frozen=True)
class Case:
    """How one wire format is asked: path, endpoint, and a body with the marker as the user's words."""

    dialect: str
    endpoint: str

    def path(self, *, stream: bool = True) -> str:
        """The gateway's path."""
        if self.dialect == "gemini":
            return f"/gemini/v1beta/models/{self.endpoint}:" + ("streamGenerateContent?alt=sse" if stream else "generateContent")
        return {"anthropic": "/anthropic/v1/messages", "openai_chat": "/openai/v1/chat/completions", "openai_responses": "/openai/v1/responses"}[
            self.dialect
        ]

    def body(self, words: str = "Say hello.", *, stream: bool = True) -> bytes:
        """A request of the least size."""
        return json.dumps(self.fields(words, stream=stream)).encode()

    def fields(self, words: str = "Say hello.", *, stream: bool = True) -> dict[str, Any]:
        """The same as a value."""
        said = [{"role": "user", "content": words}]
        match self.dialect:
            case "anthropic":
                return {"model": self.endpoint, "max_tokens": 100, "messages": said, "stream": stream}
            case "openai_chat":
                return {"model": self.endpoint, "messages": said, "stream": stream} | ({"stream_options": {"include_usage": True}} if stream else {})
            case "openai_responses":
                return {"model": self.endpoint, "input": said, "stream": stream}
            case _:
                return {"contents": [{"role": "user", "parts": [{"text": words}]}]}


ANTHROPIC, CHAT, RESPONSES, GOOGLE = (
    Case("anthropic", CLAUDE),
    Case("openai_chat", GPT),
    Case("openai_responses", GPT),
    Case("gemini", GEMINI),
)
CASES = (ANTHROPIC, CHAT, RESPONSES, GOOGLE)
# What the last event of a whole stream holds.
CLOSING = {
    "anthropic": b"event: message_stop",
    "openai_chat": b"data: [DONE]",
    "openai_responses": b"event: response.completed",
    "gemini": b'"finishReason"',
}


class Asking:
    """One request under way. Reading returns what has arrived, de-chunked, as it came."""

    def __init__(self, url: str, token: str, path: str, body: bytes, headers: dict[str, str] | None = None) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
        own = {"authorization": f"Bearer {token}", "content-type": "application/json", "user-agent": "headgate-tests"}
        self._connection.request("POST", path, body, {**own, **(headers or {})})
        self._answer: http.client.HTTPResponse | None = None
        self.broken = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.hang_up()

    @property
    def answer(self) -> http.client.HTTPResponse:
        """The response; waits for its head."""
        if self._answer is None:
            self._answer = self._connection.getresponse()
        return self._answer

    @property
    def status(self) -> int:
        """The status; waits for the head."""
        return self.answer.status

    def pieces(self) -> Iterator[bytes]:
        """Each read that brought something, until the end. `broken` says whether that was the end of the connection, and no clean one."""
        try:
            while piece := self.answer.read1(65536):
                yield piece
        except (http.client.IncompleteRead, ConnectionResetError):
            self.broken = True

    def rest(self) -> bytes:
        """All that is still to come."""
        return b"".join(self.pieces())

    def hang_up(self, *, reset: bool = False) -> None:
        """Close the connection, as a user's interrupt does."""
        held = self._connection.sock
        if held is not None and reset:
            held.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        if self._answer is not None:
            self._answer.close()
        self._connection.close()
