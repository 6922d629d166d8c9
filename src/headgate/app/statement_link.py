"""The serving process' side of the statement process: starts it ahead of time or when a statement comes, speaks to it over pipes, and ends it when none comes for
long, unless it is kept.

What is said is a length and a MessagePack value, both ways; answers come in any order. A statement process that dies costs its statements and nothing else.
"""

import asyncio
import contextlib
import logging
import os
import struct
from collections.abc import Awaitable, Callable, Sequence

import msgspec

from headgate.admin.statement_ports import StatementCall
from headgate.app.child_process import ending_of
from headgate.core.error_value import ErrorValue
from headgate.core.errors import GatewayError, NotFound, Unavailable
from headgate.storage.child_end import end_child
from headgate.storage.table_tasks.environment import table_environment

LENGTH = struct.Struct("<Q")
_log = logging.getLogger("headgate.app")
_WAITING_MAX = 256
_BUFFER_BYTES = 1 << 20
_FRAME_BYTES_MAX = 256 << 20
_END_S = 5.0
IDLE_S = 3600.0


class CallFrame(msgspec.Struct, frozen=True, tag=True):
    """A call under way."""

    number: int
    call: StatementCall


class EndFrame(msgspec.Struct, frozen=True, tag=True):
    """The caller does not wait for this call any more: its work may end, and its answer is not read."""

    number: int


AskedFrame = CallFrame | EndFrame


class AnswerFrame(msgspec.Struct, frozen=True):
    """What came of a call."""

    number: int
    body: bytes = b""
    failed: ErrorValue | None = None
    unprotected: tuple[str, ...] = ()  # the protections that the sandbox of SQL lacks on this machine


def frame(value: AskedFrame | AnswerFrame) -> bytes:
    """A value as it is sent."""
    body = msgspec.msgpack.encode(value)
    return LENGTH.pack(len(body)) + body


async def read_frame(reader: asyncio.StreamReader) -> bytes:
    """The next value's bytes. Raises `IncompleteReadError` at the end."""
    (length,) = LENGTH.unpack(await reader.readexactly(LENGTH.size))
    if length > _FRAME_BYTES_MAX:
        raise ConnectionError("a frame is larger than any answer")
    return await reader.readexactly(length)


