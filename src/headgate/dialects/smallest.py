"""The smallest request of each dialect's clients, for questions about what would happen to one. Nothing sends it."""

import json
from collections.abc import Callable, Mapping
from typing import Any

_OUTPUT_TOKENS = 1_000  # of a short answer
_TEXT = "hello"


def smallest_request(face: str, model: str) -> bytes:
    """The body of a request for a model, as the clients of this face write it."""
    return json.dumps(_BODIES[face](model)).encode()


def _messages(model: str) -> dict[str, Any]:
    return {"model": model, "max_tokens": _OUTPUT_TOKENS, "messages": [{"role": "user", "content": _TEXT}]}


def _responses(model: str) -> dict[str, Any]:
    return {"model": model, "max_output_tokens": _OUTPUT_TOKENS, "input": _TEXT}


def _gemini(_model: str) -> dict[str, Any]:
    return {"contents": [{"role": "user", "parts": [{"text": _TEXT}]}], "generationConfig": {"maxOutputTokens": _OUTPUT_TOKENS}}


_BODIES: Mapping[str, Callable[[str], dict[str, Any]]] = {
    "anthropic": _messages,
    "openai_chat": _messages,
    "cursor": _messages,
    "openai_responses": _responses,
    "gemini": _gemini,
}
