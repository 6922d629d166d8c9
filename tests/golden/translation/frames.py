"""Requests that make sense around an element of a list: a call has its result, a result its call, and what the assistant says is answered."""

from collections.abc import Callable, Mapping
from typing import Any, Final

Json = Any
_TOOLS: Final = ("get_weather", "get_time")
_SCHEMA: Final = {"type": "object", "properties": {"city": {"type": "string"}}}


def _of_anthropic(message: Json) -> Json:
    hello = {"role": "user", "content": "Hello"}
    called = {"role": "assistant", "content": [{"type": "tool_use", "id": "call_1", "name": "get_weather", "input": {}}]}
    return [hello, called, message, hello] if message["role"] == "user" else [hello, message, hello]


def _of_chat(message: Json) -> Json:
    hello = {"role": "user", "content": "Hello"}
    call = {"id": "call_1", "type": "function", "function": {"name": "get_weather", "arguments": "{}"}}
    called = {"role": "assistant", "content": None, "tool_calls": [call]}
    return (
        [hello, called, message, hello] if message["role"] == "tool" else [hello, message, hello] if message["role"] != "system" else [message, hello]
    )


def _of_responses(item: Json) -> Json:
    hello = {"role": "user", "content": "Hello"}
    call = {"type": "function_call", "call_id": "call_1", "name": "get_weather", "arguments": "{}"}
    result = {"type": "function_call_output", "call_id": "call_1", "output": "sunny"}
    if item.get("type", "").endswith("_output"):
        return [hello, call | {"type": "function_call"}, item, hello]
    return [hello, item, result, hello] if item.get("type", "").endswith("_call") else [hello, item, hello]


def _of_gemini(content: Json) -> Json:
    hello = {"role": "user", "parts": [{"text": "Hello"}]}
    return [hello, {"role": "user", **content}, {"role": "model", "parts": [{"text": "Yes."}]}, hello]


FRAMES: Final[Mapping[str, Mapping[str, Callable[[Json], Json]]]] = {
    "anthropic": {
        "": lambda _: {
            "model": "m",
            "max_tokens": 8000,
            "messages": [{"role": "user", "content": "Hello"}],
            "tools": [{"name": name, "input_schema": _SCHEMA} for name in _TOOLS],
        },
        "messages": _of_anthropic,
        "tools": lambda tool: [{"name": "get_weather", "input_schema": _SCHEMA}, tool],
    },
    "openai_chat": {
        "": lambda _: {
            "model": "m",
            "messages": [{"role": "user", "content": "Hello"}],
            "tools": [{"type": "function", "function": {"name": name, "parameters": _SCHEMA}} for name in _TOOLS],
        },
        "messages": _of_chat,
        "tools": lambda tool: [{"type": "function", "function": {"name": "get_weather", "parameters": _SCHEMA}}, tool],
    },
    "openai_responses": {
        "": lambda _: {
            "model": "m",
            "input": [{"role": "user", "content": "Hello"}],
            "tools": [{"type": "function", "name": name, "parameters": _SCHEMA} for name in _TOOLS],
        },
        "input": _of_responses,
        "tools": lambda tool: [{"type": "function", "name": "get_weather", "parameters": _SCHEMA}, tool],
    },
    "gemini": {
        "": lambda _: {
            "contents": [{"role": "user", "parts": [{"text": "Hello"}]}],
            "tools": [{"functionDeclarations": [{"name": name, "parametersJsonSchema": _SCHEMA} for name in _TOOLS]}],
        },
        "contents": _of_gemini,
        "tools": lambda tool: [{"functionDeclarations": [{"name": "get_weather", "parametersJsonSchema": _SCHEMA}]}, tool],
    },
}
"""By the client's dialect and the path of a list; the empty path is a request itself."""
