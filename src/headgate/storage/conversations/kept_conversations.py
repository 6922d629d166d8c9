"""The file of kept conversations with its two stores and its writer, and what a person's forgetting deletes from it."""

import contextlib
import os
import sqlite3
from collections.abc import Sequence

from headgate.core.clock import Clock
from headgate.storage.conversations.call_states import SqliteCallStates
from headgate.storage.conversations.limits import KeepingLimits
from headgate.storage.conversations.opening import NAME, open_file
from headgate.storage.conversations.responses import SqliteResponses
from headgate.storage.conversations.writer import ConversationWriter


class KeptConversations:
    """Owns the file in a data directory. Two processes may have it open at once, as at a restart. Raises `OSError` and `sqlite3.Error`."""

    def __init__(self, data_dir: str, limits: KeepingLimits, clock: Clock) -> None:
        path = os.path.join(data_dir, NAME)
        self._reader = open_file(path)
        self._writer = ConversationWriter(open_file(path), self._tidy, clock)
        self.responses = SqliteResponses(self._reader, self._writer, limits, clock)
        self.states = SqliteCallStates(self._reader, self._writer, limits, clock)
        self._writer.start()

    def close(self) -> None:
        """Write what waits, and close the file."""
        self._writer.close()
        self._reader.close()

    def _tidy(self, connection: sqlite3.Connection) -> None:
        self.responses.tidy(connection)
        self.states.tidy(connection)


def forget_kept(data_dir: str, principal_ids: Sequence[str], *, only_count: bool = False) -> int:
    """Delete all that is kept of these principals' conversations, or only count the responses. Returns how many there are or were."""
    path = os.path.join(data_dir, NAME)
    if not os.path.exists(path):
        return 0
    found = 0
    with contextlib.closing(open_file(path)) as connection:
        for principal_id in principal_ids:
            found += connection.execute("SELECT count(*) FROM responses WHERE principal_id = ?", (principal_id,)).fetchone()[0]
            if not only_count:
                connection.execute("DELETE FROM responses WHERE principal_id = ?", (principal_id,))
                connection.execute("DELETE FROM call_states WHERE principal_id = ?", (principal_id,))
        if not only_count:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return found
