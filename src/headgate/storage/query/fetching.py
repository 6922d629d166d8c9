"""Copies the data files that a query reads from object storage to this machine: missing ones only, a few at a time, chunk by chunk, until it is cancelled.

delta-rs reads them, with the credentials of the environment. A call into it may hang until the store times out, and a thread cannot be ended from outside.
So these calls run in daemon threads: a cancelled query leaves them behind, and process exit does not wait for them.
"""

import asyncio
import contextlib
import errno
import functools
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Protocol, TypeVar

from deltalake.fs import DeltaStorageHandler

from headgate.core.errors import Unavailable
from headgate.storage.delta import object_store
from headgate.storage.query.copies import Copies, Lease, RemoteFile

CHUNK_BYTES = 8 << 20
_AT_ONCE = 8  # files of one query
_THREADS_MAX = 16
_ROOM_POLL_S = 0.1

_Value = TypeVar("_Value")


class Source(Protocol):
    """An object that is read from its beginning."""

    def read(self, size: int) -> bytes:
        """The next bytes; none at the end."""


Opener = Callable[[str, Mapping[str, int]], Callable[[str], Source]]
"""A table's place and the sizes of its files to what opens one of them."""


def open_store(location: str, sizes: Mapping[str, int]) -> Callable[[str], Source]:
    """Files of a table, as delta-rs reaches them. It asks for no file's size: delta-rs would stop the whole process until the store has answered."""
    handler = DeltaStorageHandler(location, dict(object_store.OPTIONS), dict(sizes))
    return handler.open_input_file


class Threads:
    """Runs calls that may hang, a bounded number at once. A cancelled query leaves its calls behind."""

    def __init__(self, most: int = _THREADS_MAX) -> None:
        self._free = asyncio.Semaphore(most)

    async def run(self, act: Callable[[], _Value]) -> _Value:
        """What the call returns or raises."""
        loop = asyncio.get_running_loop()
        await self._free.acquire()
        future: asyncio.Future[_Value] = loop.create_future()

        def settle(settled: Callable[[], None]) -> None:
            self._free.release()
            if not future.done():
                settled()

        def work() -> None:
            try:
                value = act()
            except Exception as error:  # ruff: ignore[blind-except] - the waiting query raises it
                settled = _raising(future, error)
            except BaseException as error:  # ruff: ignore[blind-except] - a panic of delta-rs costs one query and not the process
                settled = _raising(future, RuntimeError(str(error)))
            else:
                settled = _returning(future, value)
            with contextlib.suppress(RuntimeError):  # the loop has ended
                loop.call_soon_threadsafe(settle, settled)

        threading.Thread(target=work, name="object storage", daemon=True).start()
        return await future


def _raising(future: asyncio.Future[_Value], error: Exception) -> Callable[[], None]:
    return lambda: future.set_exception(error)


def _returning(future: asyncio.Future[_Value], value: _Value) -> Callable[[], None]:
    return lambda: future.set_result(value)


class Fetching:
    """Fetches for all queries of a process. `threads` are for whatever else has to reach a store."""

    def __init__(self, copies: Copies, threads: Threads, opener: Opener = open_store) -> None:
        self.threads = threads
        self._copies = copies
        self._opener = opener

    @property
    def root(self) -> str:
        """The directory of the copies."""
        return self._copies.root

    async def bring(self, files: Sequence[RemoteFile], titles: Mapping[str, str]) -> Lease:
        """A lease on the copies of these files, all of which are there. `titles` are the tables' names by their places. Cancelling stops the fetching."""
        while (lease := await self._leased(files)) is None:  # ruff: ignore[async-busy-wait] - queries of other processes keep files too
            await asyncio.sleep(_ROOM_POLL_S)
        stop = threading.Event()
        tasks: list[asyncio.Task[None]] = []
        try:
            if lease.missing:
                stores = await self.threads.run(lambda: self._stores(lease.missing))
                left = iter([_One(file, stores[file.location], titles[file.location], stop) for file in lease.missing])
                tasks += [asyncio.ensure_future(self._fetch(left, lease)) for _ in range(min(_AT_ONCE, len(lease.missing)))]
                await asyncio.gather(*tasks)
        except BaseException:
            stop.set()
            for task in tasks:
                task.cancel()
            lease.close()
            raise
        return lease

    async def _leased(self, files: Sequence[RemoteFile]) -> Lease | None:
        """A lease whose query was cancelled is closed."""
        taking = asyncio.ensure_future(asyncio.to_thread(self._copies.lease, files))
        try:
            return await asyncio.shield(taking)
        except asyncio.CancelledError:
            taking.add_done_callback(_close)
            raise

    def _stores(self, files: Iterable[RemoteFile]) -> dict[str, Callable[[str], Source]]:
        sizes: dict[str, dict[str, int]] = {}
        for file in files:
            sizes.setdefault(file.location, {})[file.key] = file.size
        return {location: self._opener(location, of_table) for location, of_table in sizes.items()}

    async def _fetch(self, left: "Iterator[_One]", lease: Lease) -> None:
        for one in left:
            await self.threads.run(functools.partial(one.copy, self._copies, lease))


class _One:
    """One file on its way. Runs in a thread."""

    def __init__(self, file: RemoteFile, opened: Callable[[str], Source], title: str, stop: threading.Event) -> None:
        self._file = file
        self._opened = opened
        self._title = title
        self._stop = stop

    def copy(self, copies: Copies, lease: Lease) -> None:
        """Fill the copy, unless the query has gone."""
        if not lease.hold():
            return
        try:
            copies.fill(self._file, self._write, self._stop.is_set)
        except OSError as error:
            if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
                raise
            raise Unavailable(
                "[STORAGE_DISK_FULL] The disk has no room for copies of data files in object storage.", code="STORAGE_DISK_FULL"
            ) from error
        finally:
            lease.close()

    def _write(self, fd: int) -> None:
        left = self._file.size
        source: Source | None = None
        while left and not self._stop.is_set():
            try:
                source = source or self._opened(self._file.key)
                data = source.read(min(left, CHUNK_BYTES))
                if not data:
                    raise FileNotFoundError("it is shorter than the table's log says")
            except OSError as error:
                raise object_store.explained(error, self._title) from error
            left -= len(data)
            view = memoryview(data)
            while view:
                view = view[os.write(fd, view) :]


def _close(taking: "asyncio.Future[Lease | None]") -> None:
    if not taking.cancelled() and taking.exception() is None and (lease := taking.result()) is not None:
        lease.close()
