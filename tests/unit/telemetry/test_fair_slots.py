"""FairSlots to work at, shared fairly."""

import asyncio
import threading

import pytest

from headgate.telemetry.fair_slots import FairSlots


class Work:
    """Works that end when they are told to, and who has begun."""

    def __init__(self, places: FairSlots) -> None:
        self.places = places
        self.begun: list[str] = []
        self.ended: list[str] = []
        self.held = 0
        self._gates: list[threading.Event] = []

    def start(self, caller: str) -> "asyncio.Task[str]":
        """One more work of a caller."""
        gate = threading.Event()
        self._gates.append(gate)

        def begin():
            self.begun.append(caller)
            self.held += 1

            def end():
                self.held -= 1

            return end

        def work():
            gate.wait(20)
            self.ended.append(caller)
            return caller

        return asyncio.ensure_future(self.places.run(caller, work, begin))

    def finish(self, number: int) -> None:
        """Let the work of this number end."""
        self._gates[number].set()

    def finish_all(self) -> None:
        """Let every work end."""
        for gate in self._gates:
            gate.set()


async def turns() -> None:
    """Let the loop run."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_one_caller_never_has_more_than_its_share():
    """Who came later and has none goes first."""
    work = Work(FairSlots(2, 1))
    tasks = [work.start(caller) for caller in ("mallory", "mallory", "mallory", "ada", "bob")]
    await turns()
    assert work.begun == ["mallory", "ada"]
    assert (work.places.waiting_of("mallory"), work.places.waiting_of("bob")) == (2, 1)
    work.finish(3)
    await tasks[3]
    await turns()
    assert work.begun == ["mallory", "ada", "bob"]
    work.finish_all()
    assert await asyncio.gather(*tasks) == ["mallory", "mallory", "mallory", "ada", "bob"]
    await turns()
    assert work.held == 0


async def test_a_place_is_taken_until_its_thread_is_done():
    """A caller that goes away, as gRPC's do, makes no room for another thread."""
    work = Work(FairSlots(1, 1))
    first, second, third = work.start("a"), work.start("b"), work.start("c")
    await turns()
    first.cancel()
    second.cancel()
    await turns()
    assert (work.begun, work.held) == (["a"], 1)
    work.finish_all()
    assert await third == "c"
    assert work.ended == ["a", "c"]
    await turns()
    assert (work.held, work.places._free, dict(work.places._at_work)) == (0, 1, {})


async def test_a_work_that_is_refused_or_fails_gives_its_place_back():
    """To the next."""
    places = FairSlots(1, 1)

    def refuse():
        raise MemoryError

    def fail():
        raise ValueError("no")

    with pytest.raises(MemoryError):
        await places.run("a", str, refuse)
    with pytest.raises(ValueError, match="no"):
        await places.run("a", fail, lambda: str)
    assert await places.run("a", lambda: 7, lambda: lambda: None) == 7
