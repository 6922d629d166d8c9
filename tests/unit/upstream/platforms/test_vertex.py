"""Requests of Anthropic Messages and of Gemini as Vertex AI takes them."""

import json

import pytest

from headgate.core.endpoint import Provider
from headgate.core.platform import Platform
from headgate.exchange.ports import UpstreamRequest
from headgate.upstream.platforms import vertex
from headgate.upstream.platforms.anthropic_errors import MessageShape
from headgate.upstream.platforms.shape import BadShape

PLATFORM = Platform("vertex", region="europe-west1", project="acme")
BELOW = "/v1/projects/acme/locations/europe-west1/publishers"
HEADERS = [(b"anthropic-version", b"2023-06-01"), (b"user-agent", b"x")]


def shaped(target, body, betas=b""):
    headers = [*HEADERS, (b"anthropic-beta", betas)] if betas else HEADERS
    provider = Provider(name="v", dialect="anthropic", base_url="https://europe-west1-aiplatform.googleapis.com", platform=PLATFORM)
    return vertex.shape(UpstreamRequest(provider, "POST", target, headers, body), PLATFORM)


@pytest.mark.parametrize(("stream", "verb"), [(b"true", "streamRawPredict"), (b"false", "rawPredict")])
def test_a_message(stream, verb):
    """The model goes into the path, the version into the body, which says itself whether it streams."""
    out = shaped("/v1/messages?beta=true", b'{"model":"claude-sonnet-4-5@20250929","max_tokens":9,"stream":' + stream + b"}")
    assert out.target == f"{BELOW}/anthropic/models/claude-sonnet-4-5@20250929:{verb}"
    assert out.body == b'{"anthropic_version":"vertex-2023-10-16","max_tokens":9,"stream":' + stream + b"}"
    assert (out.headers, out.answer) == ([(b"user-agent", b"x")], MessageShape)


def test_betas():
    """Only those that Vertex AI documents stay in the header."""
    out = shaped("/v1/messages", b'{"model":"m"}', b"claude-code-20250219,context-1m-2025-08-07")
    assert out.headers == [(b"user-agent", b"x"), (b"anthropic-beta", b"context-1m-2025-08-07")]


def test_counting():
    """A path of its own, with the model in the body."""
    out = shaped("/v1/messages/count_tokens?beta=true", b'{"model":"m","messages":[]}')
    assert out.target == f"{BELOW}/anthropic/models/count-tokens:rawPredict"
    assert json.loads(out.body) == {"anthropic_version": "vertex-2023-10-16", "model": "m", "messages": []}


@pytest.mark.parametrize("verb", ["generateContent", "streamGenerateContent", "streamGenerateContent?alt=sse", "countTokens"])
def test_gemini(verb):
    """The same verbs below the publisher google; a body without ids stays as it is."""
    body = b'{ "contents": [{"parts": [{"text": "a"}]}] }'
    out = shaped(f"/v1beta/models/gemini-2.5-flash:{verb}", body)
    assert (out.target, out.body, out.headers, out.answer) == (f"{BELOW}/google/models/gemini-2.5-flash:{verb}", body, HEADERS, None)


def test_gemini_without_ids_and_model():
    """Ids of calls and a model in the body are left out."""
    body = b'{"model":"models/g","contents":[{"parts":[{"functionCall":{"id":"c","name":"f"}}]}],"tools":[]}'
    assert shaped("/v1beta/models/g:generateContent", body).body == b'{"contents":[{"parts":[{"functionCall":{"name":"f"}}]}],"tools":[]}'


def test_gemini_counts_a_whole_request():
    """What the Gemini API counts in a field of its own is the body itself here, without what cannot be counted."""
    nested = {"model": "models/g", "contents": [{"parts": [{"text": "a"}]}], "systemInstruction": {"parts": []}, "safetySettings": []}
    out = shaped("/v1beta/models/g:countTokens", json.dumps({"generateContentRequest": nested}).encode())
    assert json.loads(out.body) == {"contents": nested["contents"], "systemInstruction": {"parts": []}}


@pytest.mark.parametrize(("path", "publisher"), [("/v1/models", "anthropic"), ("/v1beta/models", "google")])
def test_the_list_of_models(path, publisher):
    """Each maker's models are listed by publisher."""
    assert shaped(path, b"").target == f"/v1beta1/publishers/{publisher}/models"


def test_what_vertex_has_not():
    """Another operation is refused in words."""
    with pytest.raises(BadShape, match="no such operation"):
        shaped("/v1/messages/batches", b"{}")
