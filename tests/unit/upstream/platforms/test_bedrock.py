"""Requests of Anthropic Messages as Bedrock takes them."""

import base64
import json

import pytest

from headgate.core.endpoint import Provider
from headgate.core.platform import Platform
from headgate.exchange.ports import UpstreamRequest
from headgate.upstream.platforms import bedrock
from headgate.upstream.platforms.anthropic_errors import MessageShape
from headgate.upstream.platforms.bedrock_answer import BedrockCount, BedrockStream
from headgate.upstream.platforms.shape import BadShape

PLATFORM = Platform("bedrock", region="eu-central-1")
URL = "https://bedrock-runtime.eu-central-1.amazonaws.com"
MODEL = "eu.anthropic.claude-sonnet-4-5-20250929-v1:0"
HEADERS = [(b"content-type", b"application/json; charset=utf-8"), (b"accept", b"text/event-stream"), (b"anthropic-version", b"2023-06-01"),
           (b"x-amz-meta", b"no"), (b"user-agent", b"claude-cli")]  # fmt: skip


def shaped(body, target="/v1/messages?beta=true", betas=b"", platform=PLATFORM, url=URL):
    headers = [*HEADERS, (b"anthropic-beta", betas)] if betas else HEADERS
    provider = Provider(name="b", dialect="anthropic", base_url=url, platform=platform)
    return bedrock.shape(UpstreamRequest(provider, "POST", target, headers, body), platform)


def asked(**more):
    return json.dumps({"model": MODEL, "max_tokens": 9, "messages": [{"role": "user", "content": "ü"}]} | more, ensure_ascii=False).encode()


def test_a_message():
    """The model goes into the path, with its colon coded; the version into the body; all other bytes stay."""
    out = shaped(asked())
    assert out.target == "/model/eu.anthropic.claude-sonnet-4-5-20250929-v1%3A0/invoke"
    assert out.body == '{"anthropic_version":"bedrock-2023-05-31","max_tokens": 9,"messages": [{"role": "user", "content": "ü"}]}'.encode()
    assert out.headers == [(b"user-agent", b"claude-cli"), (b"content-type", b"application/json"), (b"accept", b"application/json")]
    assert (out.answer, out.service, out.base_url) == (MessageShape, "bedrock", "")


def test_a_stream():
    """Another operation, and no `stream` in the body."""
    out = shaped(asked(stream=True))
    assert out.target.endswith("/invoke-with-response-stream")
    assert "stream" not in json.loads(out.body)
    assert dict(out.headers)[b"accept"] == b"application/vnd.amazon.eventstream"
    assert out.answer is BedrockStream


def test_an_inference_profile():
    """A name with a path in it stays one part of the path."""
    out = shaped(asked(model="arn:aws:bedrock:eu-central-1:123456789012:application-inference-profile/abc"))
    assert out.target == "/model/arn%3Aaws%3Abedrock%3Aeu-central-1%3A123456789012%3Aapplication-inference-profile%2Fabc/invoke"


@pytest.mark.parametrize(
    ("header", "in_body", "allowed", "sent"),
    [
        (b"claude-code-20250219, interleaved-thinking-2025-05-14,context-1m-2025-08-07", None, None,
         ["interleaved-thinking-2025-05-14", "context-1m-2025-08-07"]),
        (b"claude-code-20250219", None, None, None),
        (b"interleaved-thinking-2025-05-14", ["effort-2025-11-24", "interleaved-thinking-2025-05-14", 3], None,
         ["interleaved-thinking-2025-05-14", "effort-2025-11-24"]),
        (b"new-2027-01-01,interleaved-thinking-2025-05-14", None, ("new-*",), ["new-2027-01-01"]),
        (b"interleaved-thinking-2025-05-14", None, (), None),
    ],
)  # fmt: skip
def test_betas(header, in_body, allowed, sent):
    """Those that AWS documents, or that the provider's entry names, go into the body; the header goes nowhere."""
    body = asked() if in_body is None else asked(anthropic_beta=in_body)
    out = shaped(body, betas=header, platform=Platform("bedrock", region="eu-central-1", betas=allowed))
    assert json.loads(out.body).get("anthropic_beta") == sent
    assert b"anthropic-beta" not in dict(out.headers)


@pytest.mark.parametrize(("more", "bound"), [({}, 1), ({"thinking": {"type": "enabled", "budget_tokens": 2048}}, 2049), ({"thinking": None}, 1)])
def test_counting(more, bound):
    """A whole request in Base64, with the bound on its output that such a request needs."""
    body = {"model": MODEL, "messages": [{"role": "user", "content": "x"}]} | more
    out = shaped(json.dumps(body).encode(), "/v1/messages/count_tokens")
    inner = json.loads(base64.b64decode(json.loads(out.body)["input"]["invokeModel"]["body"]))
    assert out.target.endswith("-v1%3A0/count-tokens")
    assert (inner["max_tokens"], inner["anthropic_version"], "model" in inner) == (bound, "bedrock-2023-05-31", False)
    assert out.answer is BedrockCount


def test_the_list_of_models():
    """It is at AWS's other host; behind an address of one's own at that one."""
    assert shaped(b"", "/v1/models").base_url == "https://bedrock.eu-central-1.amazonaws.com"
    out = shaped(b"", "/v1/models", url="https://vpce.example")
    assert (out.target, out.base_url) == ("/foundation-models?byProvider=anthropic", "")


def test_anthropics_own_api():
    """At Bedrock's host of Anthropic's API the request stays as it is, and is signed for that service."""
    out = shaped(asked(), url="https://bedrock-mantle.eu-central-1.api.aws/anthropic")
    assert (out.target, out.body, out.service) == ("/v1/messages?beta=true", asked(), "bedrock-mantle")
    assert out.headers == [header for header in HEADERS if header[0] != b"x-amz-meta"]


def test_what_bedrock_has_not():
    """Another operation is refused in words."""
    with pytest.raises(BadShape, match="no such operation"):
        shaped(b"{}", "/v1/messages/batches")
