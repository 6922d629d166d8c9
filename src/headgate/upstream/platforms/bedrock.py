"""Anthropic's models on Amazon Bedrock: `InvokeModel` and `InvokeModelWithResponseStream`.

The body is that of Anthropic Messages without `model` and `stream`, with `anthropic_version`, and with the values of the header `anthropic-beta` in it:
https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-anthropic-claude-messages-request-response.html. Counting:
https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_CountTokens.html.
"""

import base64
from typing import Any
from urllib.parse import quote

import msgspec

from headgate.core.headers import Headers
from headgate.core.platform import Platform
from headgate.exchange.ports import UpstreamRequest
from headgate.upstream.platforms.anthropic_errors import MessageShape
from headgate.upstream.platforms.bedrock_answer import BedrockCount, BedrockStream
from headgate.upstream.platforms.members import Members
from headgate.upstream.platforms.shape import BadShape, ShapedRequest, betas_of, taken_betas, without

_VERSION = "bedrock-2023-05-31"
_JSON = (b"content-type", b"application/json")
# That AWS documents on the page above, and on those of the models. It refuses a request with any other.
_BETAS = (
    "computer-use-*", "token-efficient-tools-2025-02-19", "interleaved-thinking-2025-05-14", "output-128k-2025-02-19", "dev-full-thinking-2025-05-14",
    "context-1m-2025-08-07", "context-management-2025-06-27", "effort-2025-11-24", "tool-search-tool-2025-10-19", "tool-examples-2025-10-29",
)  # fmt: skip
_SERVICE = "bedrock"
_OWN_API, _OWN_API_SERVICE = "/anthropic", "bedrock-mantle"  # Bedrock's host of Anthropic's API itself, as Anthropic's SDK signs for it
_LISTING = "/foundation-models?byProvider=anthropic"


def shape(request: UpstreamRequest, platform: Platform) -> ShapedRequest:
    """The request for Bedrock. Raises BadShape."""
    path = request.target.partition("?")[0]
    if request.provider.base_url.endswith(_OWN_API):
        plain = [header for header in request.headers if not header[0].startswith(b"x-amz")]
        return ShapedRequest(request.target, request.body, plain, MessageShape, _OWN_API_SERVICE)
    headers = [*without(request.headers, b"anthropic-version", b"anthropic-beta", b"accept", b"content-type"), _JSON]
    headers = [header for header in headers if not header[0].startswith(b"x-amz")]  # all of these would have to be signed
    if path == "/v1/models":
        return ShapedRequest(_LISTING, b"", headers, MessageShape, _SERVICE, _control_url(request.provider.base_url, platform.region))
    if path not in {"/v1/messages", "/v1/messages/count_tokens"}:
        raise BadShape("Bedrock has no such operation")
    members = Members(request.body)
    model = f"/model/{quote(str(members.value('model')), safe='')}"
    added: dict[str, object] = {"anthropic_version": _VERSION}
    betas = _betas(request.headers, members, platform)
    if betas:
        added["anthropic_beta"] = betas
    if path.endswith("/count_tokens"):
        body = members.changed(("model", "stream", "anthropic_beta"), added | {"max_tokens": _smallest(members)})
        asked = msgspec.json.encode({"input": {"invokeModel": {"body": base64.b64encode(body).decode()}}})
        return ShapedRequest(f"{model}/count-tokens", asked, headers, BedrockCount, _SERVICE)
    body = members.changed(("model", "stream", "anthropic_beta"), added)
    if members.value("stream") is True:
        headers.append((b"accept", b"application/vnd.amazon.eventstream"))
        return ShapedRequest(f"{model}/invoke-with-response-stream", body, headers, BedrockStream, _SERVICE)
    return ShapedRequest(f"{model}/invoke", body, [*headers, (b"accept", b"application/json")], MessageShape, _SERVICE)


def _betas(headers: Headers, members: Members, platform: Platform) -> list[str]:
    """Of header and body together, those that may be sent, each once."""
    written: Any = members.value("anthropic_beta")
    asked = [*betas_of(headers), *(value for value in (written if isinstance(written, list) else ()) if isinstance(value, str))]
    return taken_betas(asked, platform, _BETAS)


def _smallest(members: Members) -> int:
    """What is counted is a request to generate, which must bound its output: above its thinking, if it has that."""
    thinking: Any = members.value("thinking")
    budget = thinking.get("budget_tokens") if isinstance(thinking, dict) else None
    return budget + 1 if isinstance(budget, int) else 1


def _control_url(base_url: str, region: str) -> str:
    """Models are listed by another host than the one that serves them; behind an address of one's own there is one host."""
    own = f"https://bedrock-runtime.{region}.amazonaws.com"
    return f"https://bedrock.{region}.amazonaws.com" if base_url == own else ""
