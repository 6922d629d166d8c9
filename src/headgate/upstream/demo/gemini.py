"""The demo provider's Gemini generateContent: reads a request, writes an answer or its chunks. The model is in the path."""

import msgspec

from headgate.upstream.demo.question import DemoAnswer, Json, OfferedTool, Question, pieces
from headgate.upstream.demo.reading import as_count, as_dict, as_list, as_text, last_text, seed, size

SIGNATURE = "ZGVtbw=="
FINISHES = {"stop": "STOP", "tools": "STOP", "length": "MAX_TOKENS"}
CHOICES = {"NONE": "none", "ANY": "any"}


def read(body: Json, model: str, *, stream: bool) -> Question:
    """What the request asks."""
    body = as_dict(body.get("generateContentRequest")) or body  # countTokens may wrap the request
    contents = as_list(body.get("contents"))
    answered = [index for index, content in enumerate(contents) if content.get("role") == "model"]
    known = answered[-1] if answered else 0
    head = [body.get("systemInstruction"), body.get("tools")]
    said = [last_text(content.get("parts")) for content in contents if content.get("role", "user") == "user"]
    config = as_dict(body.get("generationConfig"))
    calling = as_dict(as_dict(body.get("toolConfig")).get("functionCallingConfig"))
    return Question(
        model=model,
        prompt=next((words for words in reversed(said) if words), ""),
        seed=seed([contents, head]),
        stream=stream,
        tools=tuple(_tools(body)),
        choice=CHOICES.get(as_text(calling.get("mode")), ""),
        results=tuple(_results(contents[known:])),
        turns=len(answered),
        known_length=size([head, contents[:known]]) if answered else 0,
        fresh_length=size(contents[known:]) + (0 if answered else size(head)),
        reasons=as_dict(config.get("thinkingConfig")).get("includeThoughts") is True,
        output_tokens_max=as_count(config.get("maxOutputTokens")),
        answer_schema=_answer_schema(config),
    )


def whole(answer: DemoAnswer) -> Json:
    """A whole answer."""
    thoughts: list[Json] = [{"text": answer.reasoning, "thought": True}] if answer.reasoning else []
    text: list[Json] = [{"text": answer.text}] if answer.text else []
    return _body(answer, [*thoughts, *text, *_calls(answer)], last=True)


def chunks(answer: DemoAnswer) -> list[bytes]:
    """A streamed answer."""
    told: list[Json] = [{"text": piece, "thought": True} for piece in pieces(answer.reasoning)]
    told += [{"text": piece} for piece in answer.pieces()]
    told += _calls(answer) or ([] if told else [{"text": ""}])
    bodies = [_body(answer, [part], last=index == len(told) - 1) for index, part in enumerate(told)]
    return [b"data: " + msgspec.json.encode(body) + b"\r\n\r\n" for body in bodies]


def counted(tokens: int) -> Json:
    """The answer to a count of tokens."""
    return {"totalTokens": tokens, "promptTokensDetails": [{"modality": "TEXT", "tokenCount": tokens}]}


def error(status: int, message: str) -> Json:
    """An error answer."""
    word = {400: "INVALID_ARGUMENT", 404: "NOT_FOUND"}.get(status, "INTERNAL")
    return {"error": {"code": status, "message": message, "status": word}}


def _calls(answer: DemoAnswer) -> list[Json]:
    proof = {"thoughtSignature": SIGNATURE} if answer.reasoning else {}
    calls = [(call, f"{call.tool.name}-{call.id.removeprefix('call_')}") for call in answer.calls]
    return [{"functionCall": {"id": identity, "name": call.tool.name, "args": call.arguments}, **proof} for call, identity in calls]


def _body(answer: DemoAnswer, parts: list[Json], *, last: bool) -> Json:
    candidate: Json = {"content": {"parts": parts, "role": "model"}, "index": 0}
    if last:
        candidate["finishReason"] = FINISHES[answer.ended]
    counts = answer.counts
    usage = {"promptTokenCount": counts.input, "totalTokenCount": counts.input}
    if last:
        usage |= {"candidatesTokenCount": counts.output - counts.reasoning, "totalTokenCount": counts.input + counts.output}
        usage |= {"cachedContentTokenCount": counts.read} if counts.read else {}
        usage |= {"thoughtsTokenCount": counts.reasoning} if counts.reasoning else {}
    return {"candidates": [candidate], "usageMetadata": usage, "modelVersion": answer.model, "responseId": f"demo-{answer.id}"}


def _tools(body: Json) -> list[OfferedTool]:
    declared = [function for tool in as_list(body.get("tools")) for function in as_list(tool.get("functionDeclarations"))]
    return [OfferedTool(as_text(f.get("name")), as_dict(f.get("parametersJsonSchema")) or as_dict(f.get("parameters"))) for f in declared]


def _results(contents: list[Json]) -> list[str]:
    found = [as_dict(part.get("functionResponse")) for content in contents for part in as_list(content.get("parts"))]
    return [_result_text(as_dict(entry.get("response"))) for entry in found if entry]


def _result_text(response: Json) -> str:
    return as_text(response.get("output")) or as_text(response.get("result")) or msgspec.json.encode(response).decode()


def _answer_schema(config: Json) -> Json | None:
    if config.get("responseMimeType") != "application/json":
        return None
    return as_dict(config.get("responseJsonSchema")) or as_dict(config.get("responseSchema")) or {"type": "object"}
