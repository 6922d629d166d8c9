"""Kept responses while their writer has not come to them yet."""

import sqlite3
from collections.abc import Callable

from headgate.core.kept_response import KeptResponse
from headgate.storage.conversations.limits import KeepingLimits
from headgate.storage.conversations.opening import open_file
from headgate.storage.conversations.responses import SqliteResponses
from tests.fakes.ports import FakeClock

LIMITS = KeepingLimits(keep_s=1e12, principal_count_max=3, principal_bytes_max=20_000, states_keep_s=50.0)
KEPT = KeptResponse(response_id="resp_1", principal_id="ada", created_at_s=1_800_000_000, endpoint="opus", provider="lab", input=b"[]", body=b"{}")


class IdleWriter:
    """Takes jobs and does them when it is told to."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._jobs: list[tuple[Callable[[sqlite3.Connection], None], Callable[[], None]]] = []

    def add(self, job, done) -> bool:
        """Take one."""
        self._jobs.append((job, done))
        return True

    def write(self) -> None:
        """Do them all."""
        for job, done in self._jobs:
            job(self._connection)
            done()
        self._jobs.clear()


def test_whose_a_response_is_before_and_after_it_is_written(tmp_path) -> None:
    """A deletion that waits makes no principal its owner, and takes it from its owner."""
    connection = open_file(str(tmp_path / "responses.db"))
    writer = IdleWriter(connection)
    responses = SqliteResponses(connection, writer, LIMITS, FakeClock())  # type: ignore[arg-type]

    def anothers() -> list[bool]:
        return [responses.is_anothers(who, "resp_1") for who in ("ada", "bob")]

    responses.keep("ada", "resp_1", lambda: KEPT)
    responses.delete("bob", "resp_1")
    assert anothers() == [False, True]
    writer.write()
    assert anothers() == [False, True]
    responses.delete("ada", "resp_1")
    assert anothers() == [False, False]
    writer.write()
    assert anothers() == [False, False]
    connection.close()
