"""A small pool of sandboxed workers. A worker that runs out of time is killed, one that dies is replaced; none answers more than a stated number of queries.
A query whose caller leaves may end by itself for a moment (`finishing`).

Waiting is bounded: past a limit a query is refused at once, so that a crowd never piles up behind a slow one.
"""

import asyncio
import contextlib
import os
from collections.abc import Sequence
from functools import partial

import msgspec

from headgate.core.errors import BadRequest, GatewayError, Unavailable
from headgate.storage.query import duckdb_errors
from headgate.storage.query.finishing import Finishing, answered
from headgate.storage.query.piped_process import PipedProcess
from headgate.storage.query.protections import Protections
from headgate.storage.query.worker_messages import Job, JobAnswer, WorkerSettings
from headgate.storage.turns import Turns

_ANSWER_SLACK_BYTES = 64 << 20


class WorkerPoolSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How many workers, what they may read and use, and how many queries may wait. `cores` is how many the machine has: queries of one principal begin
    together as far as each finds cores for its threads. Without it any number do.
    """

    readable: tuple[str, ...]
    workers: int = 2
    memory_mb: int = 1024
    threads: int = 2
    cores: int = 0
    waiting_max: int = 128
    waiting_each_max: int = 20
    jobs_per_worker_max: int = 200


class QueryFailed(GatewayError):
    """A query ended without rows: out of time, out of memory, or its worker died. `code` tells which."""

    status = 400
    kind = "bad_request"


class WorkerPool:
    """Runs jobs. `close` ends the workers."""

    def __init__(self, settings: WorkerPoolSettings, protections: Protections | None = None) -> None:
        self._settings = settings
        self._protections = protections or Protections()
        new_max = max(1, settings.cores // settings.threads) if settings.cores else 0
        self._turns = Turns(settings.workers, settings.waiting_max, settings.waiting_each_max, new_max)
        self._idle: list[PipedProcess] = []
        self._finishing = Finishing()
        self._closed = False

    async def run(self, job: Job, timeout_s: float, principal: str = "") -> JobAnswer:
        """The answer. The time limit counts from here, and waiting for a worker is part of it."""
        if self._closed:
            raise Unavailable("Headgate is shutting down.", code="draining", retry_after_s=1.0)
        has_begun = False
        asked_s = asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(timeout_s) as limit, self._turns.turn(principal):
                has_begun = True
                waited_s = asyncio.get_running_loop().time() - asked_s
                return msgspec.structs.replace(await self._run(job, limit), waited_s=waited_s)
        except TimeoutError as error:
            if has_begun:
                raise QueryFailed(f"The query ran longer than {timeout_s:g} s and was stopped.", code="QUERY_TIMEOUT") from error
            raise Unavailable("Every query worker stayed busy for the whole time limit.", code="QUERY_QUEUE_FULL", retry_after_s=1.0) from error

    async def close(self) -> None:
        """End every idle worker; busy ones end with their query."""
        self._closed = True
        await self._finishing.close()
        while self._idle:
            await self._idle.pop().kill()

    async def warm(self, count: int) -> None:
        """Start workers ahead of the first query. They get ready by themselves."""
        while len(self._idle) < min(count, self._settings.workers) and not self._closed:
            self._idle.append(await self._start())

    async def _run(self, job: Job, limit: asyncio.Timeout) -> JobAnswer:
        worker = self._idle.pop() if self._idle else await self._start()
        asking = asyncio.ensure_future(self._ask(worker, job))
        return await self._finishing.answer(asking, limit, partial(self._put_back, worker, asking))

    async def _put_back(self, worker: PipedProcess, asking: asyncio.Future[JobAnswer]) -> None:
        """Keep a worker that has answered and can go on; end any other one."""
        answer = answered(asking)
        worn = worker.jobs >= self._settings.jobs_per_worker_max or len(self._idle) >= self._settings.workers
        if answer is None or answer.failure in {"memory", "internal"} or worn or self._closed:
            asking.cancel()
            await worker.kill()
            await self._replace()
        else:
            self._idle.append(worker)

    async def _ask(self, worker: PipedProcess, job: Job) -> JobAnswer:
        try:
            await worker.ready()
            self._protections.check(worker.protections)
            worker.jobs += 1
            await worker.send(msgspec.msgpack.encode(job))
            return msgspec.msgpack.decode(await worker.receive(job.byte_limit * 2 + _ANSWER_SLACK_BYTES), type=JobAnswer)
        except (EOFError, ConnectionError, asyncio.IncompleteReadError) as error:
            raise QueryFailed("The query's process died, most likely for lack of memory.", code="QUERY_WORKER_DIED") from error

    async def _replace(self) -> None:
        """Start the next worker now, so that it is ready before a query needs it."""
        if not self._closed and len(self._idle) < self._settings.workers:
            with contextlib.suppress(OSError):
                self._idle.append(await self._start())

    async def _start(self) -> PipedProcess:
        settings = self._settings
        given = WorkerSettings(readable=settings.readable, parent_pid=os.getpid(), memory_mb=settings.memory_mb, threads=settings.threads)
        return await PipedProcess.start("headgate.storage.query.worker_process", given)


def failure(answer: JobAnswer) -> GatewayError:
    """The error that a failed answer becomes."""
    match answer.failure:
        case "statement":
            code, message = duckdb_errors.classified(answer.message) or ("BAD_REQUEST", answer.message)
            return BadRequest(message, code=code)
        case "refused":
            return BadRequest(f"[UNSUPPORTED_FEATURE] {answer.message}.", code="UNSUPPORTED_FEATURE")
        case "memory":
            return QueryFailed(f"The query was stopped: {answer.message}.", code="QUERY_OUT_OF_MEMORY")
        case _:
            return QueryFailed(f"The query failed inside the engine: {answer.message}", code="QUERY_ENGINE_FAILED")


__all__: Sequence[str] = ("QueryFailed", "WorkerPool", "WorkerPoolSettings", "failure")
