"""The cases of the matrix: requests by the client's dialect, answers by the provider's. Each is one idea, named by its file; the files are data alone."""

import json
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).parent
DIALECTS: Final = ("anthropic", "openai_chat", "openai_responses", "gemini")
CLIENTS: Final = (*DIALECTS, "cursor")


def _names(folder: str, suffix: str) -> tuple[str, ...]:
    return tuple(sorted(path.relative_to(HERE / folder).with_suffix("").as_posix() for path in (HERE / folder).glob(f"*/*{suffix}")))


REQUESTS: Final = _names("requests", ".json")
"""`<dialect>/<case>`: a body as a client of the dialect sends it."""
ANSWERS: Final = _names("answers", ".sse")
"""`<dialect>/<case>`: a stream as a provider of the dialect sends it; a whole answer has its unstreamed body beside it (`.json`)."""
WHOLE: Final = _names("answers", ".json")

_OPERATIONS: Final = {"anthropic": "messages", "openai_chat": "chat", "cursor": "chat", "openai_responses": "responses", "gemini": "generateContent"}
_COUNTING: Final = {"anthropic": "count_tokens", "openai_responses": "input_tokens", "gemini": "countTokens"}


def operation_of(case: str) -> str:
    """The operation that a request asks for."""
    dialect, _, name = case.partition("/")
    if name == "counting":
        return _COUNTING[dialect]
    return "streamGenerateContent" if case == "gemini/turns" else _OPERATIONS[dialect]


def request_bytes(case: str) -> bytes:
    """The body of a request."""
    return (HERE / "requests" / f"{case}.json").read_bytes()


def stream_bytes(case: str) -> bytes:
    """The stream of an answer."""
    return (HERE / "answers" / f"{case}.sse").read_bytes()


def body_bytes(case: str) -> bytes:
    """The body of an unstreamed answer."""
    return (HERE / "answers" / f"{case}.json").read_bytes()


def pretty(value: object, indent: int = 0, lead: int = 0) -> str:
    """JSON for people: what fits into a line is on one."""
    line = json.dumps(value, ensure_ascii=False)
    if len(line) + indent + lead <= 140 or not value or not isinstance(value, dict | list):
        return line
    pad = " " * (indent + 2)
    if isinstance(value, dict):
        rows = [f"{pad}{json.dumps(name, ensure_ascii=False)}: {pretty(each, indent + 2, len(name) + 4)}" for name, each in value.items()]
        return "{\n" + ",\n".join(rows) + "\n" + " " * indent + "}"
    return "[\n" + ",\n".join(pad + pretty(each, indent + 2) for each in value) + "\n" + " " * indent + "]"
