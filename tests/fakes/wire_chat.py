"""OpenAI Chat Completions as the scripted provider speaks it."""

import json
from typing import Any

from tests.fakes.turns import Call, ErrorInStream, Refuse, Text, Tokens, Turn, split
from tests.fakes.wire import dump

CREATED = 1_790_000_000
ENDINGS = {"length": "length", "filter": "content_filter"}
ERROR_CODES = {401: "invalid_api_key", 404: "model_not_found", 429: "rate_limit_exceeded"}


def usage(tokens: Tokens) -> dict[str, Any]:
    """OpenAI's counts: the prompt includes what came from and went to the cache."""
    return {
        "prompt_tokens": tokens.all_input,
        "completion_tokens": tokens.output,
        "total_tokens": tokens.all_input + tokens.output,
        "prompt_tokens_details": {"cached_tokens": tokens.read, "cache_write_tokens": tokens.write_5m + tokens.write_1h, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": tokens.reasoning, "audio_tokens": 0},
    }


def tool_call(call: Call) -> dict[str, Any]:
    """A call as a whole; a freeform one is of a custom tool."""
    if call.freeform:
        return {"id": call.id, "type": "custom", "custom": {"name": call.name, "input": call.arguments}}
    arguments = call.arguments if isinstance(call.arguments, str) else json.dumps(call.arguments)
    return {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": arguments}}


def data(value: dict[str, Any]) -> bytes:
    """One unnamed server-sent event."""
    return b"data: " + dump(value) + b"\n\n"


class ChatWire:
    """`POST /v1/chat/completions`."""

    def frames(self, turn: Turn, request: dict[str, Any], model: str, number: int) -> list[bytes]:
        """Role chunk, deltas, finish chunk, the usage chunk if it was asked for, `[DONE]`."""
        asked = bool((request.get("stream_options") or {}).get("include_usage"))

        def chunk(choices: list[dict[str, Any]], spent: dict[str, Any] | None = None) -> bytes:
            head = {"id": f"chatcmpl-{number:06d}", "object": "chat.completion.chunk", "created": CREATED, "model": model}
            return data({**head, "system_fingerprint": "fp_scripted", "choices": choices, **({"usage": spent} if asked else {})})

        def delta(change: dict[str, Any], finish: str | None = None) -> bytes:
            return chunk([{"index": 0, "delta": change, "logprobs": None, "finish_reason": finish}])

        frames = [delta({"role": "assistant", "content": "", "refusal": None})]
        for part in turn.parts:
            if isinstance(part, Text):
                frames += [delta({"content": piece}) for piece in split(part.text, part.pieces)]
        for index, call in enumerate(turn.calls):
            whole = tool_call(call)
            kind, member = ("custom", "input") if call.freeform else ("function", "arguments")
            text = whole[kind].pop(member)
            frames.append(delta({"tool_calls": [{"index": index, **whole, kind: {**whole[kind], member: ""}}]}))
            frames += [delta({"tool_calls": [{"index": index, kind: {member: piece}}]}) for piece in split(text, 3)]
        frames.append(delta({}, self._finish(turn)))
        if asked and turn.tokens:
            frames.append(chunk([], usage(turn.tokens)))
        return [*frames, b"data: [DONE]\n\n"]

    def whole(self, turn: Turn, request: dict[str, Any], model: str, number: int) -> bytes:
        """A whole completion."""
        text = "".join(part.text for part in turn.parts if isinstance(part, Text))
        message: dict[str, Any] = {"role": "assistant", "content": text or None, "refusal": None, "annotations": []}
        if turn.calls:
            message["tool_calls"] = [tool_call(call) for call in turn.calls]
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": self._finish(turn)}
        body = {"id": f"chatcmpl-{number:06d}", "object": "chat.completion", "created": CREATED, "model": model, "choices": [choice]}
        return dump(body | ({"usage": usage(turn.tokens)} if turn.tokens else {}))

    def error(self, refusal: Refuse) -> bytes:
        """OpenAI's error envelope."""
        kind = "server_error" if refusal.status >= 500 else "invalid_request_error"
        return dump({"error": {"message": refusal.message, "type": kind, "param": None, "code": ERROR_CODES.get(refusal.status)}})

    def stream_error(self, error: ErrorInStream) -> bytes:
        """An error where a chunk would be."""
        return data({"error": {"message": error.message, "type": "server_error", "param": None, "code": "server_error"}})

    def results(self, request: dict[str, Any]) -> dict[str, str]:
        """Messages of the role `tool`."""
        tools = [message for message in request.get("messages", []) if message.get("role") == "tool"]
        return {message["tool_call_id"]: json.dumps(message.get("content")) for message in tools}

    def signatures(self, request: dict[str, Any]) -> set[str]:
        """None: the format has no place for a proof."""
        return set()

    @staticmethod
    def _finish(turn: Turn) -> str:
        return ENDINGS.get(turn.ending) or ("tool_calls" if turn.calls else "stop")
