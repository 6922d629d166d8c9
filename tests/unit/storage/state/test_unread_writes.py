"""Whether a store may have been written to since it was read."""

import subprocess
import sys
import time
from types import SimpleNamespace

import pytest

from headgate.core.clock import SystemClock
from headgate.storage.state.store import StateStore
from headgate.storage.state.unread_writes import UnreadWrites

_PROGRAM = """
import sys
from headgate.storage.state.database import Database
with Database(sys.argv[1]).writing("access"):
    pass
"""


class Later:
    """A clock that is ahead of the times of files, so that all of them are settled. It stands still until it is moved."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def wall_ns(self) -> int:
        """A minute from now."""
        return time.time_ns() + 60_000_000_000

    def monotonic_s(self) -> float:
        """What it was moved to."""
        return self.now_s


@pytest.fixture
def store(tmp_path):
    """A fresh one."""
    made = StateStore(f"sqlite:///{tmp_path}/state.db")
    yield made
    made.close()


def test_what_was_read_is_not_read_again(store):
    """Nobody has written since."""
    unread = UnreadWrites(store.database, Later())
    assert unread.may_be()
    unread.read()
    assert [unread.may_be() for _ in range(3)] == [False] * 3


def test_a_read_that_failed_is_due(store):
    """It was asked for, and never done."""
    unread = UnreadWrites(store.database, Later())
    assert [unread.may_be() for _ in range(3)] == [True] * 3


def test_every_commit_shows(store):
    """Those that move the version, those that do not, and a log that begins anew."""
    unread = UnreadWrites(store.database, Later())
    for number in range(20):
        assert unread.may_be()
        unread.read()
        assert not unread.may_be()
        with store.database.unversioned() if number % 2 else store.database.writing("access") as connection:
            connection.exec_driver_sql(f"PRAGMA user_version = {number + 1}")
        if number % 5 == 4:
            with store.database.reading() as connection:
                connection.exec_driver_sql("COMMIT")
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
                connection.exec_driver_sql("BEGIN")


def test_another_process_is_seen(store, tmp_path):
    """The command line writes to the store of a gateway that runs."""
    unread = UnreadWrites(store.database, Later())
    assert unread.may_be()
    unread.read()
    subprocess.run([sys.executable, "-c", _PROGRAM, f"sqlite:///{tmp_path}/state.db"], check=True)
    assert unread.may_be()


def test_right_after_a_write_nothing_is_sure(store):
    """A second write within the same tick would leave a file's time as it is."""
    with store.database.unversioned() as connection:
        connection.exec_driver_sql("PRAGMA user_version = 1")
    unread = UnreadWrites(store.database, SystemClock())
    assert unread.may_be()
    unread.read()
    assert unread.may_be()


def test_after_a_while_it_is_read_anyway(store):
    """The times of files do not move on every file system."""
    clock = Later()
    unread = UnreadWrites(store.database, clock)
    assert unread.may_be()
    unread.read()
    clock.now_s += 5.0
    assert unread.may_be()


def test_a_database_without_files_is_always_read():
    """It is a server's."""
    unread = UnreadWrites(SimpleNamespace(files=()), Later())
    for _ in range(2):
        assert unread.may_be()
        unread.read()
