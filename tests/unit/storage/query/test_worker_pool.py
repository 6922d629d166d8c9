"""The pool of workers."""

import asyncio
import os
import signal

import pytest

from headgate.core.errors import BadRequest, Unavailable
from headgate.storage.query import finishing
from headgate.storage.query.engine import Engine
from headgate.storage.query.worker_messages import Job, JobAnswer
from headgate.storage.query.worker_pool import QueryFailed, WorkerPool, WorkerPoolSettings, failure


def _job(sql):
    return Job(sql=sql, views=(), paths=(), row_limit=10, byte_limit=1000)


ENDLESS = "SELECT count(*) FROM range(1000000000) a, range(1000000) b"


@pytest.fixture
async def pool(tmp_path):
    """One worker, few may wait."""
    made = WorkerPool(WorkerPoolSettings(readable=(str(tmp_path),), workers=1, memory_mb=128, threads=1, waiting_max=1, jobs_per_worker_max=2))
    yield made
    await made.close()


async def test_it_heals_after_every_way_to_end(pool):
    """Out of time, killed from outside, out of memory, worn out: the next query is answered."""
    await pool.warm(9)
    assert (await pool.run(_job("SELECT 1"), 30)).row_count == 1
    assert "limits" not in pool._protections.missing
    with pytest.raises(QueryFailed, match=r"longer than 0.2 s"):
        await pool.run(_job(ENDLESS), 0.2)
    for _ in range(3):
        assert (await pool.run(_job("SELECT 1"), 30)).row_count == 1
    assert (await pool.run(_job("SELECT list(range) FROM range(1000000000)"), 30)).failure == "memory"
    os.kill(pool._idle[-1]._process.pid, signal.SIGKILL)
    with pytest.raises(QueryFailed, match="process died"):
        await pool.run(_job("SELECT 1"), 30)
    assert (await pool.run(_job("SELECT 1"), 30)).row_count == 1


async def test_an_answer_says_how_long_it_waited(pool):
    """For the queries before it: the first one waits for none."""
    first, second = await asyncio.gather(pool.run(_job("SELECT 1"), 30), pool.run(_job("SELECT 2"), 30))
    assert second.waited_s > first.waited_s


@pytest.mark.parametrize(("cores", "together"), [(0, 2), (1, 1), (3, 1), (4, 2), (16, 2)])
async def test_queries_of_one_principal_begin_as_far_as_there_are_cores(monkeypatch, cores, together):
    """Each has two threads; one worker is for somebody else."""
    made = WorkerPool(WorkerPoolSettings(readable=(), workers=3, cores=cores))
    at_work, free = [], asyncio.Event()

    async def run(job, _limit):
        at_work.append(job)
        await free.wait()
        return JobAnswer()

    monkeypatch.setattr(made, "_run", run)
    async with asyncio.TaskGroup() as group:
        for _ in range(4):
            group.create_task(made.run(_job("SELECT 1"), 30, "ana"))
        for _ in range(9):
            await asyncio.sleep(0)
        assert len(at_work) == together
        free.set()
    assert len(at_work) == 4


async def test_waiting_is_bounded(pool):
    """Past the limit a query is refused at once, and so is one that waited its whole time."""
    await pool.warm(9)
    async with asyncio.TaskGroup() as group:
        busy = group.create_task(_outcome(pool.run(_job(ENDLESS), 1.5)))
        await asyncio.sleep(0)
        waiting = group.create_task(_outcome(pool.run(_job("SELECT 1"), 0.3)))
        await asyncio.sleep(0)
        crowd = group.create_task(_outcome(pool.run(_job("SELECT 1"), 30)))

    assert [type(task.result()) for task in (busy, waiting, crowd)] == [QueryFailed, Unavailable, Unavailable]


async def test_cancelling_a_query_ends_its_work(pool):
    """It has a moment to end by itself, then the worker is gone. The caller and the pool go on meanwhile."""
    await pool.warm(9)
    assert (await pool.run(_job("SELECT 1"), 30)).row_count == 1
    worker = pool._idle[-1]._process
    async with asyncio.TaskGroup() as group:
        task = group.create_task(pool.run(_job(ENDLESS), 30))
        await asyncio.sleep(0.2)
        task.cancel()

    assert (await pool.run(_job("SELECT 1"), 30)).row_count == 1
    assert await asyncio.wait_for(worker.wait(), 10) == -signal.SIGKILL


async def test_a_short_query_whose_caller_leaves_costs_no_worker(pool, monkeypatch):
    """It ends by itself, and its worker answers the next one."""
    monkeypatch.setattr(finishing, "FINISH_S", 60)
    await pool.warm(9)
    worker = pool._idle[-1]
    task = asyncio.ensure_future(pool.run(_job("SELECT 1"), 30))
    async with asyncio.timeout(30):
        while not worker.jobs:
            await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.gather(*pool._finishing._going_on)
    assert pool._idle == [worker]
    assert (await pool.run(_job("SELECT 1"), 30)).row_count == 1


async def test_a_pool_that_closes_waits_for_no_caller_that_left(pool, monkeypatch):
    """The worker is ended at once, and no other one takes its place."""
    monkeypatch.setattr(finishing, "FINISH_S", 60)
    await pool.warm(9)
    worker = pool._idle[-1]
    task = asyncio.ensure_future(pool.run(_job(ENDLESS), 30))
    async with asyncio.timeout(30):
        while not worker.jobs:
            await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await pool.close()
    assert worker._process.returncode == -signal.SIGKILL
    assert pool._idle == []


async def test_a_closed_pool_refuses(pool):
    """Nothing is started while the process stops."""
    await pool.close()
    with pytest.raises(Unavailable):
        await pool.run(_job("SELECT 1"), 1)


async def _outcome(run):
    try:
        return await run
    except (QueryFailed, Unavailable) as error:
        return error


@pytest.mark.parametrize(("kind", "error"), [("statement", BadRequest), ("refused", BadRequest), ("memory", QueryFailed), ("internal", QueryFailed)])
def test_failures_have_names(kind, error):
    """What the worker says becomes what the client is told."""
    assert type(failure(JobAnswer(failure=kind, message="x"))) is error


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        ("SELECT missing FROM (SELECT 1 AS a) t", "UNRESOLVED_COLUMN"),
        ("SELECT t.missing FROM (SELECT 1 AS a) t", "UNRESOLVED_COLUMN"),
        ("SELECT u.a FROM (SELECT 1 AS a) t", "UNRESOLVED_COLUMN"),
        ("SELECT s.missing FROM (SELECT {'a': 1} AS s) t", "UNRESOLVED_COLUMN"),
        ("SELECT a, count(*) FROM (SELECT 1 AS a) t", "MISSING_AGGREGATION"),
        ("SELECT {'a': 1} + 1", "BAD_REQUEST"),
    ],
)
def test_a_missing_column_has_its_code(sql, code):
    """In whatever words the engine says so; other mistakes of a statement keep the engine's words as they are."""
    error = failure(Engine(64, 1).answer(_job(sql)))
    assert error.code == code
    assert error.message.startswith("Binder Error: " if code == "BAD_REQUEST" else f"[{code}] ")
