"""One exchange in each dialect, streamed and whole: what is asked, and what a provider answers, in pieces. For tests that hold in all of them."""

import json
from typing import Any, NamedTuple

from headgate.dialects.faces import Operation
from tests.fakes.ports import FakeClient
from tests.fakes.turns import Text, Tokens, Turn
from tests.fakes.wire import Wire
from tests.fakes.wire_anthropic import AnthropicWire
from tests.fakes.wire_chat import ChatWire
from tests.fakes.wire_gemini import GeminiWire
from tests.fakes.wire_responses import ResponsesWire
from tests.unit.exchange.journeys import JSON, SSE, Stage

PROMPT = "Tell me about gateways. " * 10
ANSWER = "A gateway is a door that counts. " * 10
TOKENS = Tokens(fresh=90, output=70)


class Spoken(NamedTuple):
    """One exchange."""

    dialect: str
    stream: bool
    wire: Wire
    operation: Operation
    body: dict[str, Any]
    path_model: str = ""

    @property
    def frames(self) -> list[bytes]:
        """The whole answer, in frames of a stream, or as one piece."""
        turn = Turn(parts=(Text(ANSWER),), tokens=TOKENS)
        if self.stream:
            return self.wire.frames(turn, self.body, "served", 1)
        return [self.wire.whole(turn, self.body, "served", 1)]

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        """The head of a good answer."""
        return SSE if self.stream else JSON

    def start(self, stage: Stage) -> FakeClient:
        """Ask."""
        return stage.ask(self.dialect, json.dumps(self.body).encode(), self.operation, self.path_model)

    def __str__(self) -> str:
        return f"{self.dialect}-{'stream' if self.stream else 'whole'}"


def _spoken(stream: bool) -> list[Spoken]:
    messages = [{"role": "user", "content": PROMPT}]
    chat = {"model": "gpt", "stream": stream, "messages": messages}
    generate = Operation("streamGenerateContent" if stream else "generateContent", "gemini", streams="always" if stream else "never")
    return [
        Spoken("anthropic", stream, AnthropicWire(), Operation("messages", "a"), {"model": "single", "stream": stream, "messages": messages}),
        Spoken("openai_chat", stream, ChatWire(), Operation("chat", "c"), chat),
        Spoken("cursor", stream, ChatWire(), Operation("chat", "c"), chat),
        Spoken("openai_responses", stream, ResponsesWire(), Operation("responses", "r"), {"model": "gpt", "stream": stream, "input": PROMPT}),
        Spoken("gemini", stream, GeminiWire(), generate, {"contents": [{"parts": [{"text": PROMPT}]}]}, "flash"),
    ]


ALL = [*_spoken(True), *_spoken(False)]
