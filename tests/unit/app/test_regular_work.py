"""What is repeated in a serving process goes on whatever a part of it does."""

import asyncio

import pytest

from headgate.app import regular_work
from headgate.app.regular_work import RegularWork, WorkSteps
from tests.fakes.ports import FakeClock


class Steps:
    """Work that counts; what is in `broken` raises."""

    def __init__(self):
        self.done = []
        self.broken = set()
        self.stuck = asyncio.Event()

    def step(self, name):
        """A step that notes its name."""

        def run():
            if name in self.broken:
                raise FileNotFoundError(2, "No such file or directory")
            self.done.append(name)

        return run

    def follow(self, name):
        """The same, awaited."""

        async def run():
            self.step(name)()
            if name == "files":
                await self.stuck.wait()

        return run


@pytest.fixture
def steps():
    """The work of the test."""
    return Steps()


@pytest.fixture
def clock():
    """A clock that moves only when told to."""
    return FakeClock()


@pytest.fixture
def work(steps, clock):
    """Two steps and two states that are followed."""
    return RegularWork(
        WorkSteps({name: steps.step(name) for name in ("first", "second")}, {name: steps.follow(name) for name in ("files", "tokens")}),
        clock,
    )


def test_a_step_that_raises_ends_no_other(work, steps):
    """Neither in this round nor in the next; the round is whole all the same."""
    steps.broken.add("first")
    work.round()
    work.round()

    assert steps.done == ["second", "second"]
    assert not work.late
    assert work.failing() == ["first: FileNotFoundError: [Errno 2] No such file or directory"]


async def test_a_state_that_waits_holds_up_no_other(work, steps, clock, monkeypatch):
    """A configuration on a disk that does not answer must not keep revoked tokens alive."""
    monkeypatch.setattr(regular_work, "_TICK_S", 0)
    work.start()
    for _ in range(20):
        await asyncio.sleep(0)
    clock.now_s += 11
    while steps.done.count("tokens") < 50:
        await asyncio.sleep(0)
    waiting = work.failing()
    await work.stop()

    assert steps.done.count("files") == 1
    assert waiting == ["files: has not come to an end for more than 10 s"]


async def test_a_state_that_fails_is_looked_at_again(work, steps, monkeypatch):
    """And what failed is told as long as it does."""
    monkeypatch.setattr(regular_work, "_TICK_S", 0)
    steps.broken.add("tokens")
    work.start()
    while not work.failing():
        await asyncio.sleep(0)
    steps.broken.clear()
    while "tokens" not in steps.done:
        await asyncio.sleep(0)
    await asyncio.sleep(0)
    healed = work.failing()
    await work.stop()

    assert healed == []


async def test_without_a_round_the_process_is_late(work, clock):
    """It says so: nothing would end abandoned streams or send keep-alives."""
    work.start()
    clock.now_s += 6
    late = work.late
    work.round()
    await work.stop()

    assert late == "The regular work of the serving process has stopped."
    assert not work.late
