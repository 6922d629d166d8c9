"""Anthropic Messages as the scripted provider speaks it."""

import json
from typing import Any

from tests.fakes.turns import Call, ErrorInStream, Part, Refuse, Text, Thinking, Tokens, Turn, split
from tests.fakes.wire import dump

ERROR_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    529: "overloaded_error",
}
ENDINGS = {"length": "max_tokens", "filter": "refusal"}


def event(kind: str, **fields: Any) -> bytes:
    """One named server-sent event."""
    return b"event: " + kind.encode() + b"\ndata: " + dump({"type": kind, **fields}) + b"\n\n"


def usage(tokens: Tokens | None, output: int | None = None) -> dict[str, Any]:
    """Anthropic's counts: `input_tokens` is fresh input alone."""
    if tokens is None:
        return {}
    return {
        "input_tokens": tokens.fresh,
        "cache_creation_input_tokens": tokens.write_5m + tokens.write_1h,
        "cache_read_input_tokens": tokens.read,
        "cache_creation": {"ephemeral_5m_input_tokens": tokens.write_5m, "ephemeral_1h_input_tokens": tokens.write_1h},
        "output_tokens": tokens.output if output is None else output,
        "service_tier": "standard",
        **tokens.more,
    }


def stop_reason(turn: Turn) -> str:
    """Why the answer ends."""
    return ENDINGS.get(turn.ending) or ("tool_use" if turn.calls else "end_turn")


def block(part: Part) -> dict[str, Any]:
    """A part as a whole content block."""
    match part:
        case Text(text=text):
            return {"type": "text", "text": text}
        case Thinking(text=text, signature=signature):
            return {"type": "thinking", "thinking": text, "signature": signature}
        case Call(name=name, arguments=arguments, id=identity):
            return {"type": "tool_use", "id": identity, "name": name, "input": arguments}


def block_frames(index: int, part: Part) -> list[bytes]:
    """A part as start, deltas and stop."""
    match part:
        case Text(text=text, pieces=pieces):
            start: dict[str, Any] = {"type": "text", "text": ""}
            deltas = [{"type": "text_delta", "text": piece} for piece in split(text, pieces)]
        case Thinking(text=text, signature=signature):
            start = {"type": "thinking", "thinking": "", "signature": ""}
            deltas = [{"type": "thinking_delta", "thinking": piece} for piece in split(text, 2)]
            deltas.append({"type": "signature_delta", "signature": signature})
        case Call(name=name, arguments=arguments, id=identity):
            start = {"type": "tool_use", "id": identity, "name": name, "input": {}}
            deltas = [{"type": "input_json_delta", "partial_json": piece} for piece in ["", *split(json.dumps(arguments), 3)]]
    return [
        event("content_block_start", index=index, content_block=start),
        *(event("content_block_delta", index=index, delta=delta) for delta in deltas),
        event("content_block_stop", index=index),
    ]


class AnthropicWire:
    """`POST /v1/messages`."""

    def frames(self, turn: Turn, request: dict[str, Any], model: str, number: int) -> list[bytes]:
        """message_start, a ping, the blocks one after the other, message_delta, message_stop."""
        message = {**self._message(model, number), "content": [], "stop_reason": None, "usage": usage(turn.tokens, output=1)}
        blocks = [frame for index, part in enumerate(turn.parts) for frame in block_frames(index, part)]
        final = {"usage": {"output_tokens": turn.tokens.output}} if turn.tokens else {}
        return [
            event("message_start", message=message),
            event("ping"),
            *blocks,
            event("message_delta", delta={"stop_reason": stop_reason(turn), "stop_sequence": None}, **final),
            event("message_stop"),
        ]

    def whole(self, turn: Turn, request: dict[str, Any], model: str, number: int) -> bytes:
        """A whole message."""
        content = [block(part) for part in turn.parts]
        return dump({**self._message(model, number), "content": content, "stop_reason": stop_reason(turn), "usage": usage(turn.tokens)})

    def error(self, refusal: Refuse) -> bytes:
        """Anthropic's error envelope."""
        kind = ERROR_TYPES.get(refusal.status, "api_error")
        return dump({"type": "error", "error": {"type": kind, "message": refusal.message}, "request_id": "req_scripted"})

    def stream_error(self, error: ErrorInStream) -> bytes:
        """`event: error`."""
        return event("error", error={"type": error.kind, "message": error.message})

    def results(self, request: dict[str, Any]) -> dict[str, str]:
        """`tool_result` blocks."""
        found = {}
        for item in self._blocks(request):
            if item.get("type") == "tool_result":
                content = item.get("content")
                found[item["tool_use_id"]] = content if isinstance(content, str) else json.dumps(content)
        return found

    def signatures(self, request: dict[str, Any]) -> set[str]:
        """Signatures of replayed thinking blocks."""
        return {item["signature"] for item in self._blocks(request) if item.get("type") == "thinking"}

    @staticmethod
    def _message(model: str, number: int) -> dict[str, Any]:
        return {"id": f"msg_{number:06d}", "type": "message", "role": "assistant", "model": model, "stop_sequence": None}

    @staticmethod
    def _blocks(request: dict[str, Any]) -> list[dict[str, Any]]:
        contents = [message.get("content") for message in request.get("messages", [])]
        return [item for content in contents if isinstance(content, list) for item in content if isinstance(item, dict)]
