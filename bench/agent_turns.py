"""One agent's session late in its day, as clients of four dialects send it: 300 KB of thoughts, calls and results, and 20 tools with their schemas."""

import json
import random
from collections.abc import Callable

from bench.loads import text_of

_STEPS = 60
_RESULT_WORDS = 620
_Json = dict[str, object]


def _tools() -> list[tuple[str, str, _Json]]:
    rng = random.Random(1)
    properties = {f"p{number}": {"type": "string", "description": text_of(rng, 10)} for number in range(6)}
    schema: _Json = {"type": "object", "properties": properties, "required": ["p0"], "additionalProperties": False}
    return [(f"tool_{number}", text_of(rng, 120), schema) for number in range(20)]


def _steps() -> list[tuple[str, str, str, _Json, str]]:
    """What the assistant says before each call, the call's id, its tool, its arguments and its result."""
    rng = random.Random(2)
    return [
        (
            text_of(rng, 30),
            f"call_{number:024}",
            f"tool_{number % 20}",
            {"p0": f"src/module_{number}.py", "p1": text_of(rng, 40) + ' "quoted"\n'},
            "\n".join(text_of(rng, 12) for _ in range(_RESULT_WORDS // 12)),
        )
        for number in range(_STEPS)
    ]


_SYSTEM = text_of(random.Random(3), 2000)
_PROMPT = "Find out why the tests of the gateway are slow, and make them faster."


def _anthropic(model: str) -> _Json:
    messages: list[_Json] = [{"role": "user", "content": [{"type": "text", "text": _PROMPT}]}]
    for said, call_id, name, arguments, result in _steps():
        call = {"type": "tool_use", "id": call_id, "name": name, "input": arguments}
        messages += [
            {"role": "assistant", "content": [{"type": "text", "text": said}, call]},
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": call_id, "content": result}]},
        ]
    system = [{"type": "text", "text": _SYSTEM, "cache_control": {"type": "ephemeral"}}]
    tools = [{"name": name, "description": description, "input_schema": schema} for name, description, schema in _tools()]
    return {"model": model, "max_tokens": 8192, "stream": True, "system": system, "tools": tools, "messages": messages}


def _chat(model: str) -> _Json:
    messages: list[_Json] = [{"role": "system", "content": _SYSTEM}, {"role": "user", "content": _PROMPT}]
    for said, call_id, name, arguments, result in _steps():
        call = {"id": call_id, "type": "function", "function": {"name": name, "arguments": json.dumps(arguments)}}
        messages += [
            {"role": "assistant", "content": said, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": call_id, "content": result},
        ]
    tools = [{"type": "function", "function": {"name": name, "description": text, "parameters": schema}} for name, text, schema in _tools()]
    return {"model": model, "messages": messages, "tools": tools, "stream": True, "stream_options": {"include_usage": True}}


def _responses(model: str) -> _Json:
    given: list[_Json] = [{"type": "message", "role": "user", "content": [{"type": "input_text", "text": _PROMPT}]}]
    for said, call_id, name, arguments, result in _steps():
        given += [
            {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": said}]},
            {"type": "function_call", "call_id": call_id, "name": name, "arguments": json.dumps(arguments)},
            {"type": "function_call_output", "call_id": call_id, "output": result},
        ]
    tools = [{"type": "function", "name": name, "description": text, "strict": False, "parameters": schema} for name, text, schema in _tools()]
    return {"model": model, "instructions": _SYSTEM, "input": given, "tools": tools, "store": False, "stream": True, "parallel_tool_calls": False}


def _gemini(_model: str) -> _Json:
    contents: list[_Json] = [{"role": "user", "parts": [{"text": _PROMPT}]}]
    for said, _, name, arguments, result in _steps():
        contents += [
            {"role": "model", "parts": [{"text": said}, {"functionCall": {"name": name, "args": arguments}}]},
            {"role": "user", "parts": [{"functionResponse": {"name": name, "response": {"output": result}}}]},
        ]
    declared = [{"name": name, "description": text, "parametersJsonSchema": schema} for name, text, schema in _tools()]
    return {"systemInstruction": {"parts": [{"text": _SYSTEM}]}, "contents": contents, "tools": [{"functionDeclarations": declared}]}


_OF_DIALECT: dict[str, Callable[[str], _Json]] = {
    "anthropic": _anthropic, "openai_chat": _chat, "openai_responses": _responses, "gemini": _gemini
}  # fmt: skip


def agent_turn(dialect: str, model: str) -> bytes:
    """The request as a client of the dialect sends it."""
    return json.dumps(_OF_DIALECT[dialect](model), separators=(",", ":")).encode()
