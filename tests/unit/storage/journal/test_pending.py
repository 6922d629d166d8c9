"""Who waits for a frame is told once, in the event loop that it waits in."""

import asyncio

from headgate.core.errors import Unavailable
from headgate.storage.journal.pending import Waiter, refused, tell


async def test_all_that_wait_are_told_in_their_loop() -> None:
    """By one wake-up, in order, whatever thread tells."""
    loop = asyncio.get_running_loop()
    heard: list[tuple[str, Unavailable | None]] = []
    await asyncio.to_thread(
        tell, [Waiter(loop, lambda trouble: heard.append(("one", trouble))), Waiter(loop, lambda trouble: heard.append(("two", trouble)))], None
    )
    await asyncio.sleep(0)

    assert heard == [("one", None), ("two", None)]


async def test_trouble_is_told_as_a_refusal() -> None:
    """The caller's error names the trouble and when to come again."""
    heard: list[Unavailable | None] = []
    await asyncio.to_thread(tell, [Waiter(asyncio.get_running_loop(), heard.append)], "the disk is full")
    await asyncio.sleep(0)

    assert [str(trouble) for trouble in heard] == [str(refused("the disk is full"))]
    assert refused("x").retry_after_s


def test_a_loop_that_is_closed_has_nobody_who_waits() -> None:
    """The thread that tells goes on."""
    loop = asyncio.new_event_loop()
    loop.close()
    heard: list[Unavailable | None] = []
    tell([Waiter(loop, heard.append)], None)

    assert heard == []
