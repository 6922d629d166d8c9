"""The demo provider's Anthropic Messages: reads a request, writes a message or its events."""

import msgspec

from headgate.upstream.demo.question import DemoAnswer, Json, MadeCall, OfferedTool, Question, pieces
from headgate.upstream.demo.reading import as_count, as_dict, as_list, as_text, last_text, seed, size, text_of

SIGNATURE = "ZGVtbw=="
STOP_REASONS = {"stop": "end_turn", "tools": "tool_use", "length": "max_tokens"}
CHOICES = {"none": "none", "any": "any"}


def read(body: Json) -> Question:
    """What the request asks."""
    messages = as_list(body.get("messages"))
    answered = [index for index, message in enumerate(messages) if message.get("role") == "assistant"]
    known = answered[-1] if answered else 0
    head = [body.get("system"), body.get("tools")]
    results = [text_of(block) for block in _blocks(messages[known:]) if block.get("type") == "tool_result"]
    said = [_words(message) for message in messages if message.get("role") == "user"]
    choice = as_dict(body.get("tool_choice"))
    return Question(
        model=as_text(body.get("model")),
        prompt=next((words for words in reversed(said) if words), ""),
        seed=seed([messages, head]),
        stream=body.get("stream") is True,
        tools=tuple(
            OfferedTool(as_text(tool.get("name")), as_dict(tool["input_schema"])) for tool in as_list(body.get("tools")) if "input_schema" in tool
        ),
        choice=as_text(choice.get("name")) or CHOICES.get(as_text(choice.get("type")), ""),
        results=tuple(results),
        turns=len(answered),
        known_length=size([head, messages[:known]]) if answered else 0,
        fresh_length=size(messages[known:]) + (0 if answered else size(head)),
        caches=b'"cache_control"' in msgspec.json.encode([head, messages]),
        reasons=as_dict(body.get("thinking")).get("type") in {"enabled", "adaptive"},
        output_tokens_max=as_count(body.get("max_tokens")),
        answer_schema=_answer_schema(body),
    )


def whole(answer: DemoAnswer) -> Json:
    """A whole message."""
    content: list[Json] = []
    if answer.reasoning:
        content.append({"type": "thinking", "thinking": answer.reasoning, "signature": SIGNATURE})
    if answer.text:
        content.append({"type": "text", "text": answer.text})
    content += [{"type": "tool_use", "id": _call_id(call), "name": call.tool.name, "input": call.arguments} for call in answer.calls]
    return {**_message(answer, content), "stop_reason": STOP_REASONS[answer.ended], "usage": _usage(answer, answer.counts.output)}


def events(answer: DemoAnswer) -> list[bytes]:
    """A streamed message."""
    frames = [_event("message_start", message={**_message(answer, []), "stop_reason": None, "usage": _usage(answer, 1)}), _event("ping")]
    blocks = _streamed_blocks(answer)
    for index, (start, deltas) in enumerate(blocks):
        frames.append(_event("content_block_start", index=index, content_block=start))
        frames += [_event("content_block_delta", index=index, delta=delta) for delta in deltas]
        frames.append(_event("content_block_stop", index=index))
    delta = {"stop_reason": STOP_REASONS[answer.ended], "stop_sequence": None}
    frames.append(_event("message_delta", delta=delta, usage={"output_tokens": answer.counts.output}))
    return [*frames, _event("message_stop")]


def counted(tokens: int) -> Json:
    """The answer to a count of tokens."""
    return {"input_tokens": tokens}


def error(status: int, message: str) -> Json:
    """An error answer."""
    kind = {400: "invalid_request_error", 404: "not_found_error"}.get(status, "api_error")
    return {"type": "error", "error": {"type": kind, "message": message}}


def _streamed_blocks(answer: DemoAnswer) -> list[tuple[Json, list[Json]]]:
    blocks: list[tuple[Json, list[Json]]] = []
    if answer.reasoning:
        thoughts: list[Json] = [{"type": "thinking_delta", "thinking": piece} for piece in pieces(answer.reasoning)]
        blocks.append(({"type": "thinking", "thinking": "", "signature": ""}, [*thoughts, {"type": "signature_delta", "signature": SIGNATURE}]))
    if answer.text:
        blocks.append(({"type": "text", "text": ""}, [{"type": "text_delta", "text": piece} for piece in answer.pieces()]))
    for call in answer.calls:
        arguments = msgspec.json.encode(call.arguments).decode()
        start = {"type": "tool_use", "id": _call_id(call), "name": call.tool.name, "input": {}}
        blocks.append((start, [{"type": "input_json_delta", "partial_json": piece} for piece in pieces(arguments)]))
    return blocks


def _message(answer: DemoAnswer, content: list[Json]) -> Json:
    head = {"id": f"msg_demo_{answer.id}", "type": "message", "role": "assistant", "model": answer.model}
    return {**head, "content": content, "stop_sequence": None}


def _usage(answer: DemoAnswer, output: int) -> Json:
    counts = answer.counts
    return {
        "input_tokens": counts.fresh,
        "cache_creation_input_tokens": counts.write,
        "cache_read_input_tokens": counts.read,
        "cache_creation": {"ephemeral_5m_input_tokens": counts.write, "ephemeral_1h_input_tokens": 0},
        "output_tokens": output,
    }


def _call_id(call: MadeCall) -> str:
    return call.id.replace("call_", "toolu_", 1)


def _blocks(messages: list[Json]) -> list[Json]:
    return [block for message in messages for block in as_list(message.get("content"))]


def _words(message: Json) -> str:
    content = message.get("content")
    if not isinstance(content, list):
        return text_of(content)
    return last_text([block for block in as_list(content) if block.get("type") == "text"])


def _answer_schema(body: Json) -> Json | None:
    wanted = as_dict(as_dict(body.get("output_config")).get("format")) or as_dict(body.get("output_format"))
    return as_dict(wanted.get("schema")) if wanted.get("type") == "json_schema" else None


def _event(kind: str, **fields: object) -> bytes:
    return b"event: " + kind.encode() + b"\ndata: " + msgspec.json.encode({"type": kind, **fields}) + b"\n\n"
