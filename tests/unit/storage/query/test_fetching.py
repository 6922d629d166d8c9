"""Bringing files here: a few at once, until somebody cancels."""

import asyncio
import errno
import os
import threading
import time

import pytest

from headgate.core.clock import SystemClock
from headgate.core.errors import NotFound, Unavailable
from headgate.storage.query import fetching as module
from headgate.storage.query.copies import Copies, RemoteFile, place
from headgate.storage.query.fetching import Fetching, Threads

TITLES = {"s3://b/t": "main.default.t"}


class Bucket:
    """Objects by their names; counts what is read at once. `gate` holds every read back while it is closed."""

    def __init__(self, objects):
        self.objects = objects
        self.gate = threading.Event()
        self.gate.set()
        self.reading = self.most = self.begun = 0

    def open(self, location, sizes):
        """As `open_store` does."""
        assert location in TITLES
        return lambda key: Reader(self, self.objects.get(key), sizes[key])


class Reader:
    """One object, from its beginning."""

    def __init__(self, bucket, data, size):
        self._bucket, self._data, self._size = bucket, data, size

    def read(self, size):
        """The next bytes."""
        bucket = self._bucket
        bucket.begun += 1
        bucket.reading += 1
        bucket.most = max(bucket.most, bucket.reading)
        try:
            assert bucket.gate.wait(10)
            if isinstance(self._data, BaseException):
                raise self._data
            data, self._data = self._data[:size], self._data[size:]
            return data
        finally:
            bucket.reading -= 1


@pytest.fixture
def root(tmp_path):
    """The folder of the copies."""
    return str(tmp_path / "cache")


def _fetching(root, bucket, bytes_max=1 << 20):
    return Fetching(Copies(root, bytes_max, SystemClock()), Threads(), bucket.open)


def _files(root, sizes):
    return [RemoteFile("s3://b/t", key, size, place(root, "s3://b/t", key)) for key, size in sizes.items()]


async def test_every_file_is_there_whole(root, monkeypatch):
    """In pieces, some at once; the lease keeps them and ends."""
    monkeypatch.setattr(module, "CHUNK_BYTES", 7)
    objects = {f"f{number}": os.urandom(number * 5) for number in range(20)}
    bucket = Bucket(objects)
    files = _files(root, {key: len(data) for key, data in objects.items()})
    fetching = _fetching(root, bucket)
    with await fetching.bring(files, TITLES):
        found = {}
        for file in files:
            with open(file.path, "rb") as opened:
                found[file.key] = opened.read()
    begun = bucket.begun
    (await fetching.bring(files, TITLES)).close()

    assert found == objects
    assert bucket.begun == begun
    assert bucket.most <= 8
    assert os.listdir(os.path.join(root, "leases")) == []


@pytest.mark.parametrize(
    ("thing", "kind", "words"),
    [
        (FileNotFoundError("no such object at http://secret"), NotFound, "A file of main.default.t is missing"),
        (OSError("operation timed out"), Unavailable, "does not answer in time"),
        (b"short", NotFound, "A file of main.default.t is missing"),
        (KeyboardInterrupt("a panic"), RuntimeError, "a panic"),
    ],
)
async def test_what_fails_ends_all_of_it(root, thing, kind, words):
    """In words that name the table; nothing is left, and nothing is kept."""
    objects = {f"f{number}": b"x" * 10 for number in range(30)} | {"f3": thing}
    fetching = _fetching(root, Bucket(objects))
    with pytest.raises(kind, match=words):
        await fetching.bring(_files(root, dict.fromkeys(objects, 10)), TITLES)
    for _ in range(100):
        await asyncio.sleep(0.01)
        if os.listdir(os.path.join(root, "leases")) == []:
            break

    assert os.listdir(os.path.join(root, "leases")) == []


async def test_a_full_disk_is_told(root, monkeypatch):
    """Not as a failure of the store."""

    def full(_fd, _data):
        raise OSError(errno.ENOSPC, "No space left on device")

    fetching = _fetching(root, Bucket({"a": b"x"}))
    monkeypatch.setattr(module.os, "write", full)
    with pytest.raises(Unavailable) as raised:
        # The lease itself is small; the disk is full for the file.
        await fetching.bring(_files(root, {"a": 1}), TITLES)

    assert raised.value.code == "STORAGE_DISK_FULL"


async def test_cancelling_waits_for_nobody(root):
    """A read that hangs is left behind; when it comes back it writes nothing, and its lease ends with it."""
    bucket = Bucket({"a": b"x" * 10})
    bucket.gate.clear()
    [file] = _files(root, {"a": 10})
    fetching = _fetching(root, bucket)
    begun_s = time.monotonic()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await fetching.bring([file], TITLES)
    took_s = time.monotonic() - begun_s
    kept = os.listdir(os.path.join(root, "leases"))
    bucket.gate.set()
    for _ in range(100):
        await asyncio.sleep(0.01)
        if not os.listdir(os.path.join(root, "leases")):
            break

    assert took_s < 2
    assert len(kept) == 1
    assert os.listdir(os.path.join(root, "leases")) == []
    assert not os.path.exists(file.path)
    (await fetching.bring([file], TITLES)).close()
    assert os.path.getsize(file.path) == 10


async def test_room_is_waited_for(root):
    """A query whose files do not fit beside those of another comes after it."""
    fetching = _fetching(root, Bucket({"a": b"x" * 10, "b": b"x" * 10}), bytes_max=15)
    a, b = _files(root, {"a": 10, "b": 10})
    first = await fetching.bring([a], TITLES)
    second = asyncio.ensure_future(fetching.bring([b], TITLES))
    await asyncio.sleep(0.25)
    waited = not second.done()
    first.close()
    (await asyncio.wait_for(second, 5)).close()

    assert waited
    assert [os.path.exists(file.path) for file in (a, b)] == [False, True]


async def test_threads_are_bounded():
    """Of many calls a few run at once; who has gone gets nothing."""
    threads, gate, running = Threads(2), threading.Event(), []
    tasks = [asyncio.ensure_future(threads.run(lambda: (running.append(1), gate.wait(10))[1])) for _ in range(4)]
    await asyncio.sleep(0.1)
    begun = len(running)
    tasks[0].cancel()
    gate.set()
    found = await asyncio.gather(*tasks, return_exceptions=True)

    assert begun == 2
    assert found[1:] == [True, True, True]
    assert isinstance(found[0], asyncio.CancelledError)
