"""How much text a request or an answer of Gemini holds, for the estimate where a provider reports no usage.

Counted are the characters of the system instruction, contents, thoughts, tool definitions, calls' arguments and functions' responses; not media or
signatures. Google's JSON takes names in camel case and in snake case.
"""

import msgspec

from headgate.dialects.asked import Asked
from headgate.dialects.lenient import characters, decoded, items, mapping, text
from headgate.dialects.sse import SseSplitter

_ANY = msgspec.json.Decoder()


def request_text_length(asked: Asked) -> int:
    """Characters of text in a request."""
    length = characters(asked.fields.get("tools"))
    for name in ("systemInstruction", "system_instruction", "contents", "generateContentRequest"):
        raw = asked.fields.get(name)
        length += _contents(decoded(_ANY, raw)) if raw is not None else 0
    return length


def answer_text_length(body: bytes) -> int:
    """Characters of generated text in a whole answer."""
    answer = decoded(_ANY, body)
    return sum(_answer(chunk) for chunk in (answer if isinstance(answer, list) else [answer]))


def stream_text_length(data: bytes) -> int:
    """Characters of generated text in an answer stream."""
    if data.lstrip().startswith((b"[", b"{")):
        return answer_text_length(data)
    splitter = SseSplitter()
    frames = [*splitter.feed(data), *splitter.feed(b"\n\n")]
    return sum(_answer(decoded(_ANY, frame)) for _, frame in frames)


def _answer(answer: object) -> int:
    return sum(_contents(mapping(candidate).get("content")) for candidate in items(mapping(answer).get("candidates")))


def _contents(contents: object) -> int:
    """A content, a list of them, or a request that holds them."""
    if isinstance(contents, list):
        return sum(_contents(content) for content in contents)
    fields = mapping(contents)
    nested = sum(_contents(fields[name]) for name in ("systemInstruction", "contents") if name in fields)
    return nested + sum(_part(mapping(part)) for part in items(fields.get("parts")))


def _part(part: object) -> int:
    fields = mapping(part)
    length = len(text(fields.get("text")))
    for name in ("functionCall", "function_call"):
        call = mapping(fields.get(name))
        length += len(text(call.get("name"))) + _json_length(call.get("args"))
    for name in ("functionResponse", "function_response"):
        length += _json_length(mapping(fields.get(name)).get("response"))
    length += len(text(mapping(fields.get("executableCode")).get("code")))
    return length + len(text(mapping(fields.get("codeExecutionResult")).get("output")))


def _json_length(value: object) -> int:
    return 0 if value is None else len(msgspec.json.encode(value).decode())
