"""Anthropic's and Google's models on Vertex AI: the model in the path, and what is sent beside it.

https://docs.anthropic.com/en/api/claude-on-vertex-ai: `anthropic_version` in the body and no `model`, except for counting;
https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/inference: Gemini's own body.
"""

import re

from headgate.core.headers import Headers
from headgate.core.platform import Platform
from headgate.exchange.ports import UpstreamRequest
from headgate.upstream.platforms.anthropic_errors import MessageShape
from headgate.upstream.platforms.gemini_calls import without_ids
from headgate.upstream.platforms.members import Members
from headgate.upstream.platforms.shape import BadShape, ShapedRequest, betas_of, segment, taken_betas, without

_VERSION = "vertex-2023-10-16"
# That Anthropic and Google document for Vertex AI. It refuses a request with any other.
_BETAS = (
    "computer-use-*", "interleaved-thinking-2025-05-14", "context-1m-2025-08-07", "context-management-2025-06-27", "tool-search-tool-2025-10-19",
    "web-search-2025-03-05",
)  # fmt: skip
_GEMINI = re.compile(r"/v1beta/models/([^/:?]+):(generateContent|streamGenerateContent|countTokens)(\?.*)?")
_LISTINGS = {"/v1/models": "/v1beta1/publishers/anthropic/models", "/v1beta/models": "/v1beta1/publishers/google/models"}
_NOT_COUNTED = ("model", "toolConfig", "tool_config", "safetySettings", "safety_settings", "cachedContent", "cached_content")


def shape(request: UpstreamRequest, platform: Platform) -> ShapedRequest:
    """The request for Vertex AI. Raises BadShape."""
    path = request.target.partition("?")[0]
    if path in _LISTINGS:
        return ShapedRequest(_LISTINGS[path], b"", request.headers)
    publishers = f"/v1/projects/{segment(platform.project)}/locations/{segment(platform.region)}/publishers"
    gemini = _GEMINI.fullmatch(request.target)
    if gemini is not None:
        return ShapedRequest(
            f"{publishers}/google/models/{gemini[1]}:{gemini[2]}{gemini[3] or ''}", _gemini_body(request.body, gemini[2]), request.headers
        )
    headers = _anthropic_headers(request.headers, platform)
    members, added = Members(request.body), {"anthropic_version": _VERSION}
    models = f"{publishers}/anthropic/models"
    if path == "/v1/messages/count_tokens":
        return ShapedRequest(f"{models}/count-tokens:rawPredict", members.changed((), added), headers, MessageShape)
    if path != "/v1/messages":
        raise BadShape("Vertex AI has no such operation")
    verb = "streamRawPredict" if members.value("stream") is True else "rawPredict"
    return ShapedRequest(f"{models}/{segment(str(members.value('model')))}:{verb}", members.changed(("model",), added), headers, MessageShape)


def _anthropic_headers(headers: Headers, platform: Platform) -> Headers:
    kept = without(headers, b"anthropic-version", b"anthropic-beta")
    betas = taken_betas(betas_of(headers), platform, _BETAS)
    return [*kept, (b"anthropic-beta", ",".join(betas).encode("latin-1"))] if betas else kept


def _gemini_body(body: bytes, verb: str) -> bytes:
    """The body without ids of calls and without a model; what is to be counted is not in a field of its own."""
    members = Members(body)
    if verb == "countTokens":
        nested = members.raw("generateContentRequest") or members.raw("generate_content_request")
        if nested:
            body = Members(nested).changed(_NOT_COUNTED, {})
            members = Members(body)
    if members.raw("model"):
        body = members.changed(("model",), {})
        members = Members(body)
    contents = members.raw("contents")
    plain = without_ids(contents)
    return body if plain is contents else members.with_value("contents", plain)
