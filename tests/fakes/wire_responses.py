"""OpenAI Responses as the scripted provider speaks it."""

import json
from typing import Any

from tests.fakes.turns import Call, ErrorInStream, Part, Refuse, Text, Thinking, Tokens, Turn, split
from tests.fakes.wire import dump
from tests.fakes.wire_chat import CREATED, ChatWire

ENDINGS = {"length": "max_output_tokens", "filter": "content_filter"}
ECHOED = ("tools", "tool_choice", "parallel_tool_calls", "reasoning", "instructions", "metadata", "temperature", "top_p", "text", "truncation")


def usage(tokens: Tokens) -> dict[str, Any]:
    """OpenAI's counts: the input includes what came from and went to the cache."""
    return {
        "input_tokens": tokens.all_input,
        "input_tokens_details": {"cached_tokens": tokens.read, "cache_write_tokens": tokens.write_5m + tokens.write_1h},
        "output_tokens": tokens.output,
        "output_tokens_details": {"reasoning_tokens": tokens.reasoning},
        "total_tokens": tokens.all_input + tokens.output,
    }


def item(part: Part, identity: str) -> dict[str, Any]:
    """A part as a finished output item."""
    match part:
        case Text(text=text):
            content = [{"type": "output_text", "text": text, "annotations": [], "logprobs": []}]
            return {"type": "message", "id": f"msg_{identity}", "role": "assistant", "status": "completed", "content": content}
        case Thinking(text=text, signature=signature):
            return {"type": "reasoning", "id": f"rs_{identity}", "summary": [{"type": "summary_text", "text": text}], "encrypted_content": signature}
        case Call(name=name, arguments=arguments, id=call_id, freeform=True):
            return {"type": "custom_tool_call", "id": f"ctc_{identity}", "call_id": call_id, "name": name, "input": arguments, "status": "completed"}
        case Call(name=name, arguments=arguments, id=call_id):
            text = json.dumps(arguments)
            return {"type": "function_call", "id": f"fc_{identity}", "call_id": call_id, "name": name, "arguments": text, "status": "completed"}


def started(whole: dict[str, Any]) -> dict[str, Any]:
    """An item as it is announced: without what its deltas will bring."""
    empty: dict[str, Any] = {
        "message": {"content": []},
        "reasoning": {"summary": []},
        "function_call": {"arguments": ""},
        "custom_tool_call": {"input": ""},
    }
    status = {} if whole["type"] == "reasoning" else {"status": "in_progress"}
    return {**whole, **empty[whole["type"]], **status}


def item_events(part: Part, whole: dict[str, Any], index: int) -> list[tuple[str, dict[str, Any]]]:
    """The events of one output item, between `added` and `done`."""
    at = {"item_id": whole["id"], "output_index": index}
    match part:
        case Text(text=text, pieces=pieces):
            at |= {"content_index": 0}
            empty = {"type": "output_text", "text": "", "annotations": [], "logprobs": []}
            inner = [("response.content_part.added", {**at, "part": empty})]
            inner += [("response.output_text.delta", {**at, "delta": piece, "logprobs": []}) for piece in split(text, pieces)]
            inner.append(("response.output_text.done", {**at, "text": text, "logprobs": []}))
            inner.append(("response.content_part.done", {**at, "part": whole["content"][0]}))
        case Thinking(text=text):
            at |= {"summary_index": 0}
            inner = [("response.reasoning_summary_part.added", {**at, "part": {"type": "summary_text", "text": ""}})]
            inner += [("response.reasoning_summary_text.delta", {**at, "delta": piece}) for piece in split(text, 2)]
            inner.append(("response.reasoning_summary_text.done", {**at, "text": text}))
            inner.append(("response.reasoning_summary_part.done", {**at, "part": whole["summary"][0]}))
        case Call(freeform=True):
            inner = [("response.custom_tool_call_input.delta", {**at, "delta": piece}) for piece in split(whole["input"], 3)]
            inner.append(("response.custom_tool_call_input.done", {**at, "input": whole["input"]}))
        case Call(name=name):
            inner = [("response.function_call_arguments.delta", {**at, "delta": piece}) for piece in split(whole["arguments"], 3)]
            inner.append(("response.function_call_arguments.done", {**at, "arguments": whole["arguments"], "name": name}))
    added = ("response.output_item.added", {"output_index": index, "item": started(whole)})
    return [added, *inner, ("response.output_item.done", {"output_index": index, "item": whole})]


