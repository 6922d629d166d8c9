"""Opens the file of kept conversations (SQLite). It holds nothing that its clients cannot do without, so a damaged one is put aside and begun anew."""

import contextlib
import logging
import os
import sqlite3
from typing import Final

NAME: Final = "responses.db"

_BUSY_TIMEOUT_S = 5.0
_log = logging.getLogger("headgate.conversations")
_TABLES = """
CREATE TABLE IF NOT EXISTS responses (
    response_id TEXT NOT NULL, principal_id TEXT NOT NULL, created_at_s INTEGER NOT NULL, bytes INTEGER NOT NULL,
    endpoint TEXT NOT NULL, provider TEXT NOT NULL, input BLOB NOT NULL, body BLOB NOT NULL,
    PRIMARY KEY (response_id, principal_id)
);
CREATE INDEX IF NOT EXISTS responses_of ON responses (principal_id, created_at_s, bytes);
CREATE INDEX IF NOT EXISTS responses_by_age ON responses (created_at_s, bytes);
CREATE TABLE IF NOT EXISTS call_states (
    principal_id TEXT NOT NULL, call_id TEXT NOT NULL, created_at_s INTEGER NOT NULL, bytes INTEGER NOT NULL, states BLOB NOT NULL,
    PRIMARY KEY (principal_id, call_id)
);
CREATE INDEX IF NOT EXISTS call_states_by_age ON call_states (created_at_s, bytes);
"""


def open_file(path: str) -> sqlite3.Connection:
    """A connection, with the tables made. The file is its owner's alone. Raises `OSError` and `sqlite3.Error` where none can be opened."""
    os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
    try:
        return _connected(path)
    except sqlite3.OperationalError:
        raise  # it is in use, or the disk is full
    except sqlite3.DatabaseError as error:
        _log.warning("%s is damaged (%s): it is put aside, and the responses in it are unknown from now on", path, error)
        os.replace(path, f"{path}.damaged")
        for suffix in ("-wal", "-shm"):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(path + suffix)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
        return _connected(path)


def _connected(path: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=_BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")  # what was committed survives the end of the process; a power cut may take the last of it
        connection.execute("PRAGMA secure_delete = ON")  # what is deleted is not left in free pages
        connection.executescript(_TABLES)
    except BaseException:
        connection.close()
        raise
    return connection
