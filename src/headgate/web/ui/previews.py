"""The page of previews: the switches of whole features. What the configuration file states is shown, and changed there."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

import msgspec

from headgate.admin.previews import PreviewAdmin, PreviewSwitch
from headgate.core.errors import BadRequest
from headgate.core.scopes import ADMIN
from headgate.web.ui.answers import PageAnswer, redirect
from headgate.web.ui.routes import PageRequest, PageRoute

_PATH: Final = "/previews"


class PreviewText(msgspec.Struct, frozen=True):
    """What a page says of a preview: its title, what is there while it is on, and what happens while it is off."""

    title: str
    on: str
    off: str


TEXTS: Final[Mapping[str, PreviewText]] = {
    "coding_agents": PreviewText(
        "Models for coding agents",
        "Agents ask for models through the gateway.",
        "Every request for a model is refused with 404 and the code feature_disabled. Agents stop at once; nothing is sent to a provider.",
    ),
    "opentelemetry": PreviewText(
        "OpenTelemetry",
        "Agents export metrics, logs and traces, over HTTP and gRPC.",
        "Every export is refused with 404, and most agents drop what they could not send. Dashboards that need telemetry show gaps.",
    ),
}


class ShownPreview(msgspec.Struct, frozen=True):
    """A switch with its texts."""

    switch: PreviewSwitch
    text: PreviewText


def preview_page_routes(previews: PreviewAdmin, follow: Callable[[], Awaitable[None]]) -> tuple[PageRoute, ...]:
    """`/previews`. `follow` puts what the store holds in force."""

    async def listed(request: PageRequest) -> PageAnswer:
        found = [ShownPreview(each, TEXTS[each.name]) for each in await asyncio.to_thread(previews.all)]
        return request.framed("previews.html", "Previews", previews=found)

    async def switch(request: PageRequest) -> PageAnswer:
        name, wanted = request.form.get("name", ""), request.form.get("enabled", "")
        if wanted not in {"true", "false"}:
            raise BadRequest("The form says neither on nor off. Load the page again.")
        await asyncio.to_thread(lambda: previews.switch(name, request.principal.name, enabled=wanted == "true"))
        await follow()
        return redirect(_PATH)

    return (PageRoute("GET", _PATH, ADMIN, listed), PageRoute("POST", _PATH, ADMIN, switch))
