"""The demo provider behind the port of every provider: plays an answer into the sink at a model's pace. Opens no connection."""

import asyncio
from collections.abc import Iterator

from headgate.core.endpoint import DEMO_SCHEME, Provider
from headgate.exchange.ports import Call, Sink, UpstreamRequest
from headgate.upstream.demo.routes import Scene, scene

FIRST_BYTE_S = 0.18
FRAME_S = 0.02
FRAME_JITTER_S = 0.005


def demo_providers() -> list[Provider]:
    """A provider in each family of wire formats, with models named like the ones that agents are configured for."""
    models = {
        "anthropic": ("claude-opus-4-6", "claude-sonnet-4-6", "claude-haiku-4-5"),
        "openai": ("gpt-5.2", "gpt-5-mini", "acme-coder-2"),  # the last is in no price list, as a model of one's own is
        "gemini": ("gemini-2.5-flash", "gemini-2.5-pro"),
    }
    return [
        Provider(name=f"demo-{dialect}", dialect=dialect, base_url=f"{DEMO_SCHEME}{dialect}", models=names, origin="--demo")
        for dialect, names in models.items()
    ]


class DemoUpstream:
    """Answers for demo providers."""

    def send(self, request: UpstreamRequest, sink: Sink) -> Call:
        """Returns at once; the first byte comes a little later, as from a model that reads."""
        return _Performance(scene(request.target, request.body), sink)


class _Performance:
    """One answer being played. Owns its one timer; after `end` or `cancel` it has none."""

    def __init__(self, played: Scene, sink: Sink) -> None:
        self._scene = played
        self._sink = sink
        self.sent = True
        self._frames: Iterator[bytes] = iter(played.frames)
        self._sent = 0
        self._paused = False
        self._due = False
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = self._loop.call_later(FIRST_BYTE_S, self._begin)

    def pause(self) -> None:
        """Hold the next frame back."""
        self._paused = True

    def resume(self) -> None:
        """Go on; a frame that fell due meanwhile is next."""
        self._paused = False
        if self._due:
            self._due = False
            self._timer = self._loop.call_later(0, self._next)

    def cancel(self) -> None:
        """Fall silent."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None
        self._due = False

    def _begin(self) -> None:
        headers = [(b"content-type", self._scene.content_type)]
        if len(self._scene.frames) == 1:
            headers.append((b"content-length", str(len(self._scene.frames[0])).encode()))
        self._timer = self._loop.call_later(0, self._next)
        self._sink.head(self._scene.status, headers)

    def _next(self) -> None:
        if self._paused:
            self._due = True
            return
        frame = next(self._frames, None)
        if frame is None:
            self._timer = None
            self._sink.end()
            return
        self._sent += 1
        pace_s = FRAME_S + FRAME_JITTER_S * (len(frame) % 5)
        self._timer = self._loop.call_later(pace_s if self._sent < len(self._scene.frames) else 0, self._next)
        self._sink.data(frame)
