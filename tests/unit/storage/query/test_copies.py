"""Copies of files in object storage: bounded, leased, whole."""

import os
import threading
import time
from types import SimpleNamespace

import pytest

from headgate.core.errors import BadRequest, Unavailable
from headgate.storage.query import copies as module
from headgate.storage.query.copies import UNREAD_S_MAX, Copies, RemoteFile, place
from tests.fakes.records import FakeClock

KEPT = 1000


@pytest.fixture
def root(tmp_path):
    """The folder of the copies."""
    return str(tmp_path / "cache")


@pytest.fixture
def clock():
    """Time that stands still until it is moved."""
    return FakeClock()


@pytest.fixture
def copies(root, clock):
    """Room for a thousand bytes."""
    return Copies(root, KEPT, clock)


def _file(root, name, size=400, location="s3://b/t"):
    return RemoteFile(location, name, size, place(root, location, name))


def _fill(copies, lease):
    for file in lease.missing:
        copies.fill(file, lambda fd, size=file.size: os.write(fd, b"x" * size), lambda: False)


def _read(copies, *files):
    """One query, from its lease to its end."""
    with copies.lease(files) as lease:
        _fill(copies, lease)
        return [file.key for file in lease.missing]


def test_what_was_read_longest_ago_goes(copies, root, clock):
    """A copy that is read again is young again; one that goes takes its folders with it."""
    a, b, c = _file(root, "p=1/a"), _file(root, "p=2/b"), _file(root, "p=3/c")
    fetched = []
    for file in (a, b, a, c, a, b):
        fetched += _read(copies, file)
        clock.now_ns += 10**9

    assert fetched == ["p=1/a", "p=2/b", "p=3/c", "p=2/b"]
    assert sorted(os.listdir(os.path.dirname(os.path.dirname(a.path)))) == ["p=1", "p=2"]


def test_what_a_query_reads_stays_under_it(copies, root):
    """Also for another process: a lease is refused while others hold the room, and granted when they end. A lease ends with its process."""
    a, b, c = (_file(root, name) for name in "abc")
    other = Copies(root, KEPT, FakeClock())
    lease = copies.lease([a, b])
    _fill(copies, lease)
    busy = other.lease([c])
    held = lease.hold()
    lease.close()
    still = other.lease([c])
    lease.close()
    gone = lease.hold()
    dead = os.path.join(root, "leases", "dead")
    with open(dead, "w", encoding="utf-8") as file:  # nobody locks it
        file.write('{"/nowhere": 900}')
    fetched = _read(other, c)

    assert (busy, held, still, gone, fetched) == (None, True, None, False, ["c"])
    assert os.path.exists(b.path) + os.path.exists(a.path) == 1
    assert os.listdir(os.path.join(root, "leases")) == []


def test_more_than_the_bound_is_refused_by_the_setting(copies, root):
    """At once, and nothing is deleted for it."""
    _read(copies, _file(root, "a"))
    with pytest.raises(BadRequest, match=r"raise sql\.cache_mb") as raised:
        copies.lease([_file(root, name) for name in "abc"])

    assert raised.value.code == "QUERY_CACHE_EXCEEDED"
    assert _read(copies, _file(root, "a")) == []
    assert os.listdir(os.path.join(root, "leases")) == []


def test_the_disk_is_not_filled(copies, root, monkeypatch):
    """Copies give way first; then the query does."""
    _read(copies, _file(root, "a"))
    monkeypatch.setattr(module.shutil, "disk_usage", lambda _path: SimpleNamespace(free=module.DISK_FREE_MIN_BYTES + 300))
    assert _read(copies, _file(root, "b")) == ["b"]
    with pytest.raises(Unavailable, match="no room") as raised:
        copies.lease([_file(root, name) for name in "bc"])

    assert raised.value.code == "STORAGE_DISK_FULL"
    assert not os.path.exists(_file(root, "a").path)


def test_a_copy_that_nobody_reads_goes_with_time(copies, root, clock):
    """What was deleted in the bucket does not stay here for ever."""
    _read(copies, _file(root, "a", 10))
    clock.now_ns += int((UNREAD_S_MAX + 1) * 1e9)
    _read(copies, _file(root, "b", 10))

    assert not os.path.exists(_file(root, "a", 10).path)


def test_a_file_is_whole_or_not_there(copies, root):
    """A fetch that fails leaves nothing under the file's name, what it left behind goes, and a file of another size is fetched again."""
    file = _file(root, "a")

    def broken(fd):
        os.write(fd, b"half")
        raise OSError("gone")

    with copies.lease([file]) as lease, pytest.raises(OSError, match="gone"):
        copies.fill(lease.missing[0], broken, lambda: False)
    with copies.lease([file]) as lease:
        copies.fill(file, lambda fd: os.write(fd, b"half"), lambda: True)
        stopped = os.path.exists(file.path)
    _read(copies, _file(root, "b"))
    left = os.listdir(os.path.join(root, "parts"))
    _read(copies, file)
    os.truncate(file.path, 3)

    assert not stopped
    assert left == []
    assert _read(copies, file) == ["a"]
    assert os.path.getsize(file.path) == file.size


def test_two_queries_fetch_a_file_once(copies, root):
    """The second waits for the first, and takes over where that fails."""
    file, fetches, go = _file(root, "a"), [], threading.Event()

    def slow(fd):
        fetches.append(fd)
        assert go.wait(10)
        if len(fetches) == 1:
            raise OSError("gone")
        os.write(fd, b"x" * file.size)

    def one(failed):
        with copies.lease([file]) as lease:
            try:
                copies.fill(lease.missing[0], slow, lambda: False)
            except OSError as error:
                failed.append(error)

    failed = []
    threads = [threading.Thread(target=one, args=(failed,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    time.sleep(0.1)
    begun = len(fetches)
    go.set()
    for thread in threads:
        thread.join()

    assert (begun, len(fetches), len(failed)) == (1, 2, 1)
    assert os.path.getsize(file.path) == file.size


@pytest.mark.parametrize("key", ["a//b", "./a", "a\nb", f"m={'x' * 300}/a", "é" * 150])
def test_a_name_that_this_machine_could_not_keep_gets_another(root, key):
    """Never outside of the table's folder; a plain one keeps its folders."""
    table = os.path.dirname(place(root, "s3://b/t", "a"))

    assert os.path.dirname(place(root, "s3://b/t", key)) == table
    assert place(root, "s3://b/t/", "m=1/a.parquet") == f"{table}/m=1/a.parquet"
    assert place(root, "s3://b/u", "a") != place(root, "s3://b/t", "a")