class ResponsesWire:
    """`POST /v1/responses`."""

    def frames(self, turn: Turn, request: dict[str, Any], model: str, number: int) -> list[bytes]:
        """created, in_progress, each item from added to done, completed."""
        items = [item(part, f"{number:06d}_{index}") for index, part in enumerate(turn.parts)]
        opening = {**self._response(request, model, number), "status": "in_progress", "output": [], "usage": None, "completed_at": None}
        events: list[tuple[str, dict[str, Any]]] = [("response.created", {"response": opening}), ("response.in_progress", {"response": opening})]
        for index, (part, whole) in enumerate(zip(turn.parts, items, strict=True)):
            events += item_events(part, whole, index)
        whole = self._completed(turn, request, model, number)
        events.append((f"response.{whole['status']}", {"response": whole}))
        return [
            b"event: " + kind.encode() + b"\ndata: " + dump({"type": kind, "sequence_number": at, **fields}) + b"\n\n"
            for at, (kind, fields) in enumerate(events)
        ]

    def whole(self, turn: Turn, request: dict[str, Any], model: str, number: int) -> bytes:
        """A whole response."""
        return dump(self._completed(turn, request, model, number))

    def error(self, refusal: Refuse) -> bytes:
        """OpenAI's error envelope."""
        return ChatWire().error(refusal)

    def stream_error(self, error: ErrorInStream) -> bytes:
        """`response.failed`."""
        failure = {"code": "server_error", "message": error.message}
        response = {"id": "resp_failed", "object": "response", "created_at": CREATED, "status": "failed", "output": [], "error": failure}
        return b"event: response.failed\ndata: " + dump({"type": "response.failed", "sequence_number": 99, "response": response}) + b"\n\n"

    def results(self, request: dict[str, Any]) -> dict[str, str]:
        """Items of the types `…_output`."""
        outputs = [entry for entry in self._input(request) if str(entry.get("type", "")).endswith("_output")]
        return {entry["call_id"]: json.dumps(entry.get("output")) for entry in outputs}

    def signatures(self, request: dict[str, Any]) -> set[str]:
        """Encrypted reasoning that was replayed."""
        return {str(entry.get("encrypted_content")) for entry in self._input(request) if entry.get("type") == "reasoning"}

    @staticmethod
    def _input(request: dict[str, Any]) -> list[dict[str, Any]]:
        given = request.get("input")
        return [entry for entry in given if isinstance(entry, dict)] if isinstance(given, list) else []

    @staticmethod
    def _response(request: dict[str, Any], model: str, number: int) -> dict[str, Any]:
        echoed = {"tools": [], "tool_choice": "auto", "parallel_tool_calls": True} | {key: request[key] for key in ECHOED if key in request}
        head = {"id": f"resp_{number:06d}", "object": "response", "created_at": CREATED, "model": model, "error": None, "incomplete_details": None}
        return {**head, "previous_response_id": None, "store": False, "background": False, **echoed}

    def _completed(self, turn: Turn, request: dict[str, Any], model: str, number: int) -> dict[str, Any]:
        output = [item(part, f"{number:06d}_{index}") for index, part in enumerate(turn.parts)]
        spent = usage(turn.tokens) if turn.tokens else None
        end: dict[str, Any] = {"status": "completed", "completed_at": CREATED + 1}
        if turn.ending:
            end = {"status": "incomplete", "incomplete_details": {"reason": ENDINGS[turn.ending]}, "completed_at": None}
        return {**self._response(request, model, number), **end, "output": output, "usage": spent}
