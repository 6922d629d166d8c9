"""Requests of Gemini: the model is in the path, the body is sent as it is.

Google's API knows a `model` inside of bodies too (top level, and in countTokens' `generateContentRequest`). Headgate reads it only to refuse one that
contradicts the path, and renames it with the path, so that the model that is served is the model that was checked.

A stream is an event stream with `?alt=sse`, which every agent sends, and one JSON array without it. Only `alt=sse` of a client's query is sent.
"""

from urllib.parse import quote

import msgspec

from headgate.core.errors import BadRequest
from headgate.core.model_names import may_be_asked
from headgate.dialects.asked import Asked
from headgate.dialects.faces import Operation
from headgate.dialects.lenient import count, decoded, mapping
from headgate.dialects.scan import scan, spell, splice
from headgate.dialects.scanned import Scanned

_VERBS = frozenset({"generateContent", "streamGenerateContent", "countTokens"})
_PREFIX = "models/"

_NESTED = ("generateContentRequest", "generate_content_request")  # Google's JSON allows names in camel case and in snake case
_BOUNDS = (("maxOutputTokens", "max_output_tokens"), ("candidateCount", "candidate_count"))
_ANY = msgspec.json.Decoder()
_STRING = msgspec.json.Decoder(str)


def read(body: bytes | Scanned, operation: Operation, path_model: str) -> Asked:
    """Check a body and the model of the path. Raises BadRequest."""
    if not may_be_asked(path_model):
        raise BadRequest(
            "The model in the path must be 1 to 128 characters out of A-Z a-z 0-9 . _ : / @ - [ ], no part of it dots.", code="invalid_model"
        )
    scanned = scan(body)
    span = _model_span(scanned, path_model)
    for name in _NESTED:
        if name in scanned.fields:
            nested = _nested_span(scanned.body, scanned.span(name), path_model)
            if span is not None and nested is not None:
                raise BadRequest("The body names its model twice.", code="invalid_model")
            span = nested if span is None else span
    return Asked(scanned.body, path_model, span, scanned.fields, scanned.spans, stream=operation.name == "streamGenerateContent")


def body(asked: Asked, model_sent: str) -> bytes:
    """The same bytes; a model in them is renamed."""
    if asked.model_span is None:
        return asked.body
    start, end = asked.model_span
    prefix = _PREFIX if asked.body[start:end].startswith(b'"' + _PREFIX.encode()) else ""
    return splice(asked.body, asked.model_span, spell(prefix + model_sent.removeprefix(_PREFIX)))


def path(operation: Operation, model_sent: str, query: str) -> str:
    """The provider's path, made of the configured model and a verb from Headgate's list."""
    verb = next(verb for verb in _VERBS if verb == operation.name)
    below = f"/v1beta/models/{quote(model_sent.removeprefix(_PREFIX), safe='@')}:{verb}"
    return f"{below}?alt=sse" if verb == "streamGenerateContent" and "alt=sse" in query.split("&") else below


def output_tokens_max(asked: Asked) -> int:
    """What `maxOutputTokens` of the generation's configuration says, for each candidate. Google's JSON takes names in snake case too."""
    raw = asked.fields.get("generationConfig") or asked.fields.get("generation_config")
    config = mapping(decoded(_ANY, raw)) if raw is not None else {}
    bound, candidates = (count(config.get(camel, config.get(snake))) or 0 for camel, snake in _BOUNDS)
    return bound * max(1, candidates)


def session_id(_asked: Asked) -> str:
    """Empty: Gemini CLI states no session in a body."""
    return ""


def _nested_span(body: bytes, outer: tuple[int, int], path_model: str) -> tuple[int, int] | None:
    start, end = outer
    if body[start] != ord("{"):
        return None
    inner = _model_span(scan(body[start:end]), path_model)
    return None if inner is None else (start + inner[0], start + inner[1])


def _model_span(scanned: Scanned, path_model: str) -> tuple[int, int] | None:
    """The byte range of a model in the body; null counts as none, as everywhere in Google's JSON (https://protobuf.dev/programming-guides/json)."""
    raw = scanned.fields.get("model")
    if raw is None or bytes(raw) == b"null":
        return None
    named = decoded(_STRING, raw)
    if named is None or named.removeprefix(_PREFIX) != path_model:
        raise BadRequest("The body names another model than the path.", code="invalid_model")
    return scanned.span("model")
