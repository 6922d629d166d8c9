"""Names of models as Databricks' discovery lists them, with the interfaces that each can be called by. Formats only.

The names of interfaces are those that Databricks' command line for coding agents reads: `ai_gateway_v2_supported` and `api_types`.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from headgate.core.endpoint import Endpoint
from headgate.routing.table import EndpointTable

API_TYPES: Mapping[str, tuple[str, ...]] = {
    "anthropic": ("anthropic/v1/messages",),
    "openai_chat": ("mlflow/v1/chat/completions", "openai/v1/chat/completions", "cursor/v1/chat/completions"),
    "openai_responses": ("openai/v1/responses", "codex/v1/responses"),
    "gemini": ("gemini/v1/generateContent",),
}


def foundation_models(endpoints: EndpointTable, seen: Callable[[str], bool]) -> list[dict[str, Any]]:
    """Every name that agents are shown and the caller may query: once, with all interfaces, since a request in any of them is translated."""
    found: dict[str, dict[str, Any]] = {}
    for dialect, types in API_TYPES.items():
        for endpoint in endpoints.listing(dialect, seen):
            entry = found.setdefault(endpoint.name, _entry(endpoint))
            entry["api_types"] += types
    return list(found.values())


def api_types(dialects: Iterable[str]) -> list[str]:
    """The interfaces that a model can be called by whose providers speak these dialects."""
    spoken = set(dialects)
    return [each for dialect, types in API_TYPES.items() if dialect in spoken for each in types]


def _entry(endpoint: Endpoint) -> dict[str, Any]:
    return {
        "name": endpoint.name,
        "display_name": endpoint.display_name or endpoint.name,
        "ai_gateway_v2_supported": True,
        "api_types": [],
    }
