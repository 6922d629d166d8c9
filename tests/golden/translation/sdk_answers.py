"""Answers as the official SDKs read them, with strict validation: each stream is folded as an application would, to be compared with the whole body."""

from collections.abc import Callable
from functools import cache
from itertools import pairwise

import anthropic
import httpx2
import openai
from google import genai
from google.genai.types import GenerateContentResponse, HttpOptions

KEY = {"api_key": "x", "max_retries": 0, "_strict_response_validation": True}
ASK = [{"role": "user", "content": "x"}]
ANSWER: dict[str, tuple[str, bytes]] = {}
"""What the next request is answered with, by dialect: the content type and the body."""


def _transport(dialect: str) -> httpx2.Client:
    def answer(_request: httpx2.Request) -> httpx2.Response:
        content_type, body = ANSWER[dialect]
        return httpx2.Response(200, headers={"content-type": content_type}, content=body)

    return httpx2.Client(transport=httpx2.MockTransport(answer))


@cache
def _anthropic() -> anthropic.Anthropic:
    return anthropic.Anthropic(http_client=_transport("anthropic"), **KEY)


@cache
def _openai(dialect: str) -> openai.OpenAI:
    return openai.OpenAI(http_client=_transport(dialect), **KEY)


@cache
def _gemini() -> genai.Client:
    return genai.Client(api_key="x", http_options=HttpOptions(httpx_client=_transport("gemini")))


def _messages_stream() -> dict[str, object]:
    with _anthropic().messages.stream(model="m", max_tokens=1, messages=ASK) as stream:
        kinds = [(event.type, getattr(event, "index", None)) for event in stream if event.type.startswith(("message_", "content_block_"))]
        message = stream.get_final_message()
    _check_blocks(kinds)
    return _dumped(message)


def _dumped(message: anthropic.types.Message) -> dict[str, object]:
    """A message without the counts that the SDK leaves as they were at its start."""
    return message.model_dump(mode="json", exclude_none=True, exclude={"usage": {"cache_creation"}})


