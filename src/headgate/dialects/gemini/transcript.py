"""What was said in Gemini's `generateContent`: https://ai.google.dev/api/generate-content. Names come in camel case and in snake case.

A call and its result may have no id: they are joined by the tool's name, in their order.
"""

from collections.abc import Iterator, Mapping

from headgate.dialects.lenient import items, mapping, text
from headgate.dialects.transcript import (
    ASSISTANT,
    RESULT,
    SYSTEM,
    TEXT,
    THINKING,
    USER,
    Part,
    Transcript,
    TranscriptReader,
    bounded,
    called,
    failure,
    json_text,
    media,
    names_of,
    other,
    said,
)


def request(body: object) -> Transcript:
    """What a request says."""
    fields = mapping(body)
    fields = mapping(fields.get("generateContentRequest")) or fields
    declared = [
        each for tool in items(fields.get("tools")) for each in items(_either(mapping(tool), "functionDeclarations", "function_declarations"))
    ]
    return Transcript(parts=bounded(_spoken(fields)), tools=names_of(declared))


def answer(body: object) -> tuple[Part, ...]:
    """What an answer says; of several candidates the first."""
    chunks = [mapping(chunk) for chunk in (body if isinstance(body, list) else [body])]
    candidates = [next(iter(map(mapping, items(chunk.get("candidates")))), {}) for chunk in chunks]
    spoken = bounded(part for candidate in candidates for part in _content(ASSISTANT, candidate.get("content")))
    return (*spoken, *(part for chunk in chunks for part in failure(chunk.get("error"))))


READER = TranscriptReader(request, answer)


def _spoken(fields: Mapping[str, object]) -> Iterator[Part]:
    yield from _content(SYSTEM, _either(fields, "systemInstruction", "system_instruction"))
    contents = fields.get("contents")
    for content in items(contents) if isinstance(contents, list) else [contents]:
        role = text(mapping(content).get("role"))
        yield from _content(ASSISTANT if role == "model" else USER, content)


def _content(role: str, content: object) -> Iterator[Part]:
    if isinstance(content, str):
        yield said(role, TEXT, content)
        return
    parts = mapping(content).get("parts")
    for part in items(parts) if isinstance(parts, list) else [parts]:
        if part is not None:
            yield _part(role, part)


def _part(role: str, part: object) -> Part:
    fields = mapping(part)
    if call := mapping(_either(fields, "functionCall", "function_call")):
        return called(text(call.get("name")), text(call.get("id")), call.get("args"))
    if result := mapping(_either(fields, "functionResponse", "function_response")):
        return _result(result)
    if isinstance(fields.get("text"), str):
        return said(role, THINKING if fields.get("thought") is True else TEXT, text(fields.get("text")))
    if code := mapping(_either(fields, "executableCode", "executable_code")):
        return called("code", "", text(code.get("code")))
    if ran := mapping(_either(fields, "codeExecutionResult", "code_execution_result")):
        return said(role, RESULT, text(ran.get("output")), name="code", failed="OK" not in text(ran.get("outcome")))
    data = mapping(_either(fields, "inlineData", "inline_data") or _either(fields, "fileData", "file_data"))
    return media(role, text(_either(data, "mimeType", "mime_type"))) if data else other(role, part)


def _result(result: Mapping[str, object]) -> Part:
    """Gemini CLI writes `output` or `error`, as Google's examples do; others what they like."""
    response = mapping(result.get("response"))
    words = text(response.get("output")) or text(response.get("error")) or json_text(result.get("response"))
    name, call_id = text(result.get("name")), text(result.get("id"))
    return said(USER, RESULT, words, name=name, call_id=call_id, failed="error" in response)


def _either(fields: Mapping[str, object], camel: str, snake: str) -> object:
    return fields.get(camel) or fields.get(snake)
