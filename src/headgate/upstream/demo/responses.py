"""The demo provider's OpenAI Responses: reads a request, writes a response or its events."""

import msgspec

from headgate.upstream.demo.question import DemoAnswer, Json, MadeCall, OfferedTool, Question, pieces
from headgate.upstream.demo.reading import as_count, as_dict, as_list, as_text, last_text, seed, size, text_of

CREATED = 1_767_225_600  # the answer depends on the request alone, so no clock is read
ENCRYPTED = "ZGVtbw=="
CHOICES = {"none": "none", "required": "any"}
ECHOED = ("instructions", "metadata", "parallel_tool_calls", "reasoning", "temperature", "text", "tool_choice", "tools", "top_p", "truncation")
GIVEN_BY_MODEL = ("reasoning", "function_call", "custom_tool_call")
Event = tuple[str, Json]


def read(body: Json) -> Question:
    """What the request asks."""
    given = body.get("input")
    items = as_list(given) or [{"role": "user", "content": as_text(given)}]
    answered = [index for index, item in enumerate(items) if item.get("type") in GIVEN_BY_MODEL or item.get("role") == "assistant"]
    known = answered[-1] if answered else 0
    head = [body.get("instructions"), body.get("tools")]
    said = [last_text(item.get("content")) for item in items if item.get("role") == "user"]
    results = [text_of(item.get("output")) for item in items[known:] if as_text(item.get("type")).endswith("_output")]
    return Question(
        model=as_text(body.get("model")),
        prompt=next((words for words in reversed(said) if words), ""),
        seed=seed([items, head]),
        stream=body.get("stream") is True,
        tools=tuple(_tools(body)),
        choice=_choice(body.get("tool_choice")),
        results=tuple(results),
        turns=len(answered),
        known_length=size([head, items[:known]]) if answered else 0,
        fresh_length=size(items[known:]) + (0 if answered else size(head)),
        reasons=bool(as_dict(body.get("reasoning"))),
        output_tokens_max=as_count(body.get("max_output_tokens")),
        answer_schema=_answer_schema(as_dict(as_dict(body.get("text")).get("format"))),
    )


def whole(answer: DemoAnswer, body: Json) -> Json:
    """A whole response."""
    status = "incomplete" if answer.ended == "length" else "completed"
    counts = answer.counts
    usage = {
        "input_tokens": counts.input,
        "input_tokens_details": {"cached_tokens": counts.read},
        "output_tokens": counts.output,
        "output_tokens_details": {"reasoning_tokens": counts.reasoning},
        "total_tokens": counts.input + counts.output,
    }
    details = {"reason": "max_output_tokens"} if status == "incomplete" else None
    ended = {"status": status, "incomplete_details": details, "completed_at": CREATED if status == "completed" else None}
    return {**_response(answer, body), **ended, "output": _items(answer), "usage": usage}


def counted(tokens: int) -> Json:
    """The answer to a count of tokens."""
    return {"object": "response.input_tokens", "input_tokens": tokens}


def events(answer: DemoAnswer, body: Json) -> list[bytes]:
    """A streamed response."""
    opening = {**_response(answer, body), "status": "in_progress"}
    told: list[Event] = [("response.created", {"response": opening}), ("response.in_progress", {"response": opening})]
    for index, item in enumerate(_items(answer)):
        told.append(("response.output_item.added", {"output_index": index, "item": _announced(item)}))
        told += [(kind, {"item_id": item["id"], "output_index": index, **fields}) for kind, fields in STEPS[item["type"]](item)]
        told.append(("response.output_item.done", {"output_index": index, "item": item}))
    closing = whole(answer, body)
    told.append((f"response.{closing['status']}", {"response": closing}))
    return [_event(kind, number, fields) for number, (kind, fields) in enumerate(told)]


