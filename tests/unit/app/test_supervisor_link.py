"""What the supervisor and a serving process tell each other."""

import asyncio
import os

import pytest

from headgate.app.options import Ready
from headgate.app.supervisor_link import Restarts, ServingEnd, Start, SupervisorEnd
from headgate.config.load import WrittenFile

READY = Ready(url="http://127.0.0.1:1", data_dir="/d", config_path="", providers=[], endpoints=0)


@pytest.fixture
def ends():
    """Both ends of one link."""
    ours = SupervisorEnd.pair()
    theirs = ServingEnd(os.dup(ours.theirs.fileno()))
    ours.theirs.close()
    yield ours, theirs
    ours.close()
    theirs.close()


async def until(holds):
    """Give the event loop steps until it holds."""
    async with asyncio.timeout(10):
        while not holds():
            await asyncio.sleep(0)


async def test_what_a_process_starts_with_comes_first_whatever_its_size(ends):
    """Larger than a socket holds; what is sent after it is not mixed up with it."""
    ours, theirs = ends
    start = Start({f"NAME_{number}": "v" * 50_000 for number in range(20)}, WrittenFile("/h.toml", "a = 1\n" * 50_000))
    ours.send(start)
    ours.send(Restarts(serving=1))
    reading = asyncio.ensure_future(asyncio.to_thread(theirs.begin))
    async with asyncio.timeout(10):
        while not reading.done():
            ours.look()
            await asyncio.sleep(0)
    theirs.start(asyncio.get_running_loop())
    at_once = theirs.restarts
    ours.send(Restarts(serving=1, flusher=2, at_s=5.0))
    await until(lambda: theirs.restarts.flusher)

    assert await reading == start
    assert at_once == Restarts(serving=1)
    assert theirs.restarts == Restarts(serving=1, flusher=2, at_s=5.0)


async def test_what_was_found_is_heard_among_heartbeats(ends):
    """In any number of pieces; a heartbeat alone is heard as one."""
    ours, theirs = ends
    theirs.start(asyncio.get_running_loop())
    theirs.beat()
    heard = [ours.look(), ours.look()]
    theirs.report(READY)
    theirs.beat()
    ours.look()

    assert heard == [True, False]
    assert ours.ready == READY


async def test_an_accepted_configuration_is_heard_whatever_its_size(ends):
    """Larger than a socket holds: the event loop does not wait, heartbeats send the rest, and what comes later is not mixed up with it."""
    ours, theirs = ends
    theirs.start(asyncio.get_running_loop())
    large = WrittenFile("/h.toml", "a = 1\n" * 150_000, {"file:key": "sk"})
    theirs.report(READY)
    theirs.report(large)
    unfinished = ours.accepted
    async with asyncio.timeout(10):
        while ours.accepted is None:
            theirs.beat()
            ours.look()
    heard = ours.accepted
    theirs.report(WrittenFile("/h.toml", "b = 2"))
    ours.look()

    assert (unfinished, heard, ours.ready) == (None, large, READY)
    assert ours.accepted == WrittenFile("/h.toml", "b = 2")


def test_keys_are_not_in_what_is_printed():
    """A traceback or a log line may print either of them."""
    file = WrittenFile("/h.toml", "text", {"file:key": "sk-secret"})

    assert "sk-secret" not in f"{file!r} {Start({'KEY': 'sk-secret'}, file)!r}"


async def test_a_supervisor_that_reads_nothing_holds_up_no_heartbeat(ends):
    """However many there are: the event loop has its clients to serve."""
    _, theirs = ends
    theirs.start(asyncio.get_running_loop())
    for _ in range(20_000):
        theirs.beat()


async def test_a_supervisor_that_has_gone_is_no_error(ends):
    """The process ends by other means; until then neither side of the link raises."""
    ours, theirs = ends
    theirs.start(asyncio.get_running_loop())
    ours.close()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    theirs.beat()
    theirs.report(READY)
    with pytest.raises(OSError, match="gone"):
        theirs.begin()


def test_a_serving_process_that_has_gone_is_no_error(ends):
    """Its exit is seen by other means."""
    ours, theirs = ends
    theirs.close()
    ours.send(Restarts(serving=1))

    assert not ours.look()
