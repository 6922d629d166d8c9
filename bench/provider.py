"""The scripted provider of the benchmarks: JSON or a stream of N events G seconds apart, by the path that is asked. `python -m bench.provider PORT N G`.

It runs in a process of its own, whose CPU is not counted, and costs as little as it can.
"""

import asyncio
import json
import sys
from collections.abc import Callable, Iterator, Mapping

import httptools
import uvloop

_USAGE = {"input_tokens": 1523, "cache_creation_input_tokens": 200, "cache_read_input_tokens": 1200, "output_tokens": 42}
_WORDS = ("Hello there", "Hello again")  # in turns: LiteLLM breaks off a stream that repeats itself a hundred times
_TEXT = "Hello there, how can I help you today with your code?"


def _chunk(name: str, value: dict[str, object]) -> bytes:
    event = (f"event: {name}\n" if name else "").encode() + b"data: " + json.dumps(value, separators=(",", ":")).encode() + b"\n\n"
    return b"%x\r\n%s\r\n" % (len(event), event)


def anthropic_stream(events: int) -> list[bytes]:
    """A message of `events` events."""
    message = {
        "id": "msg_01",
        "type": "message",
        "role": "assistant",
        "model": "claude-opus-4-6",
        "content": [],
        "stop_reason": None,
        "usage": _USAGE,
    }
    opening = [
        _chunk("message_start", {"type": "message_start", "message": message}),
        _chunk("content_block_start", {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}),
    ]
    deltas = [
        _chunk("content_block_delta", {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}}) for text in _WORDS
    ]
    closing = [
        _chunk("content_block_stop", {"type": "content_block_stop", "index": 0}),
        _chunk("message_delta", {"type": "message_delta", "delta": {"stop_reason": "end_turn", "stop_sequence": None}, "usage": _USAGE}),
        _chunk("message_stop", {"type": "message_stop"}),
    ]
    return opening + [deltas[number % 2] for number in range(events - 5)] + closing


def chat_stream(events: int) -> list[bytes]:
    """A chat answer of `events` chunks and its `[DONE]`."""

    def chunk(choices: list[dict[str, object]], usage: dict[str, int] | None = None) -> bytes:
        return _chunk("", {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "gpt-5", "choices": choices, "usage": usage})

    said = [chunk([{"index": 0, "delta": {"content": text}, "finish_reason": None}]) for text in _WORDS]
    words = [said[number % 2] for number in range(events - 3)]
    usage = {"prompt_tokens": 1523, "completion_tokens": 42, "total_tokens": 1565}
    return [*words, chunk([{"index": 0, "delta": {}, "finish_reason": "stop"}]), chunk([], usage), b"e\r\ndata: [DONE]\n\n\r\n"]


def responses_stream(events: int) -> list[bytes]:
    """An answer of Responses of `events` events."""
    response = {"id": "resp_1", "object": "response", "created_at": 1, "status": "in_progress", "model": "gpt-5", "output": [], "usage": None}
    message = {"id": "msg_1", "type": "message", "role": "assistant", "status": "in_progress", "content": []}
    part = {"type": "output_text", "text": "", "annotations": [], "logprobs": []}
    at = {"item_id": "msg_1", "output_index": 0, "content_index": 0}
    words = [_WORDS[number % 2] for number in range(events - 8)]
    said = part | {"text": "".join(words)}
    done = message | {"status": "completed", "content": [said]}
    usage = {
        "input_tokens": 1523, "input_tokens_details": {"cached_tokens": 1200}, "output_tokens": 42, "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": 1565,
    }  # fmt: skip
    told: list[dict[str, object]] = [
        {"type": "response.created", "response": response},
        {"type": "response.in_progress", "response": response},
        {"type": "response.output_item.added", "output_index": 0, "item": message},
        {"type": "response.content_part.added", **at, "part": part},
        *({"type": "response.output_text.delta", **at, "delta": text, "logprobs": [], "obfuscation": "aB3dE"} for text in words),
        {"type": "response.output_text.done", **at, "text": said["text"], "logprobs": []},
        {"type": "response.content_part.done", **at, "part": said},
        {"type": "response.output_item.done", "output_index": 0, "item": done},
        {"type": "response.completed", "response": response | {"status": "completed", "output": [done], "usage": usage}},
    ]
    return [_chunk(str(event["type"]), event | {"sequence_number": number}) for number, event in enumerate(told)]