def _message_steps(item: Json) -> list[Event]:
    part = item["content"][0]
    at = {"content_index": 0}
    return [
        ("response.content_part.added", {**at, "part": {**part, "text": ""}}),
        *(("response.output_text.delta", {**at, "delta": piece, "logprobs": []}) for piece in pieces(part["text"])),
        ("response.output_text.done", {**at, "text": part["text"], "logprobs": []}),
        ("response.content_part.done", {**at, "part": part}),
    ]


def _reasoning_steps(item: Json) -> list[Event]:
    part = item["summary"][0]
    at = {"summary_index": 0}
    return [
        ("response.reasoning_summary_part.added", {**at, "part": {**part, "text": ""}}),
        *(("response.reasoning_summary_text.delta", {**at, "delta": piece}) for piece in pieces(part["text"])),
        ("response.reasoning_summary_text.done", {**at, "text": part["text"]}),
        ("response.reasoning_summary_part.done", {**at, "part": part}),
    ]


def _call_steps(item: Json) -> list[Event]:
    return [
        *(("response.function_call_arguments.delta", {"delta": piece}) for piece in pieces(item["arguments"])),
        ("response.function_call_arguments.done", {"arguments": item["arguments"], "name": item["name"]}),
    ]


STEPS = {"message": _message_steps, "reasoning": _reasoning_steps, "function_call": _call_steps}
EMPTY: dict[str, Json] = {
    "message": {"content": [], "status": "in_progress"},
    "reasoning": {"summary": []},
    "function_call": {"arguments": "", "status": "in_progress"},
}


def _announced(item: Json) -> Json:
    return {**item, **EMPTY[item["type"]]}


def _items(answer: DemoAnswer) -> list[Json]:
    items: list[Json] = []
    if answer.reasoning:
        summary = [{"type": "summary_text", "text": answer.reasoning}]
        items.append({"type": "reasoning", "id": f"rs_demo_{answer.id}", "summary": summary, "encrypted_content": ENCRYPTED})
    if answer.text:
        content = [{"type": "output_text", "text": answer.text, "annotations": [], "logprobs": []}]
        items.append({"type": "message", "id": f"msg_demo_{answer.id}", "role": "assistant", "status": "completed", "content": content})
    return items + [_call_item(call) for call in answer.calls]


def _call_item(call: MadeCall) -> Json:
    arguments = msgspec.json.encode(call.arguments).decode()
    identity = call.id.replace("call_", "fc_demo_", 1)
    return {"type": "function_call", "id": identity, "call_id": call.id, "name": call.tool.name, "arguments": arguments, "status": "completed"}


def _tools(body: Json) -> list[OfferedTool]:
    offered = as_list(body.get("tools"))
    for item in as_list(body.get("input")):
        if item.get("type") == "additional_tools":  # where newer Codex versions keep the real tools
            offered += as_list(item.get("tools"))
    return [OfferedTool(as_text(tool.get("name")), as_dict(tool.get("parameters"))) for tool in offered if tool.get("type") == "function"]


def _choice(choice: object) -> str:
    return as_text(choice.get("name")) if isinstance(choice, dict) else CHOICES.get(as_text(choice), "")


def _answer_schema(wanted: Json) -> Json | None:
    if wanted.get("type") == "json_schema":
        return as_dict(wanted.get("schema"))
    return {"type": "object"} if wanted.get("type") == "json_object" else None


def _response(answer: DemoAnswer, body: Json) -> Json:
    head = {"id": f"resp_demo_{answer.id}", "object": "response", "created_at": CREATED, "model": answer.model, "output": [], "usage": None}
    settings = {"tools": [], "tool_choice": "auto", "parallel_tool_calls": True} | {key: body[key] for key in ECHOED if key in body}
    return {**head, "error": None, "incomplete_details": None, "previous_response_id": None, "store": False, **settings}


def _event(kind: str, number: int, fields: Json) -> bytes:
    return b"event: " + kind.encode() + b"\ndata: " + msgspec.json.encode({"type": kind, "sequence_number": number, **fields}) + b"\n\n"