class StatementLink:
    """Implements `StatementService`. `command` starts the statement process, which ends after `idle_s` without a call, or is kept."""

    def __init__(self, command: Sequence[str], idle_s: float | None = IDLE_S) -> None:
        self._command = tuple(command)
        self._idle_s = idle_s
        self._process: _Process | None = None
        self.opening: Callable[[], Awaitable[StatementCall]] | None = None  # the first call to each process; none waits for its answer
        self._opened: asyncio.Future[None] | None = None
        self.unprotected: tuple[str, ...] = ()  # what the sandbox of SQL lacks on this machine, as far as a statement has shown
        self.restarts = 0  # how often it ended by itself and another one was started
        self._starting: asyncio.Task[_Process] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._ending: set[asyncio.Future[None]] = set()
        self._closed = False

    async def call(self, call: StatementCall) -> bytes:
        """The answer's body. A link is followed only to a process that runs: a stranger starts none."""
        process = self._process
        if process is None or not process.alive:
            if call.kind == "link":
                raise NotFound("This link has ended.", code="NOT_FOUND")
            process = await self._start()
        try:
            return await process.ask(call)
        finally:
            self.unprotected = process.unprotected or self.unprotected
            self._rest()

    def warm(self) -> None:
        """Start the process ahead of its first call, where none runs. Returns at once; a start that fails is tried again by the next call."""
        if not self._closed and self._starting is None and (self._process is None or not self._process.alive):
            self._start_soon()
            self._rest()

    async def close(self) -> None:
        """End the process."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
        if self._starting is not None:
            await asyncio.wait({self._starting})
        if self._opened is not None:
            self._opened.cancel()
        process, self._process = self._process, None
        if process is not None:
            await process.end()
        for ending in list(self._ending):
            await ending

    async def _start(self) -> "_Process":
        """The process, once it is there. One start serves all who wait for it, and goes on if one of them leaves."""
        if self._closed:
            raise Unavailable("Headgate is shutting down.", code="draining")
        return await asyncio.shield(self._starting or self._start_soon())

    def _start_soon(self) -> "asyncio.Task[_Process]":
        self._starting = asyncio.get_running_loop().create_task(self._begin())
        self._starting.add_done_callback(self._begun)
        return self._starting

    async def _begin(self) -> "_Process":
        old, self._process = self._process, None
        if old is not None:  # it ended by itself: one that is ended here is no longer the process
            self.restarts += 1
            _log.warning("statement process %s, and another one is started", await old.ended())
        return await _Process.start(self._command)

    def _begun(self, starting: "asyncio.Task[_Process]") -> None:
        self._starting = None
        if not starting.cancelled() and starting.exception() is None:
            self._process = starting.result()
            if self.opening is not None:
                self._opened = asyncio.ensure_future(_open(self._process, self.opening))

    def _rest(self) -> None:
        """Count from the last call."""
        if self._timer is not None:
            self._timer.cancel()
        if not self._closed and self._idle_s is not None:
            self._timer = asyncio.get_running_loop().call_later(self._idle_s, self._end_idle)

    def _end_idle(self) -> None:
        process = self._process
        if process is None or process.waiting:
            return
        self._process = None
        ending = asyncio.ensure_future(process.end())
        self._ending.add(ending)
        ending.add_done_callback(self._ending.discard)


async def _open(process: "_Process", opening: Callable[[], Awaitable[StatementCall]]) -> None:
    try:
        await process.ask(await opening())
    except GatewayError as error:
        _log.info("the first call to a statement process failed: %s", error.message)


class _Process:
    """One statement process and who waits for it."""

    def __init__(self, process: asyncio.subprocess.Process, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._process = process
        self._reader = reader
        self._writer = writer
        self._number = 0
        self._futures: dict[int, asyncio.Future[AnswerFrame]] = {}
        self._broken = False
        self.unprotected: tuple[str, ...] = ()
        self._reading = asyncio.ensure_future(self._read())

    @classmethod
    async def start(cls, command: Sequence[str]) -> "_Process":
        """Start one. It is ready when it answers."""
        pipe = asyncio.subprocess.PIPE
        environ = table_environment(os.environ)
        process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, limit=_BUFFER_BYTES, env=environ)
        if process.stdin is None or process.stdout is None:
            raise ValueError("the statement process is spoken to over pipes")
        return cls(process, process.stdout, process.stdin)

    @property
    def alive(self) -> bool:
        """Whether it still answers. One that dies loses one pipe after the other: none must be written to, or waited for, once one is gone."""
        return not (self._reading.done() or self._writer.is_closing() or self._broken) and self._process.returncode is None

    @property
    def waiting(self) -> int:
        """How many calls are under way."""
        return len(self._futures)

    async def ask(self, call: StatementCall) -> bytes:
        """Send a call and wait for its answer."""
        if len(self._futures) >= _WAITING_MAX:
            raise Unavailable("Too many statements are waiting; try again shortly.", code="TOO_MANY_STATEMENTS", retry_after_s=1.0)
        self._number += 1
        number = self._number
        future = self._futures[number] = asyncio.get_running_loop().create_future()
        try:
            self._writer.write(frame(CallFrame(number, call)))
            await self._writer.drain()
            answered = await future
        except ConnectionError as error:
            self._broken = True
            raise _died() from error
        except asyncio.CancelledError:
            if self.alive:
                self._writer.write(frame(EndFrame(number)))
            raise
        finally:
            self._futures.pop(number, None)
        if answered.failed is not None:
            raise answered.failed.error()
        return bytes(answered.body)

    async def ended(self) -> str:
        """End one that answers no more, and say how it ended; callers that still wait for it notice when its pipe ends."""
        return f"{self._process.pid} ended with {ending_of(await end_child(self._process))}"

    async def end(self) -> None:
        """Tell it to end, and end it if it does not."""
        self._writer.close()
        try:
            await asyncio.wait_for(self._process.wait(), _END_S)
        except TimeoutError:
            await end_child(self._process)
        self._reading.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._reading

    async def _read(self) -> None:
        decoder = msgspec.msgpack.Decoder(AnswerFrame)
        try:
            while True:
                answered = decoder.decode(await read_frame(self._reader))
                self.unprotected = answered.unprotected
                future = self._futures.get(answered.number)
                if future is not None and not future.done():
                    future.set_result(answered)
        except (asyncio.IncompleteReadError, ConnectionError, msgspec.DecodeError):
            pass
        finally:
            for future in self._futures.values():
                if not future.done():
                    future.set_exception(_died())


def _died() -> Unavailable:
    return Unavailable(
        "The process that runs statements has ended; the statement may be sent again.", code="STATEMENT_PROCESS_ENDED", retry_after_s=1.0
    )