def gemini_stream(events: int) -> list[bytes]:
    """An answer of Gemini of `events` chunks. Each has the counts so far, and ends its line as Google does."""

    def chunk(number: int) -> bytes:
        said = {"content": {"parts": [{"text": _WORDS[number % 2]}], "role": "model"}, "index": 0}
        ended = {"finishReason": "STOP"} if number == events - 1 else {}
        counts = {"promptTokenCount": 1523, "candidatesTokenCount": 2 * number + 2, "totalTokenCount": 1525 + 2 * number}
        value = {"candidates": [said | ended], "usageMetadata": counts, "modelVersion": "gemini-3-pro-preview", "responseId": "r1"}
        data = b"data: " + json.dumps(value, separators=(",", ":")).encode() + b"\r\n\r\n"
        return b"%x\r\n%s\r\n" % (len(data), data)

    return [chunk(number) for number in range(events)]


STREAMS: dict[str, Callable[[int], list[bytes]]] = {
    "anthropic": anthropic_stream, "openai_chat": chat_stream, "openai_responses": responses_stream, "gemini": gemini_stream
}  # fmt: skip


def _json_answer(value: dict[str, object]) -> bytes:
    body = json.dumps(value).encode()
    return b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%s" % (len(body), body)


JSON_ANSWER = _json_answer({
    "id": "msg_01", "type": "message", "role": "assistant", "model": "claude-opus-4-6", "content": [{"type": "text", "text": _TEXT}],
    "stop_reason": "end_turn", "stop_sequence": None, "usage": _USAGE,
})  # fmt: skip
LINES_ANSWER = _json_answer({
    "id": "msg_01", "type": "message", "role": "assistant", "model": "claude-opus-4-6", "content": [{"type": "text", "text": _TEXT}],
    "stop_reason": "end_turn", "stop_sequence": None, "usage": {**_USAGE, "server_tool_use": {"web_search_requests": 1}},
})  # fmt: skip
CHAT_ANSWER = _json_answer({
    "id": "c1", "object": "chat.completion", "created": 1, "model": "gpt-5",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": _TEXT}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 1523, "completion_tokens": 42, "total_tokens": 1565},
})  # fmt: skip
STREAM_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"


class _Connection(asyncio.Protocol):
    def __init__(self, streams: Mapping[str, list[bytes]], gap_s: float) -> None:
        self._streams = streams
        self._gap_s = gap_s
        self._loop = asyncio.get_running_loop()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]
        self._parser = httptools.HttpRequestParser(self)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_message_begin(self) -> None:
        self._body: list[bytes] = []

    def on_url(self, url: bytes) -> None:
        found = (dialect for mark, dialect in ((b"chat", "openai_chat"), (b"responses", "openai_responses"), (b":stream", "gemini")) if mark in url)
        self._dialect = next(found, "anthropic")

    def on_body(self, data: bytes) -> None:
        self._body.append(data)

    def on_message_complete(self) -> None:
        body = b"".join(self._body)
        if self._dialect != "gemini" and b'"stream":true' not in body and b'"stream": true' not in body:
            self._transport.write(CHAT_ANSWER if self._dialect == "openai_chat" else JSON_ANSWER)
            return
        self._transport.write(STREAM_HEAD)
        self._next(iter(self._streams[self._dialect]))

    def _next(self, events: Iterator[bytes]) -> None:
        if self._transport.is_closing():
            return
        event = next(events, None)
        if event is None:
            self._transport.write(b"0\r\n\r\n")
            return
        self._transport.write(event)
        self._loop.call_later(self._gap_s, self._next, events)


async def _serve(port: int, events: int, gap_s: float) -> None:
    streams = {dialect: stream(events) for dialect, stream in STREAMS.items()}
    server = await asyncio.get_running_loop().create_server(lambda: _Connection(streams, gap_s), "127.0.0.1", port, backlog=2048)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(_serve(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))
