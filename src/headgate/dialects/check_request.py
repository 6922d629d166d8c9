"""The request that tests a provider, and what its answer says: whether it can be reached, takes the key, and serves the model. Pure.

A model is asked for one short word, which costs a fraction of a cent. Without a model the provider's list of models is asked for, which is free.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from headgate.core.endpoint import Provider
from headgate.core.event import Failed, Started
from headgate.core.provider_dialect import AZURE, vendor_of
from headgate.dialects.faces import Operation
from headgate.dialects.lenient import decoded, items, mapping, text
from headgate.dialects.registry import PROVIDERS

_OUTPUT_TOKENS: Final = 16  # the fewest that OpenAI's Responses take: https://platform.openai.com/docs/api-reference/responses/create
_TEXT: Final = "Say ok."
_MESSAGE_MAX: Final = 600
_ANY = msgspec.json.Decoder()
_SPACES = re.compile(r"\s+")
_OPERATIONS: Mapping[str, Operation] = {
    "anthropic": Operation("messages", "anthropic/v1/messages"),
    "openai_chat": Operation("chat", "openai/v1/chat/completions"),
    "openai_responses": Operation("responses", "openai/v1/responses"),
    "gemini": Operation("generateContent", "gemini/v1/generateContent", "never"),
}
_LISTINGS: Mapping[str, str] = {"anthropic": "/v1/models", "openai_chat": "/models", "openai_responses": "/models", "gemini": "/v1beta/models"}
_LISTS: Final = ("data", "models", "modelSummaries", "publisherModels")  # the last two are of Bedrock and Vertex AI


class CheckRequest(msgspec.Struct, frozen=True):
    """What is sent: method, path below the provider's base URL, body."""

    method: str
    target: str
    body: bytes = b""


def check_request(provider: Provider, dialect: str, model: str) -> CheckRequest:
    """The smallest request for a model; for an empty model, the request for the list of models."""
    if not model:
        return CheckRequest("GET", _LISTINGS[dialect])
    body = json.dumps(_BODIES[dialect](provider, model)).encode()
    return CheckRequest("POST", PROVIDERS[dialect].path(_OPERATIONS[dialect], model, ""), body)


def answer_text(dialect: str, model: str, status: int, body: bytes) -> str:
    """What an answer says, in a sentence; the provider's own words where it refuses. Reads any body, never raises."""
    if not 200 <= status < 300:
        return _refusal(dialect, body) or "It said nothing more."
    if not model:
        fields = mapping(decoded(_ANY, body))
        return f"It lists {max(len(items(fields.get(name))) for name in _LISTS)} models."
    events = PROVIDERS[dialect].read_answer(body)
    served = next((event.model_served for event in events if isinstance(event, Started) and event.model_served), "")
    failed = next((event for event in events if isinstance(event, Failed)), None)
    if failed is not None:
        return _short(failed.message or failed.code)
    return f"It answered with the model {served}." if served else "It answered, without naming a model."


def _refusal(dialect: str, body: bytes) -> str:
    failed = next((event for event in PROVIDERS[dialect].read_answer(body) if isinstance(event, Failed)), None)
    if failed is not None and failed.message:
        return _short(failed.message)
    fields = mapping(decoded(_ANY, body))
    return _short(text(fields.get("detail")) or text(fields.get("message")) or body[: _MESSAGE_MAX * 4].decode(errors="replace"))


def _short(message: str) -> str:
    plain = _SPACES.sub(" ", "".join(character if character.isprintable() else " " for character in message)).strip()
    return plain if len(plain) <= _MESSAGE_MAX else f"{plain[:_MESSAGE_MAX]}…"


def _messages(_provider: Provider, model: str) -> dict[str, Any]:
    return {"model": model, "max_tokens": _OUTPUT_TOKENS, "messages": [{"role": "user", "content": _TEXT}]}


def _chat(provider: Provider, model: str) -> dict[str, Any]:
    # The reasoning models of OpenAI and Azure refuse `max_tokens`; other servers may not know its newer name.
    bound = "max_completion_tokens" if vendor_of(provider.base_url) in {"openai", AZURE} else "max_tokens"
    return {"model": model, bound: _OUTPUT_TOKENS, "messages": [{"role": "user", "content": _TEXT}]}


def _responses(_provider: Provider, model: str) -> dict[str, Any]:
    return {"model": model, "max_output_tokens": _OUTPUT_TOKENS, "input": _TEXT, "store": False}


def _gemini(_provider: Provider, _model: str) -> dict[str, Any]:
    return {"contents": [{"role": "user", "parts": [{"text": _TEXT}]}], "generationConfig": {"maxOutputTokens": _OUTPUT_TOKENS}}


_BODIES: Mapping[str, Callable[[Provider, str], dict[str, Any]]] = {
    "anthropic": _messages,
    "openai_chat": _chat,
    "openai_responses": _responses,
    "gemini": _gemini,
}
