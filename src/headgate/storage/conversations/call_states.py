"""Keeps what was hidden with calls: in memory, and in the file for after a restart. As well as it can: what is lost costs the model some of its thoughts."""

import sqlite3
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Final

from headgate.core.clock import Clock
from headgate.storage.conversations.limits import KeepingLimits
from headgate.storage.conversations.writer import ConversationWriter

_ENTRY_BYTES: Final = 200  # of an entry in memory without its states
_PUT: Final = "INSERT OR REPLACE INTO call_states (principal_id, call_id, created_at_s, bytes, states) VALUES (?, ?, ?, ?, ?)"
_FIND: Final = "SELECT states FROM call_states WHERE principal_id = ? AND call_id = ? AND created_at_s > ?"
_SUMS: Final = "SELECT count(*), coalesce(sum(bytes), 0) FROM call_states"
_OLDEST: Final = "SELECT rowid, bytes FROM call_states ORDER BY created_at_s"

Key = tuple[str, str]


class SqliteCallStates:
    """A `CallStateStore`. A call is looked for in the file once; then memory knows what it has, or that it has nothing."""

    def __init__(self, reader: sqlite3.Connection, writer: ConversationWriter, limits: KeepingLimits, clock: Clock) -> None:
        self._reader = reader
        self._writer = writer
        self._limits = limits
        self._clock = clock
        self._memory: OrderedDict[Key, tuple[float, bytes]] = OrderedDict()  # until when, and what; the latest used last
        self._bytes = 0

    def put(self, principal_id: str, states: Mapping[str, bytes]) -> None:
        """Keep what was hidden with each call."""
        now_s = self._clock.wall_ns() / 1e9
        for call_id, data in states.items():
            self._remember((principal_id, call_id), now_s + self._limits.states_keep_s, data)
        rows = [(principal_id, call_id, int(now_s), len(data), data) for call_id, data in states.items() if data]
        if rows:
            self._writer.add(lambda connection: _insert(connection, rows), _nothing)

    def get(self, principal_id: str, call_keys: Sequence[str]) -> Mapping[str, bytes]:
        """What is kept of these calls."""
        now_s = self._clock.wall_ns() / 1e9
        found = {}
        for call_id in call_keys:
            key = (principal_id, call_id)
            known = self._memory.get(key)
            if known is None:
                known = self._remember(key, now_s + self._limits.states_keep_s, self._read(key, now_s))
            else:
                self._memory.move_to_end(key)
            if known[1] and known[0] > now_s:
                found[call_id] = known[1]
        return found

    def tidy(self, connection: sqlite3.Connection) -> None:
        """Delete what is too old, and the oldest where there is too much. Done by the writer."""
        limits = self._limits
        connection.execute("DELETE FROM call_states WHERE created_at_s <= ?", (self._clock.wall_ns() / 1e9 - limits.states_keep_s,))
        count, size = connection.execute(_SUMS).fetchone()
        gone = []
        for rowid, each in connection.execute(_OLDEST):
            if count <= limits.states_count_max and size <= limits.states_bytes_max:
                break
            count, size = count - 1, size - each
            gone.append((rowid,))
        connection.executemany("DELETE FROM call_states WHERE rowid = ?", gone)

    def _remember(self, key: Key, until_s: float, data: bytes) -> tuple[float, bytes]:
        before = self._memory.pop(key, None)
        self._bytes += len(data) + _ENTRY_BYTES - (0 if before is None else len(before[1]) + _ENTRY_BYTES)
        known = self._memory[key] = (until_s, data)
        while self._bytes > self._limits.states_in_memory_bytes_max and len(self._memory) > 1:
            _, (_, oldest) = self._memory.popitem(last=False)
            self._bytes -= len(oldest) + _ENTRY_BYTES
        return known

    def _read(self, key: Key, now_s: float) -> bytes:
        try:
            row = self._reader.execute(_FIND, (*key, now_s - self._limits.states_keep_s)).fetchone()
        except sqlite3.Error:
            return b""
        return b"" if row is None else bytes(row[0])


def _insert(connection: sqlite3.Connection, rows: Sequence[tuple[str, str, int, int, bytes]]) -> None:
    connection.executemany(_PUT, rows)


def _nothing() -> None:
    """Memory has it."""
