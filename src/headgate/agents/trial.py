"""The one small request that tries a connection, in the dialect of the agent. It says what to send, and reads the answer's status and text; it sends nothing."""

import json
from collections.abc import Mapping
from typing import Any, Final, NamedTuple
from urllib.parse import quote

_PROMPT: Final = "Say hello."
_TOKENS_MAX: Final = 16  # enough for an answer, and too few to cost anything

LISTINGS: Final[Mapping[str, tuple[str, str]]] = {
    "anthropic": ("/anthropic/v1/models", "id"),
    "openai_responses": ("/openai/v1/models", "id"),
    "openai_chat": ("/openai/v1/models", "id"),
    "gemini": ("/gemini/v1beta/models", "name"),
}
"""Where each dialect lists its models, and the key of a name there."""


class Trial(NamedTuple):
    """What is sent: path, headers beside the token's, and body."""

    path: str
    headers: Mapping[str, str]
    body: bytes


def trial(dialect: str, model: str) -> Trial:
    """The request for a model in a dialect."""
    messages = [{"role": "user", "content": _PROMPT}]
    headers = {"content-type": "application/json"}
    match dialect:
        case "anthropic":
            body: dict[str, Any] = {"model": model, "max_tokens": _TOKENS_MAX, "messages": messages}
            return Trial("/anthropic/v1/messages", headers | {"anthropic-version": "2023-06-01"}, json.dumps(body).encode())
        case "openai_responses":
            body = {"model": model, "input": _PROMPT, "max_output_tokens": _TOKENS_MAX, "store": False}
            return Trial("/openai/v1/responses", headers, json.dumps(body).encode())
        case "gemini":
            body = {"contents": [{"role": "user", "parts": [{"text": _PROMPT}]}], "generationConfig": {"maxOutputTokens": _TOKENS_MAX}}
            return Trial(f"/gemini/v1beta/models/{quote(model, safe='')}:generateContent", headers, json.dumps(body).encode())
        case _:
            body = {"model": model, "max_completion_tokens": _TOKENS_MAX, "messages": messages}
            return Trial("/openai/v1/chat/completions", headers, json.dumps(body).encode())


def names_in_listing(dialect: str, body: bytes) -> tuple[str, ...]:
    """The names of a listing's answer; none if it cannot be read."""
    _, key = LISTINGS[dialect]
    try:
        found = json.loads(body)
        items = found.get("data") or found.get("models") or []
        return tuple(str(item[key]).removeprefix("models/") for item in items)
    except (ValueError, KeyError, TypeError, AttributeError):
        return ()


def refusal_text(body: bytes) -> str:
    """The message of a refusal, in the shapes that the dialects have."""
    try:
        found = json.loads(body)
        error = found.get("error", found)
        return str(error.get("message", "") if isinstance(error, dict) else error)
    except (ValueError, AttributeError):
        return body[:200].decode("utf-8", "replace")
