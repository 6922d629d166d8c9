"""What the journal writes at the end of a step of the event loop, who waits until it is durable, and how a failure is reported to them."""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from typing import NamedTuple

from headgate.core.errors import Unavailable
from headgate.telemetry.ports import Told


class Waiter(NamedTuple):
    """A callback in an event loop for when the written data is on the disk."""

    loop: asyncio.AbstractEventLoop
    told: Told


class PendingFrame:  # ruff: ignore[class-as-data-structure] -- also in a compiled build, interpreted code makes a NamedTuple
    """A frame to be written, and the callback if it cannot be."""

    __slots__ = ("body", "kind", "lost", "waiter")

    def __init__(self, kind: int, body: bytes, lost: Callable[[Unavailable], None] | None = None, waiter: Waiter | None = None) -> None:
        self.kind = kind
        self.body = body
        self.lost = lost
        self.waiter = waiter


class PendingFrames:
    """The frames of one step of the event loop, to be written together at its end. Changed with the journal's lock held."""

    def __init__(self) -> None:
        self.schedule: Callable[[], object] | None = None  # has the step's frames written at its end; `None` where each frame is written at once
        self.frames: list[PendingFrame] = []
        self.lost: list[Callable[[Unavailable], None]] = []  # exchanges whose intent could not be written; the event loop reports them

    def add(self, frame: PendingFrame) -> None:
        """Add a frame; the first one schedules the writing."""
        if not self.frames and self.schedule is not None:
            self.schedule()
        self.frames.append(frame)

    def take(self) -> list[PendingFrame]:
        """The frames, which the caller writes now."""
        frames, self.frames = self.frames, []
        return frames

    def take_lost(self) -> list[Callable[[Unavailable], None]]:
        """The exchanges to be reported, once."""
        lost, self.lost = self.lost, []
        return lost


def refused(trouble: str) -> Unavailable:
    """The error for a request whose record cannot be written."""
    return Unavailable(f"Headgate cannot keep a record of this now, so nothing was sent: {trouble}", code="journal_unavailable", retry_after_s=5.0)


def tell(waiters: Sequence[Waiter], trouble: str | None) -> None:
    """Tell each in its own event loop, with one wake-up for each loop. From any thread."""
    by_loop: dict[asyncio.AbstractEventLoop, list[Waiter]] = {}
    for waiter in waiters:
        by_loop.setdefault(waiter.loop, []).append(waiter)
    for loop, waiting in by_loop.items():
        with contextlib.suppress(RuntimeError):  # the loop is closed: no caller waits any more
            loop.call_soon_threadsafe(_settle, waiting, trouble)


def _settle(waiters: list[Waiter], trouble: str | None) -> None:
    for waiter in waiters:
        waiter.told(None if trouble is None else refused(trouble))
