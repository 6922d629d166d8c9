"""Azure OpenAI: the query `api-version`, and without `/v1` in the base URL the older paths by deployment.

https://learn.microsoft.com/azure/ai-foundry/openai/reference: `/openai/deployments/{deployment}/chat/completions?api-version=…`, where the model is the name
of the deployment; Responses are at `/openai/responses`. The newer `/openai/v1` has OpenAI's own paths.
"""

from headgate.core.platform import Platform
from headgate.exchange.ports import UpstreamRequest
from headgate.upstream.platforms.members import Members
from headgate.upstream.platforms.shape import ShapedRequest, segment

_BY_DEPLOYMENT = "/chat/completions"


def shape(request: UpstreamRequest, platform: Platform) -> ShapedRequest:
    """The request for Azure: as it is, with its path and query changed."""
    target = request.target
    if platform.api_version:
        path, _, query = target.partition("?")
        if path == _BY_DEPLOYMENT and not request.provider.base_url.endswith("/v1"):
            path = f"/deployments/{segment(str(Members(request.body).value('model')))}{path}"
        target = f"{path}?{query}&api-version={platform.api_version}" if query else f"{path}?api-version={platform.api_version}"
    return ShapedRequest(target, request.body, request.headers)
