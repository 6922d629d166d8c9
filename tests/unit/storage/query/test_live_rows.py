"""Rows that many queries read are computed once."""

import asyncio

import pytest

from headgate.admin.statement_ports import TablePart, TableSource, ViewSource
from headgate.catalog.names import Name
from headgate.catalog.types import Structure
from headgate.storage.query.live_rows import InsideLive, LiveRows, live_query
from headgate.storage.query.worker_messages import Job, JobAnswer
from headgate.storage.query.worker_pool import QueryFailed

NAME = Name(("system", "ai_gateway", "live"))
SOURCE = TableSource(NAME, "", Structure(()), part=TablePart(NAME, "live", text="SELECT 5 AS five"))


def job(sql):
    """A query over nothing."""
    return Job(sql=sql, views=(), paths=(), row_limit=1, byte_limit=1)


class Worker:
    """Answers when it may, and counts."""

    def __init__(self, **answer):
        self.asked = []
        self.may = asyncio.Event()
        self._answer = answer

    async def run(self, asked):
        """The answer of one job."""
        self.asked.append(asked.sql)
        await self.may.wait()
        return JobAnswer(**{"arrow": asked.sql.encode(), **self._answer})


class FakeLease:
    """Knows whether it was closed."""

    closed = 0

    def close(self):
        """Close it."""
        self.closed += 1


async def test_the_same_job_is_answered_once():
    """For all that ask meanwhile, and those that ask later; another job of the same relation is another answer."""
    live, worker, leases = LiveRows(), Worker(), [FakeLease() for _ in range(3)]
    both = [asyncio.ensure_future(live.rows(NAME, job("a"), lease, worker.run)) for lease in leases[:2]]
    worker.may.set()

    assert await asyncio.gather(*both) == [b"a", b"a"]
    assert await live.rows(NAME, job("a"), None, worker.run) == b"a"
    assert await live.rows(NAME, job("b"), leases[2], worker.run) == b"b"
    assert worker.asked == ["a", "b"]
    assert [lease.closed for lease in leases] == [1, 1, 1]


async def test_it_goes_on_when_a_caller_leaves():
    """The others get their rows."""
    live, worker = LiveRows(), Worker()
    first, second = (asyncio.ensure_future(live.rows(NAME, job("a"), None, worker.run)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    worker.may.set()

    assert await second == b"a"
    assert worker.asked == ["a"]


async def test_what_went_wrong_is_asked_again():
    """A failure is each caller's, and so are rows that were cut off; the first is not remembered."""
    live, broken = LiveRows(), Worker(failure="memory", message="too much")
    broken.may.set()
    for _ in range(2):
        with pytest.raises(QueryFailed, match="too much"):
            await live.rows(NAME, job("a"), None, broken.run)
    cut = Worker(truncated=True)
    cut.may.set()

    assert broken.asked == ["a", "a"]
    with pytest.raises(QueryFailed, match="too many"):
        await live.rows(NAME, job("a"), None, cut.run)


def test_the_name_means_the_text():
    """In the query of the relation; names in the text mean what they mean inside of Headgate's views."""

    class Inside:
        def resolve_inside(self, view, name):
            return (view, name)

    relations = InsideLive(SOURCE, Inside())
    view = relations.resolve(NAME)

    assert live_query(SOURCE).text == "SELECT * FROM system.ai_gateway.live"
    assert view == ViewSource(NAME, "SELECT 5 AS five")
    assert relations.resolve_inside(view, NAME) == (view, NAME)
