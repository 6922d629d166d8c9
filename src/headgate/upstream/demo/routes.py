"""Which wire format a request to the demo provider is in, and the frames that answer it. Bytes in, bytes out, no clock."""

import re
from collections.abc import Callable

import msgspec

from headgate.upstream.demo import anthropic, chat, gemini, responses
from headgate.upstream.demo.plan import count, plan
from headgate.upstream.demo.question import Json

GEMINI = re.compile(r"/models/([^/:?]+):(generateContent|streamGenerateContent|countTokens)$")


class Scene(msgspec.Struct, frozen=True):
    """An answer, ready to be sent: the frames of a stream, or one whole body."""

    status: int
    content_type: bytes
    frames: tuple[bytes, ...]


def scene(target: str, body: bytes) -> Scene:
    """The answer to a request for `target`, path and query."""
    path = target.partition("?")[0]
    try:
        asked = msgspec.json.decode(body) if body else {}
    except msgspec.DecodeError:
        asked = None
    if not isinstance(asked, dict):
        return _json(_error_of(path)(400, "The demo provider reads JSON objects only."), 400)
    found = GEMINI.search(path)
    if found:
        return _gemini(asked, found[1], found[2])
    for ending, answer in ENDINGS.items():
        if path.endswith(ending):
            return answer(asked)
    return _json(_error_of(path)(404, f"The demo provider has no route {path}."), 404)


def _anthropic(asked: Json) -> Scene:
    question = anthropic.read(asked)
    answer = plan(question)
    return _stream(anthropic.events(answer)) if question.stream else _json(anthropic.whole(answer))


def _anthropic_count(asked: Json) -> Scene:
    return _json(anthropic.counted(count(anthropic.read(asked))))


def _chat(asked: Json) -> Scene:
    question = chat.read(asked)
    answer = plan(question)
    return _stream(chat.chunks(answer, question)) if question.stream else _json(chat.whole(answer))


def _responses(asked: Json) -> Scene:
    question = responses.read(asked)
    answer = plan(question)
    return _stream(responses.events(answer, asked)) if question.stream else _json(responses.whole(answer, asked))


def _responses_count(asked: Json) -> Scene:
    return _json(responses.counted(count(responses.read(asked))))


def _gemini(asked: Json, model: str, operation: str) -> Scene:
    question = gemini.read(asked, model, stream=operation == "streamGenerateContent")
    if operation == "countTokens":
        return _json(gemini.counted(count(question)))
    answer = plan(question)
    return _stream(gemini.chunks(answer)) if question.stream else _json(gemini.whole(answer))


ENDINGS: dict[str, Callable[[Json], Scene]] = {
    "/messages": _anthropic,
    "/messages/count_tokens": _anthropic_count,
    "/chat/completions": _chat,
    "/responses": _responses,
    "/responses/input_tokens": _responses_count,
}


def _error_of(path: str) -> Callable[[int, str], Json]:
    if "/v1beta/" in path:
        return gemini.error
    return anthropic.error if "/messages" in path else chat.error


def _json(body: Json, status: int = 200) -> Scene:
    return Scene(status, b"application/json", (msgspec.json.encode(body),))


def _stream(frames: list[bytes]) -> Scene:
    return Scene(200, b"text/event-stream", tuple(frames))
