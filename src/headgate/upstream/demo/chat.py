"""The demo provider's OpenAI Chat Completions: reads a request, writes a completion or its chunks."""

import msgspec

from headgate.upstream.demo.question import DemoAnswer, Json, MadeCall, OfferedTool, Question, pieces
from headgate.upstream.demo.reading import as_count, as_dict, as_list, as_text, last_text, seed, size, text_of

CREATED = 1_767_225_600  # the answer depends on the request alone, so no clock is read
FINISHES = {"stop": "stop", "tools": "tool_calls", "length": "length"}
CHOICES = {"none": "none", "required": "any"}


def read(body: Json) -> Question:
    """What the request asks."""
    messages = as_list(body.get("messages"))
    answered = [index for index, message in enumerate(messages) if message.get("role") == "assistant"]
    known = answered[-1] if answered else 0
    said = [last_text(message.get("content")) for message in messages if message.get("role") == "user"]
    results = [text_of(message.get("content")) for message in messages[known:] if message.get("role") == "tool"]
    return Question(
        model=as_text(body.get("model")),
        prompt=next((words for words in reversed(said) if words), ""),
        seed=seed([messages, body.get("tools")]),
        stream=body.get("stream") is True,
        tools=tuple(_tool(tool) for tool in as_list(body.get("tools")) if as_dict(tool.get("function")) or "name" in tool),
        choice=_choice(body.get("tool_choice")),
        results=tuple(results),
        turns=len(answered),
        known_length=size([body.get("tools"), messages[:known]]) if answered else 0,
        fresh_length=size(messages[known:]) + (0 if answered else size(body.get("tools"))),
        output_tokens_max=as_count(body.get("max_completion_tokens")) or as_count(body.get("max_tokens")),
        answer_schema=_answer_schema(as_dict(body.get("response_format"))),
        usage_in_stream=as_dict(body.get("stream_options")).get("include_usage") is True,
    )


def whole(answer: DemoAnswer) -> Json:
    """A whole completion."""
    message: Json = {"role": "assistant", "content": answer.text or None, "refusal": None}
    if answer.calls:
        message["tool_calls"] = [{"id": call.id, "type": "function", "function": _function(call)} for call in answer.calls]
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": FINISHES[answer.ended]}
    return {**_head(answer, "chat.completion"), "choices": [choice], "usage": _usage(answer)}


def chunks(answer: DemoAnswer, question: Question) -> list[bytes]:
    """A streamed completion."""
    tail: Json = {"usage": None} if question.usage_in_stream else {}

    def chunk(delta: Json, finish: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return _data({**_head(answer, "chat.completion.chunk"), "choices": [choice], **tail})

    frames = [chunk({"role": "assistant", "content": ""})]
    frames += [chunk({"content": piece}) for piece in answer.pieces()]
    for index, call in enumerate(answer.calls):
        function = _function(call)
        frames.append(chunk({"tool_calls": [{"index": index, "id": call.id, "type": "function", "function": {**function, "arguments": ""}}]}))
        frames += [chunk({"tool_calls": [{"index": index, "function": {"arguments": piece}}]}) for piece in pieces(function["arguments"])]
    frames.append(chunk({}, FINISHES[answer.ended]))
    if question.usage_in_stream:
        frames.append(_data({**_head(answer, "chat.completion.chunk"), "choices": [], "usage": _usage(answer)}))
    return [*frames, b"data: [DONE]\n\n"]


def error(status: int, message: str) -> Json:
    """An error answer."""
    code = "model_not_found" if status == 404 else None
    return {"error": {"message": message, "type": "invalid_request_error", "param": None, "code": code}}


def _tool(tool: Json) -> OfferedTool:
    inner = as_dict(tool.get("function")) or tool
    return OfferedTool(as_text(inner.get("name")), as_dict(inner.get("parameters")), freeform=tool.get("type") == "custom")


def _choice(choice: object) -> str:
    if isinstance(choice, dict):
        return as_text(as_dict(choice.get("function")).get("name"))
    return CHOICES.get(as_text(choice), "")


def _answer_schema(wanted: Json) -> Json | None:
    if wanted.get("type") == "json_schema":
        return as_dict(as_dict(wanted.get("json_schema")).get("schema"))
    return {"type": "object"} if wanted.get("type") == "json_object" else None


def _function(call: MadeCall) -> Json:
    return {"name": call.tool.name, "arguments": msgspec.json.encode(call.arguments).decode()}


def _head(answer: DemoAnswer, kind: str) -> Json:
    return {"id": f"chatcmpl-demo-{answer.id}", "object": kind, "created": CREATED, "model": answer.model}


def _usage(answer: DemoAnswer) -> Json:
    counts = answer.counts
    return {
        "prompt_tokens": counts.input,
        "completion_tokens": counts.output,
        "total_tokens": counts.input + counts.output,
        "prompt_tokens_details": {"cached_tokens": counts.read},
        "completion_tokens_details": {"reasoning_tokens": counts.reasoning},
    }


def _data(value: Json) -> bytes:
    return b"data: " + msgspec.json.encode(value) + b"\n\n"
