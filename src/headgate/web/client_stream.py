"""The client's stream over plain ASGI, for servers that do not offer the direct one: a bounded queue between plain calls and one coroutine.

The application calls `start`, `write`, `finish` from wherever it likes and awaits `drive`, which alone talks to the server.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, Final

from headgate.core.headers import Headers
from headgate.exchange.ports import ClientWatcher

Message = dict[str, Any]

_HIGH_BYTES: Final = 64 * 1024
_LOW_BYTES: Final = 16 * 1024
_QUEUE_BYTES_MAX: Final = 16 * 1024 * 1024  # beyond it the owner does not listen to `client_slow`, and the answer is broken off


class AsgiClientStream:
    """`ClientStream` over ASGI's `send` and `receive`. The request's body must have been received before `drive` is awaited.

    ASGI has no word for breaking an answer off: after `abort`, `drive` returns early and the server closes the connection on the incomplete answer.
    """

    def __init__(self, send: Callable[[Message], Awaitable[None]], receive: Callable[[], Awaitable[Message]]) -> None:
        self._send = send
        self._receive = receive
        self._queue: deque[Message] = deque()
        self._queued_bytes = 0
        self._news = asyncio.Event()
        self._begun = False
        self._over = False  # finished, aborted or gone: nothing is queued any more
        self._gone = False
        self._watcher: ClientWatcher | None = None
        self._told_slow = False

    def watch(self, watcher: ClientWatcher) -> None:
        """Name the one watcher, before `start`."""
        self._watcher = watcher
        if self._gone:
            asyncio.get_running_loop().call_soon(self._tell_gone)

    def start(self, status: int, headers: Headers) -> None:
        """Status and headers."""
        if self._begun:
            raise RuntimeError("the answer has begun already")
        self._begun = True
        self._put({"type": "http.response.start", "status": status, "headers": headers})

    def write(self, data: bytes) -> None:
        """A piece of the body."""
        self._put({"type": "http.response.body", "body": data, "more_body": True})

    def finish(self, data: bytes = b"") -> None:
        """The last piece of the body, and a clean end."""
        self._put({"type": "http.response.body", "body": data, "more_body": False})
        self._end()

    def abort(self) -> None:
        """End without a clean end, after what was written before."""
        self._end()

    async def drive(self) -> None:
        """Carry what is queued to the server, until the answer has ended or the client is gone."""
        async with asyncio.TaskGroup() as group:
            listening = group.create_task(self._listen())
            await self._carry()
            listening.cancel()

    async def _listen(self) -> None:
        while not self._gone:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                self._lose()

    async def _carry(self) -> None:
        while True:
            while self._queue and not self._gone:
                message = self._queue.popleft()
                try:
                    await self._send(message)
                except OSError:  # what ASGI 2.4 servers raise once the client is gone
                    self._lose()
                    return
                self._queued_bytes -= len(message.get("body", b""))
                if self._told_slow:
                    self._tell_flow()
            if self._over:
                return
            self._news.clear()
            await self._news.wait()

    def _put(self, message: Message) -> None:
        if self._over:
            return
        if not self._begun:
            raise RuntimeError("the answer has not begun")
        if self._queued_bytes > _QUEUE_BYTES_MAX:
            self._lose()
            return
        self._queue.append(message)
        self._queued_bytes += len(message.get("body", b""))
        self._news.set()
        if self._queued_bytes > _HIGH_BYTES and not self._told_slow:
            asyncio.get_running_loop().call_soon(self._tell_flow)

    def _end(self) -> None:
        self._over = True
        self._watcher = None
        self._news.set()

    def _lose(self) -> None:
        if not self._over:
            self._gone = self._over = True
            self._queue.clear()
            self._news.set()
            asyncio.get_running_loop().call_soon(self._tell_gone)

    def _tell_gone(self) -> None:
        watcher, self._watcher = self._watcher, None
        if watcher is not None:
            watcher.client_gone()

    def _tell_flow(self) -> None:
        slow = self._queued_bytes > (_LOW_BYTES if self._told_slow else _HIGH_BYTES)
        if self._watcher is None or slow == self._told_slow:
            return
        self._told_slow = slow
        if slow:
            self._watcher.client_slow()
        else:
            self._watcher.client_ready()
