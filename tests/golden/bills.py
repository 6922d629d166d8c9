"""Answers with everything that can be charged, as each dialect writes them, streamed and whole; and what is to be read of them."""

import json
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from headgate.dialects.faces import Operation
from headgate.dialects.registry import CLIENTS
from headgate.dialects.sse import FRAME_BYTES_MAX

_PADDING = b'"padding":"' + b"x" * (FRAME_BYTES_MAX + 10) + b'",'
_QUESTION = b'{"model":"m","messages":[{"role":"user","content":"How are you today?"}],"stream":true,"input":"How are you today?"}'
_CONTENTS = b'{"contents":[{"role":"user","parts":[{"text":"How are you today?"}]}]}'


class Bill(NamedTuple):
    """One answer. `reported` is the dialect's usage object, `around` what stands beside it in the answer; `own` and `beside` are what is read."""

    dialect: str
    name: str
    reported: Mapping[str, Any]
    own: Mapping[str, Any]
    beside: Sequence[Mapping[str, Any]] = ()
    around: Mapping[str, Any] = MappingProxyType({})

    def __str__(self) -> str:
        return f"{self.dialect}/{self.name}"


def whole(bill: Bill) -> bytes:
    """The answer in one piece."""
    return _dump(_WHOLE[bill.dialect](bill))


def stream(bill: Bill) -> bytes:
    """The answer as a stream."""
    return b"".join(_STREAM[bill.dialect](bill))


def padded(data: bytes) -> bytes:
    """The same bytes with more in the object that holds the usage than anybody holds."""
    for begin in (b"data: {", b"{"):
        head, mark, tail = data.rpartition(b'"usage')
        start = head.rfind(begin)
        if mark and start >= 0 and (begin != b"{" or data.startswith(b"{")):
            start = start if begin != b"{" else 0
            return head[: start + len(begin)] + _PADDING + head[start + len(begin) :] + mark + tail
    return data


def _dump(fields: Mapping[str, Any]) -> bytes:
    return json.dumps(fields, separators=(",", ":")).encode()


def _event(fields: Mapping[str, Any], name: str = "") -> bytes:
    return (b"event: " + name.encode() + b"\n" if name else b"") + b"data: " + _dump(fields) + b"\n\n"


def _message(bill: Bill) -> dict[str, Any]:
    text = [{"type": "text", "text": "hello"}]
    return {"id": "msg_1", "type": "message", "model": "claude-opus-5", "content": text, "stop_reason": "end_turn", "usage": bill.reported}


def _message_events(bill: Bill) -> list[bytes]:
    first = {key: value for key, value in bill.reported.items() if key not in {"iterations", "server_tool_use", "output_tokens"}}
    start = {**_message(bill), "content": [], "stop_reason": None, "usage": {**first, "output_tokens": 1}}
    delta = {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": bill.reported}
    return [
        _event({"type": "message_start", "message": start}, "message_start"),
        _event({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "hello"}}, "content_block_delta"),
        _event(delta, "message_delta"),
        _event({"type": "message_stop"}, "message_stop"),
    ]


def _completion(bill: Bill) -> dict[str, Any]:
    choice = {"index": 0, "message": {"role": "assistant", "content": "hello"}, "finish_reason": "stop"}
    usage = {"usage": bill.reported} if bill.reported else {}
    return {"id": "c-1", "model": "a-model", "choices": [choice], **usage, **bill.around}


def _completion_events(bill: Bill) -> list[bytes]:
    head = {"id": "c-1", "object": "chat.completion.chunk", "model": "a-model"}
    last = bill.around if "choices" in bill.around else {"choices": [], **bill.around}
    usage = {"usage": bill.reported} if bill.reported else {}
    return [
        _event({**head, "choices": [{"index": 0, "delta": {"content": "hello"}, "finish_reason": None}]}),
        _event({**head, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}),
        _event({**head, **last, **usage}),
        b"data: [DONE]\n\n",
    ]


def _response(bill: Bill) -> dict[str, Any]:
    message = {"type": "message", "id": "m-1", "content": [{"type": "output_text", "text": "hello"}]}
    output = [*bill.around.get("calls", ()), message]
    rest = {key: value for key, value in bill.around.items() if key != "calls"}
    return {"id": "resp_1", "model": "gpt-5.2", "status": "completed", "output": output, "usage": bill.reported, **rest}


def _response_events(bill: Bill) -> list[bytes]:
    begun = {"id": "resp_1", "model": "gpt-5.2", "status": "in_progress", "output": [], "usage": None, "service_tier": "auto"}
    done = [{"type": "response.output_item.done", "output_index": at, "item": call} for at, call in enumerate(bill.around.get("calls", ()))]
    events = [
        {"type": "response.created", "response": begun},
        *done,
        {"type": "response.output_text.delta", "item_id": "m-1", "delta": "hello"},
        {"type": "response.completed", "response": _response(bill)},
    ]
    return [_event(event, str(event["type"])) for event in events]


def _chunk(bill: Bill) -> dict[str, Any]:
    candidate = {"content": {"role": "model", "parts": [{"text": "hello"}]}, "finishReason": "STOP", **bill.around}
    return {"responseId": "r-1", "modelVersion": "gemini-3.5-flash", "candidates": [candidate], "usageMetadata": bill.reported}


def _chunks(bill: Bill) -> list[bytes]:
    begun = {"candidates": [{"content": {"role": "model", "parts": [{"text": "hel"}]}}], "responseId": "r-1", "modelVersion": "gemini-3.5-flash"}
    prompt = {key: value for key, value in bill.reported.items() if key == "promptTokenCount"}
    return [_event({**begun, "usageMetadata": prompt}), _event(_chunk(bill)), _event(_chunk(bill))]


_WHOLE = {"anthropic": _message, "openai_chat": _completion, "openai_responses": _response, "gemini": _chunk}
_STREAM = {"anthropic": _message_events, "openai_chat": _completion_events, "openai_responses": _response_events, "gemini": _chunks}
ASKED = {
    name: CLIENTS[name].read(_CONTENTS if name == "gemini" else _QUESTION, Operation("generate", "a/route"), "m" if name == "gemini" else "")
    for name in _WHOLE
}
