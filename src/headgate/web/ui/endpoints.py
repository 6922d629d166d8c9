"""The page of endpoints: each governed name with its targets in the order in which they are tried."""

from collections.abc import Callable, Sequence

import msgspec

from headgate.core.endpoint import Endpoint, Target
from headgate.core.scopes import ADMIN
from headgate.exchange.snapshot import Snapshot
from headgate.routing.choice import is_split
from headgate.web.ui.answers import PageAnswer
from headgate.web.ui.routes import PageRequest, PageRoute

_FORMATS = {"anthropic": "Anthropic", "openai": "OpenAI", "openai_chat": "OpenAI Chat", "openai_responses": "OpenAI Responses", "gemini": "Gemini"}


class TriedTarget(msgspec.Struct, frozen=True):
    """A target as the page shows it. `word` says when it is tried."""

    word: str
    provider: str
    model: str


class ShownEndpoint(msgspec.Struct, frozen=True):
    """A row of the page."""

    name: str
    display_name: str
    formats: tuple[str, ...]
    targets: tuple[TriedTarget, ...]


def shown_endpoint(endpoint: Endpoint) -> ShownEndpoint:
    """An endpoint in words."""
    formats = dict.fromkeys(
        _FORMATS.get(target.provider.dialect, target.provider.dialect) for target in endpoint.targets if not target.provider.deleted
    )
    between = "or" if is_split(endpoint.targets) else "then"
    words = ["", *[between] * (len(endpoint.targets) - 1), *["if that fails"] * len(endpoint.fallbacks)]
    targets = (TriedTarget(word, _provider(each), each.model or "as asked for") for word, each in zip(words, _in_order(endpoint), strict=True))
    return ShownEndpoint(endpoint.name, endpoint.display_name, tuple(formats), tuple(targets))


def endpoint_routes(snapshot: Callable[[], Snapshot]) -> tuple[PageRoute, ...]:
    """`/endpoints`."""

    async def listed(request: PageRequest) -> PageAnswer:
        endpoints = [shown_endpoint(endpoint) for endpoint in snapshot().endpoints.everything()]
        return request.framed("endpoints.html", "Endpoints", endpoints=endpoints)

    return (PageRoute("GET", "/endpoints", ADMIN, listed),)


def _in_order(endpoint: Endpoint) -> Sequence[Target]:
    return (*endpoint.targets, *endpoint.fallbacks)


def _provider(target: Target) -> str:
    share = "" if target.traffic_percent is None else f", {target.traffic_percent} %"
    return f"{target.provider.name}{' (deleted)' if target.provider.deleted else ''}{share}"
