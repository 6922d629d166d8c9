"""What is written into the journal at the end of a step, who waits until it is durable, and how they are told that it cannot be kept."""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from typing import NamedTuple

from headgate.core.errors import Unavailable
from headgate.telemetry.ports import Told


class Waiter(NamedTuple):
    """Somebody who is told in an event loop once what was kept is on the disk."""

    loop: asyncio.AbstractEventLoop
    told: Told


class Gathered(NamedTuple):
    """A frame to be written, and who is told if it cannot be."""

    kind: int
    body: bytes
    lost: Callable[[Unavailable], None] | None = None
    waiter: Waiter | None = None


def refused(trouble: str) -> Unavailable:
    """What a request is told whose record cannot be kept."""
    return Unavailable(f"Headgate cannot keep a record of this now, so nothing was sent: {trouble}", code="journal_unavailable", retry_after_s=5.0)


def tell(waiters: Sequence[Waiter], trouble: str | None) -> None:
    """Tell each in its own event loop, with one wake-up for each loop. From any thread."""
    by_loop: dict[asyncio.AbstractEventLoop, list[Waiter]] = {}
    for waiter in waiters:
        by_loop.setdefault(waiter.loop, []).append(waiter)
    for loop, waiting in by_loop.items():
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(_settle, waiting, trouble)


def _settle(waiters: list[Waiter], trouble: str | None) -> None:
    for waiter in waiters:
        waiter.told(None if trouble is None else refused(trouble))
