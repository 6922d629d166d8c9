"""Azure's paths."""

import pytest

from headgate.core.endpoint import Provider
from headgate.core.platform import Platform
from headgate.exchange.ports import UpstreamRequest
from headgate.upstream.platforms.azure import shape

BODY = b'{"model":"gpt 5","messages":[]}'


@pytest.mark.parametrize(
    ("base", "version", "target", "sent"),
    [
        ("/openai/v1", "", "/responses", "/responses"),
        ("/openai/v1", "preview", "/responses", "/responses?api-version=preview"),
        ("/openai/v1", "preview", "/chat/completions", "/chat/completions?api-version=preview"),
        ("/openai", "2024-10-21", "/chat/completions", "/deployments/gpt%205/chat/completions?api-version=2024-10-21"),
        ("/openai", "2025-04-01-preview", "/responses?include=x", "/responses?include=x&api-version=2025-04-01-preview"),
    ],
)
def test_paths(base, version, target, sent):
    """OpenAI's own below /v1; by deployment without it; the version is asked for where one is given. The body stays."""
    platform = Platform("azure", api_version=version)
    provider = Provider(name="a", dialect="openai", base_url=f"https://acme.openai.azure.com{base}", platform=platform)
    shaped = shape(UpstreamRequest(provider, "POST", target, [], BODY), platform)
    assert (shaped.target, shaped.body, shaped.answer) == (sent, BODY, None)