def _check_blocks(kinds: list[tuple[str, int | None]]) -> None:
    """Blocks come strictly one after the other, numbered from 0, between the start and the last two events of the message."""
    assert [kind for kind, _ in kinds if kind.startswith("message_")] == ["message_start", "message_delta", "message_stop"]
    assert kinds[0][0] == "message_start"
    blocks = [(kind, index) for kind, index in kinds if kind.startswith("content_block_") and kind != "content_block_delta"]
    edges = [(kind, number) for number in range(len(blocks) // 2) for kind in ("content_block_start", "content_block_stop")]
    assert blocks == edges


def _message() -> dict[str, object]:
    return _dumped(_anthropic().messages.create(model="m", max_tokens=1, messages=ASK))


def _chat_stream() -> dict[str, object]:
    chunks = [
        chunk.model_dump(mode="json", exclude_none=True)
        for chunk in _openai("openai_chat").chat.completions.create(model="m", messages=ASK, stream=True)
    ]
    message: dict[str, object] = {}
    calls: list[dict[str, object]] = []
    folded = {name: chunks[0][name] for name in ("id", "created", "model")}
    for chunk in chunks:
        assert {name: chunk[name] for name in ("id", "created", "model")} == folded
        folded_usage = chunk.get("usage")
        for choice in chunk["choices"]:
            assert "finish" not in message or not choice["delta"]
            for name in ("content", "refusal", "reasoning_content"):
                if name in choice["delta"]:
                    message[name] = str(message.get(name, "")) + choice["delta"][name]
            message.setdefault("annotations", []).extend(choice["delta"].get("annotations", []))
            for piece in choice["delta"].get("tool_calls", []):
                _add_call(calls, piece)
            if "finish_reason" in choice:
                message["finish"] = choice["finish_reason"]
    return {**folded, "usage": folded_usage, **_trimmed({**message, "calls": calls})}


def _add_call(calls: list[dict[str, object]], piece: dict[str, object]) -> None:
    """Calls are numbered from 0 without a gap, begin with id and name, and never go back to an earlier one."""
    index = piece["index"]
    if index == len(calls):
        assert piece["id"]
        calls.append({"id": piece["id"], "type": piece["type"], "name": _called(piece).get("name"), "text": ""})
    else:
        assert index == len(calls) - 1
        assert "id" not in piece
    calls[index]["text"] += _called(piece).get("arguments") or _called(piece).get("input") or ""


def _called(call: dict[str, object]) -> dict[str, str]:
    return call.get("function") or call.get("custom") or {}


def _trimmed(message: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in message.items() if value not in (None, "", [])}


def _chat() -> dict[str, object]:
    completion = _openai("openai_chat").chat.completions.create(model="m", messages=ASK).model_dump(mode="json", exclude_none=True)
    (choice,) = completion["choices"]
    message = choice["message"]
    calls = [
        {"id": call["id"], "type": call["type"], "name": _called(call)["name"], "text": _called(call).get("arguments", _called(call).get("input"))}
        for call in message.get("tool_calls", [])
    ]
    kept = {name: message.get(name) for name in ("content", "refusal", "reasoning_content", "annotations")}
    head = {name: completion.get(name) for name in ("id", "created", "model", "usage")}
    return {**head, **_trimmed({**kept, "calls": calls, "finish": choice["finish_reason"]})}


def _responses_stream() -> dict[str, object]:
    events = [event.model_dump(mode="json") for event in _openai("openai_responses").responses.create(model="m", input="x", stream=True)]
    assert [event["sequence_number"] for event in events] == list(range(len(events)))
    assert [event["type"] for event in events[:2]] == ["response.created", "response.in_progress"]
    response = events[-1]["response"]
    done = [event["item"] for event in events if event["type"] == "response.output_item.done"]
    added = [event["output_index"] for event in events if event["type"] == "response.output_item.added"]
    assert added == list(range(len(response["output"])))
    assert done == response["output"]
    _check_items(events, done)
    return response


def _check_items(events: list[dict[str, object]], done: list[dict[str, object]]) -> None:
    """An item is done before the next begins, and the pieces of each text and of each call's arguments make what it says at its end."""
    indexes = [event["output_index"] for event in events if "output_index" in event]
    assert all(before <= after for before, after in pairwise(indexes))
    for number, item in enumerate(done):
        deltas = [event["delta"] for event in events if event.get("output_index") == number and event["type"].endswith(".delta")]
        texts = [part.get("text") or part.get("refusal") or "" for part in [*(item.get("content") or []), *(item.get("summary") or [])]]
        whole = item.get("arguments") or item.get("input") or ""
        if item["type"] in {"message", "reasoning", "function_call", "custom_tool_call"}:
            assert "".join(deltas) == "".join(texts) + (whole if isinstance(whole, str) else "")


def _response() -> dict[str, object]:
    return _openai("openai_responses").responses.create(model="m", input="x").model_dump(mode="json")


def _gemini_stream() -> dict[str, object]:
    body = ANSWER["gemini"][1]
    assert body.endswith(b"\r\n\r\n")
    chunks = list(_gemini().models.generate_content_stream(model="m", contents="x"))
    ended = [chunk for chunk in chunks if (chunk.candidates and chunk.candidates[0].finish_reason) or chunk.prompt_feedback]
    assert ended == chunks[-1:], "the reason is in the last chunk alone"
    parts = [part for chunk in chunks for part in _parts(chunk)]
    return {**_gemini_head(chunks[-1]), "parts": _joined(parts)}


def _parts(response: GenerateContentResponse) -> list[dict[str, object]]:
    content = response.candidates[0].content if response.candidates else None
    return [part.model_dump(mode="json", exclude_none=True) for part in (content.parts if content else None) or []]


def _joined(parts: list[dict[str, object]]) -> list[dict[str, object]]:
    """Texts of one kind next to each other are one text, which a signature ends: it may come on an empty part of its own."""
    joined: list[dict[str, object]] = []
    for part in parts:
        last = joined[-1] if joined else {}
        if set(part) <= {"text", "thought"} and set(last) <= {"text", "thought"} and last and part.get("thought") == last.get("thought"):
            last["text"] += part["text"]
        elif set(part) == {"text", "thought_signature"} and not part["text"] and set(last) == {"text"}:
            last["thought_signature"] = part["thought_signature"]
        elif part != {"text": ""}:
            joined.append(part)
    return joined


def _gemini_head(response: GenerateContentResponse) -> dict[str, object]:
    seen = response.model_dump(mode="json", exclude_none=True, exclude={"sdk_http_response", "automatic_function_calling_history"})
    candidates = [{name: value for name, value in candidate.items() if name != "content"} for candidate in seen.pop("candidates", [])]
    return {**seen, "candidates": candidates}


def _gemini_whole() -> dict[str, object]:
    response = _gemini().models.generate_content(model="m", contents="x")
    return {**_gemini_head(response), "parts": _joined(_parts(response))}


STREAMS: dict[str, Callable[[], dict[str, object]]] = {
    "anthropic": _messages_stream,
    "openai_chat": _chat_stream,
    "openai_responses": _responses_stream,
    "gemini": _gemini_stream,
}
BODIES: dict[str, Callable[[], dict[str, object]]] = {
    "anthropic": _message,
    "openai_chat": _chat,
    "openai_responses": _response,
    "gemini": _gemini_whole,
}


def read_stream(dialect: str, data: bytes) -> dict[str, object]:
    """What an application has at the end of a stream."""
    ANSWER[dialect] = ("text/event-stream", data)
    return STREAMS[dialect]()


def read_body(dialect: str, data: bytes) -> dict[str, object]:
    """What an application has of an unstreamed answer."""
    ANSWER[dialect] = ("application/json", data)
    return BODIES[dialect]()
