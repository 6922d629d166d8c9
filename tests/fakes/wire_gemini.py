"""Gemini generateContent as the scripted provider speaks it."""

import json
from typing import Any

from tests.fakes.turns import Call, ErrorInStream, Part, Refuse, Text, Thinking, Tokens, Turn, split
from tests.fakes.wire import dump

ENDINGS = {"length": "MAX_TOKENS", "filter": "SAFETY"}
STATUSES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    503: "UNAVAILABLE",
}


def usage(tokens: Tokens) -> dict[str, Any]:
    """Gemini's counts: the prompt includes cached input, the candidates exclude thoughts."""
    counts = {
        "promptTokenCount": tokens.all_input,
        "candidatesTokenCount": tokens.output - tokens.reasoning,
        "totalTokenCount": tokens.all_input + tokens.output,
    }
    if tokens.read:
        counts["cachedContentTokenCount"] = tokens.read
    if tokens.reasoning:
        counts["thoughtsTokenCount"] = tokens.reasoning
    return counts


def parts_of(turn: Turn) -> list[list[dict[str, Any]]]:
    """The parts of each chunk. The proof of a thought stands on the first part after it, as Gemini does it."""
    chunks: list[list[dict[str, Any]]] = []
    proof: dict[str, Any] = {}
    for part in turn.parts:
        for index, piece in enumerate(_pieces(part)):
            carried = proof if index == 0 and not isinstance(part, Thinking) else {}
            chunks.append([{**piece, **carried}])
        proof = {"thoughtSignature": part.signature} if isinstance(part, Thinking) else {}
    return chunks


def _pieces(part: Part) -> list[dict[str, Any]]:
    match part:
        case Text(text=text, pieces=pieces):
            return [{"text": piece} for piece in split(text, pieces)]
        case Thinking(text=text):
            return [{"text": text, "thought": True}]
        case Call(name=name, arguments=arguments, id=identity):
            return [{"functionCall": {"id": identity, "name": name, "args": arguments}}]


def status_word(status: int) -> str:
    """Google's name of an HTTP status."""
    return STATUSES.get(status, "INTERNAL")


class GeminiWire:
    """`POST /v1beta/models/{model}:generateContent` and its streaming kin."""

    def frames(self, turn: Turn, request: dict[str, Any], model: str, number: int) -> list[bytes]:
        """Unnamed chunks; each has the counts so far, the last one the finish reason too."""
        chunks = parts_of(turn) or [[{"text": ""}]]
        frames = []
        for index, parts in enumerate(chunks):
            last = index == len(chunks) - 1
            frames.append(b"data: " + dump(self._body(turn, parts, model, number, last=last)) + b"\r\n\r\n")
        return frames

    def whole(self, turn: Turn, request: dict[str, Any], model: str, number: int) -> bytes:
        """A whole answer."""
        parts = [part for chunk in parts_of(turn) for part in chunk]
        return dump(self._body(turn, parts, model, number, last=True))

    def error(self, refusal: Refuse) -> bytes:
        """Google's error envelope; a `retry-after` header is worded as RetryInfo too."""
        after = dict(refusal.headers).get("retry-after")
        details = [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": f"{after}s"}] if after else []
        return dump({"error": {"code": refusal.status, "message": refusal.message, "status": status_word(refusal.status), "details": details}})

    def stream_error(self, error: ErrorInStream) -> bytes:
        """An error where a chunk would be."""
        return b"data: " + dump({"error": {"code": 503, "message": error.message, "status": "UNAVAILABLE"}}) + b"\r\n\r\n"

    def results(self, request: dict[str, Any]) -> dict[str, str]:
        """`functionResponse` parts."""
        found = [part["functionResponse"] for part in self._parts(request) if "functionResponse" in part]
        return {str(entry.get("id")): json.dumps(entry.get("response")) for entry in found}

    def signatures(self, request: dict[str, Any]) -> set[str]:
        """Proofs of thoughts that were replayed."""
        return {str(part["thoughtSignature"]) for part in self._parts(request) if "thoughtSignature" in part}

    @staticmethod
    def _body(turn: Turn, parts: list[dict[str, Any]], model: str, number: int, *, last: bool) -> dict[str, Any]:
        candidate: dict[str, Any] = {"content": {"parts": parts, "role": "model"}, "index": 0}
        body: dict[str, Any] = {"candidates": [candidate]}
        if last:
            candidate["finishReason"] = ENDINGS.get(turn.ending, "STOP")
        if turn.tokens:
            prompt = {"promptTokenCount": turn.tokens.all_input, "totalTokenCount": turn.tokens.all_input}
            body["usageMetadata"] = usage(turn.tokens) if last else prompt
        return {**body, "modelVersion": model, "responseId": f"gem-{number:06d}"}

    @staticmethod
    def _parts(request: dict[str, Any]) -> list[dict[str, Any]]:
        return [part for content in request.get("contents", []) for part in content.get("parts", [])]
