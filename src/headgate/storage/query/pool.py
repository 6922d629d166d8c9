"""A small pool of sandboxed workers. A worker that runs out of time is killed, one that dies is replaced; none answers more than a stated number of queries.

Waiting is bounded: past a limit a query is refused at once, so that a crowd never piles up behind a slow one.
"""

import asyncio
import contextlib
import os
import re
import signal
import sys
from collections.abc import Sequence

import msgspec

from headgate.core.errors import BadRequest, GatewayError, Unavailable
from headgate.storage.query.frames import LENGTH, Answer, Hello, Job, encode
from headgate.storage.query.worker import Settings

_START_TIMEOUT_S = 30.0
_ANSWER_SLACK_BYTES = 64 << 20
_BINDER = "Binder Error: "
_NO_COLUMN = re.compile(rf"{_BINDER}(?:Referenced (?:column|table) .* not found|.* does not have a column named |Could not find key )")


class PoolSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How many workers, what they may read and use, and how many queries may wait."""

    readable: tuple[str, ...]
    workers: int = 2
    memory_mb: int = 1024
    threads: int = 2
    waiting_max: int = 64
    jobs_per_worker_max: int = 200


class QueryFailed(GatewayError):
    """A query ended without rows: out of time, out of memory, or its worker died. `code` tells which."""

    status = 400
    kind = "bad_request"


class QueryPool:
    """Runs jobs. `close` ends the workers."""

    def __init__(self, settings: PoolSettings) -> None:
        self._settings = settings
        self._free = asyncio.Semaphore(settings.workers)
        self._idle: list[_Worker] = []
        self._waiting = 0
        self._closed = False
        self.protections: tuple[str, ...] = ()

    async def run(self, job: Job, timeout_s: float) -> Answer:
        """The answer. The time limit counts from when a worker takes the job; waiting for one has the same limit."""
        if self._closed or self._waiting >= self._settings.waiting_max:
            raise Unavailable("Too many queries are waiting; try again shortly.", code="QUERY_QUEUE_FULL", retry_after_s=1.0)
        self._waiting += 1
        try:
            await asyncio.wait_for(self._free.acquire(), timeout_s)
        except TimeoutError as error:
            raise Unavailable("Every query worker stayed busy for the whole time limit.", code="QUERY_QUEUE_FULL", retry_after_s=1.0) from error
        finally:
            self._waiting -= 1
        try:
            return await self._run(job, timeout_s)
        finally:
            self._free.release()

    async def close(self) -> None:
        """End every idle worker; busy ones end with their query."""
        self._closed = True
        while self._idle:
            await self._idle.pop().kill()

    async def warm(self) -> None:
        """Start the workers ahead of the first query."""
        while len(self._idle) < self._settings.workers and not self._closed:
            self._idle.append(await self._start())

    async def _run(self, job: Job, timeout_s: float) -> Answer:
        worker = self._idle.pop() if self._idle else await self._start()
        kept = False
        try:
            await worker.ready()
            self.protections = worker.protections
            answer = await asyncio.wait_for(worker.ask(job), timeout_s)
            kept = worker.jobs < self._settings.jobs_per_worker_max and answer.failure not in {"memory", "internal"}
        except TimeoutError as error:
            raise QueryFailed(f"The query ran longer than {timeout_s:g} s and was stopped.", code="QUERY_TIMEOUT") from error
        except (EOFError, ConnectionError, asyncio.IncompleteReadError) as error:
            raise QueryFailed("The query's process died, most likely for lack of memory.", code="QUERY_WORKER_DIED") from error
        finally:
            if kept and not self._closed:
                self._idle.append(worker)
            else:
                await worker.kill()
                await self._replace()
        return answer

    async def _replace(self) -> None:
        """Start the next worker now; it gets ready while nobody waits for it."""
        if not self._closed and len(self._idle) < self._settings.workers:
            with contextlib.suppress(OSError):
                self._idle.append(await self._start())

    async def _start(self) -> "_Worker":
        settings = self._settings
        given = Settings(readable=settings.readable, parent_pid=os.getpid(), memory_mb=settings.memory_mb, threads=settings.threads)
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-I", "-B", "-m", "headgate.storage.query.worker", msgspec.json.encode(given).decode(),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
            env={"LANG": "C.UTF-8", "TZ": "UTC"}, cwd="/", start_new_session=True,
        )  # fmt: skip
        return _Worker(process)


class _Worker:
    """One process and the pipes to it."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        if process.stdin is None or process.stdout is None:
            raise ValueError("a worker is spoken to over pipes")
        self._process = process
        self._write, self._read = process.stdin, process.stdout
        self.protections: tuple[str, ...] = ()
        self._greeted = False
        self.jobs = 0

    async def ready(self) -> None:
        """Wait until it has closed its sandbox."""
        if not self._greeted:
            hello = await asyncio.wait_for(self._frame(1 << 16), _START_TIMEOUT_S)
            self.protections = msgspec.msgpack.decode(hello, type=Hello).protections
            self._greeted = True

    async def ask(self, job: Job) -> Answer:
        """Send a job and read its answer."""
        self.jobs += 1
        self._write.write(encode(job))
        await self._write.drain()
        return msgspec.msgpack.decode(await self._frame(job.byte_limit * 2 + _ANSWER_SLACK_BYTES), type=Answer)

    async def kill(self) -> None:
        """End it at once and wait for that."""
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGKILL)
        self._write.close()
        await self._process.wait()

    async def _frame(self, limit: int) -> bytes:
        (length,) = LENGTH.unpack(await self._read.readexactly(LENGTH.size))
        if length > limit:
            raise ConnectionError("a worker's frame is larger than any answer")
        return await self._read.readexactly(length)


def failure(answer: Answer) -> GatewayError:
    """What a failed answer means to whoever asked."""
    match answer.failure:
        case "statement" if _NO_COLUMN.match(answer.message):
            return BadRequest(f"[UNRESOLVED_COLUMN] {answer.message.removeprefix(_BINDER)}", code="UNRESOLVED_COLUMN")
        case "statement":
            return BadRequest(answer.message, code="BAD_REQUEST")
        case "refused":
            return BadRequest(f"[UNSUPPORTED_FEATURE] {answer.message}.", code="UNSUPPORTED_FEATURE")
        case "memory":
            return QueryFailed(f"The query was stopped: {answer.message}.", code="QUERY_OUT_OF_MEMORY")
        case _:
            return QueryFailed(f"The query failed inside the engine: {answer.message}", code="QUERY_ENGINE_FAILED")


__all__: Sequence[str] = ("PoolSettings", "QueryFailed", "QueryPool", "failure")
