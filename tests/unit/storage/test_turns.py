"""Places that principals take in turn."""

import asyncio
import contextlib

import pytest

from headgate.core.errors import Unavailable
from headgate.storage import turns as turns_module
from headgate.storage.turns import Turns


class Runs:
    """Runs that last until they are let go; remembers who began, in order."""

    def __init__(self, turns):
        self._turns = turns
        self.began = []
        self._ends = []
        self._tasks = []

    async def start(self, *principals):
        """Ask for a place for each."""
        for principal in principals:
            self._tasks.append(asyncio.create_task(self._run(principal)))
            await asyncio.sleep(0)
        return self._tasks[-1]

    async def end_first(self):
        """End the run that has lasted longest."""
        self._ends.pop(0).set()
        for _ in range(4):
            await asyncio.sleep(0)

    async def close(self):
        """End everything."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _run(self, principal):
        async with self._turns.turn(principal):
            self.began.append(principal)
            end = asyncio.Event()
            self._ends.append(end)
            await end.wait()


@pytest.fixture
async def three():
    """Three places; four may wait, two of them of one principal."""
    made = Runs(Turns(3, waiting_max=4, waiting_each_max=2))
    yield made
    await made.close()


async def test_one_principal_never_holds_every_place(three):
    """The last place is for somebody else, however much one asks for."""
    await three.start("ana", "ana", "ana")
    assert three.began == ["ana", "ana"]

    await three.start("bob")
    assert three.began == ["ana", "ana", "bob"]


async def test_those_who_wait_are_served_round_robin(three):
    """Not in the order in which they came: many statements of one do not go before another's first."""
    await three.start("ana", "ana", "bob", "ana", "ana", "bob", "cleo")
    for _ in range(4):
        await three.end_first()

    assert three.began == ["ana", "ana", "bob", "ana", "bob", "cleo", "ana"]


async def test_the_only_place_is_for_everybody():
    """Where there is one there is nothing to leave to others."""
    runs = Runs(Turns(1, waiting_max=4, waiting_each_max=2))
    await runs.start("ana", "ana", "bob")
    await runs.end_first()
    await runs.end_first()

    assert runs.began == ["ana", "ana", "bob"]
    await runs.close()


async def test_waiting_is_bounded_for_each_and_for_all(three):
    """Past either bound one is refused at once; others may still wait."""
    await three.start("ana", "ana", "bob", "ana", "ana")
    refused = await three.start("ana")
    with pytest.raises(Unavailable, match="of yours are waiting"):
        await refused
    await three.start("bob", "cleo")
    refused = await three.start("dan")
    with pytest.raises(Unavailable, match="Too many queries are waiting"):
        await refused


async def test_whoever_stops_waiting_takes_no_place(three):
    """Before its turn, and in the very step in which its turn comes."""
    await three.start("ana", "ana", "bob")
    waiting = await three.start("cleo")
    waiting.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await waiting
    turn = await three.start("dan")
    three._ends.pop(0).set()
    while not turn.done() and "dan" not in three._turns._running:
        await asyncio.sleep(0)
    turn.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await turn

    await three.start("eve")
    assert three.began[-1] == "eve"


@pytest.mark.parametrize("who", ["cleo", "ana"])
async def test_a_caller_that_leaves_in_the_step_in_which_a_place_becomes_free(three, who):
    """The place goes to the next, whether that is another principal or the same."""
    await three.start("ana", "ana", "bob")
    leaving = await three.start("cleo")
    await three.start(who)
    ending = three._tasks[0]
    ending.cancel()
    leaving.cancel()
    await asyncio.gather(leaving, ending, return_exceptions=True)
    await asyncio.sleep(0)

    assert three.began == ["ana", "ana", "bob", who]
    assert three._turns._queues == {}


async def test_of_one_principal_the_earliest_due_is_next():
    """Whatever came first; of the same due the order of arrival counts."""
    turns, began = Turns(2, 9, 9), []
    free = asyncio.Event()

    async def run(name, due):
        async with turns.turn("ana", due):
            began.append(name)
            await free.wait()

    tasks = []
    for name, due in (("running", 9.0), ("slow", 5.0), ("quick", 1.0), ("slow too", 5.0), ("left", 0.5)):
        tasks.append(asyncio.create_task(run(name, due)))
        await asyncio.sleep(0)
    tasks.pop().cancel()
    await asyncio.sleep(0)
    free.set()
    await asyncio.gather(*tasks)
    assert began == ["running", "quick", "slow", "slow too"]


async def test_the_next_of_one_principal_begins_when_the_first_has_ended():
    """Another principal's begins beside it."""
    runs = Runs(Turns(3, waiting_max=9, waiting_each_max=9, new_max=1))
    await runs.start("ana", "ana", "ana", "bob")
    assert runs.began == ["ana", "bob"]
    await runs.end_first()
    assert runs.began == ["ana", "bob", "ana"]
    await runs.end_first()
    assert runs.began == ["ana", "bob", "ana"]
    await runs.end_first()
    assert runs.began == ["ana", "bob", "ana", "ana"]
    await runs.close()
    assert (runs._turns._free, runs._turns._running, runs._turns._new) == (3, {}, {})


async def test_the_next_of_one_principal_begins_when_the_first_has_run_for_a_while(monkeypatch):
    """Beside it, as far as one principal has places."""
    monkeypatch.setattr(turns_module, "ALONE_S", 0.01)
    runs = Runs(Turns(3, waiting_max=9, waiting_each_max=9, new_max=1))
    await runs.start("ana", "ana", "ana")
    assert runs.began == ["ana"]
    while len(runs.began) < 2 or runs._turns._new:
        await asyncio.sleep(0.01)
    assert runs.began == ["ana", "ana"]
    await runs.end_first()
    assert runs.began == ["ana", "ana", "ana"]
    await runs.close()
    assert (runs._turns._free, runs._turns._running, runs._turns._new) == (3, {}, {})
