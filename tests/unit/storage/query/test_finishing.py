"""Work whose caller leaves may end by itself for a moment."""

import asyncio

import pytest

from headgate.storage.query import finishing
from headgate.storage.query.finishing import Finishing, answered


class Work:
    """Something that is asked for, and what became of it when it was put back."""

    def __init__(self):
        self.asking = asyncio.get_running_loop().create_future()
        self.found = []

    async def put_back(self):
        """Note the answer; `None` where there is none yet."""
        self.found.append(answered(self.asking))


async def asked(going, work, timeout_s=60):
    """The answer of some work, within a time."""
    async with asyncio.timeout(timeout_s) as limit:
        return await going.answer(work.asking, limit, work.put_back)


async def leave(task):
    """Cancel a caller that waits."""
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_what_it_comes_to_reaches_the_caller():
    """An answer, or the error; it is put back before."""
    going, work, failing = Finishing(), Work(), Work()
    work.asking.set_result(5)
    assert await asked(going, work) == 5
    assert work.found == [5]
    failing.asking.set_exception(ValueError("no"))
    with pytest.raises(ValueError, match="no"):
        await asked(going, failing)
    assert failing.found == [None]


async def test_the_work_of_one_that_left_goes_on(monkeypatch):
    """Until it has ended; that of a second one that leaves meanwhile, and of one whose time is up, is ended at once."""
    monkeypatch.setattr(finishing, "FINISH_S", 60)
    going, work, second, late = Finishing(), Work(), Work(), Work()
    with pytest.raises(TimeoutError):
        await asked(going, late, 0)
    await leave(asyncio.ensure_future(asked(going, work)))
    await leave(asyncio.ensure_future(asked(going, second)))
    assert (late.found, work.found, second.found) == ([None], [], [None])
    work.asking.set_result(5)
    await asyncio.gather(*going._going_on)
    assert work.found == [5]


async def test_it_does_not_go_on_for_long(monkeypatch):
    """After the moment, or when all is closed, it is ended."""
    going, work, other = Finishing(), Work(), Work()
    monkeypatch.setattr(finishing, "FINISH_S", 0.01)
    await leave(asyncio.ensure_future(asked(going, work)))
    await asyncio.gather(*going._going_on)
    monkeypatch.setattr(finishing, "FINISH_S", 60)
    await leave(asyncio.ensure_future(asked(going, other)))
    await going.close()
    assert (work.found, other.found) == ([None], [None])
