"""Keeps responses in the file: compressed, by id and principal, within the bounds of count, bytes and age."""

import sqlite3
import zlib
from collections.abc import Callable
from typing import Final

from headgate.core.clock import Clock
from headgate.core.errors import Unavailable
from headgate.core.kept_response import KeptResponse
from headgate.storage.conversations.limits import KeepingLimits
from headgate.storage.conversations.writer import ConversationWriter

_LEVEL: Final = 1
_ROW_BYTES: Final = 256  # of a row without its texts
_FIND: Final = "SELECT created_at_s, endpoint, provider, input, body FROM responses WHERE response_id = ? AND principal_id = ?"
_OWNERS: Final = "SELECT principal_id FROM responses WHERE response_id = ?"
_PUT: Final = "INSERT OR REPLACE INTO responses (response_id, principal_id, created_at_s, bytes, endpoint, provider, input, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
_SUMS: Final = "SELECT count(*), coalesce(sum(bytes), 0) FROM responses"
_OLDEST: Final = "SELECT rowid, bytes FROM responses{} ORDER BY created_at_s"

Key = tuple[str, str]
Maker = Callable[[], KeptResponse]


class SqliteResponses:
    """A `ResponseStore`. What waits to be written is found in memory; all else is read from the file, one row by its key."""

    def __init__(self, reader: sqlite3.Connection, writer: ConversationWriter, limits: KeepingLimits, clock: Clock) -> None:
        self._reader = reader
        self._writer = writer
        self._limits = limits
        self._clock = clock
        self._waiting: dict[Key, Maker | None] = {}  # `None`: to be deleted

    def keep(self, principal_id: str, response_id: str, make: Maker) -> None:
        """Keep one."""
        key = (response_id, principal_id)
        self._change(key, make, lambda connection: self._insert(connection, make()))

    def delete(self, principal_id: str, response_id: str) -> None:
        """Keep one no more."""
        key = (response_id, principal_id)
        self._change(key, None, lambda connection: _delete(connection, key))

    def find(self, principal_id: str, response_id: str) -> KeptResponse | None:
        """One that was kept, if it is not too old."""
        key = (response_id, principal_id)
        if key in self._waiting:
            make = self._waiting[key]
            kept = None if make is None else make()
            return None if kept is None or kept.created_at_s <= self._oldest_s() else kept
        try:
            row = self._reader.execute(_FIND, key).fetchone()
        except sqlite3.Error as error:
            raise Unavailable("The kept responses cannot be read now. Try again.", code="responses_unavailable") from error
        if row is None or row[0] <= self._oldest_s():
            return None
        return KeptResponse(
            response_id=response_id,
            principal_id=principal_id,
            created_at_s=row[0],
            endpoint=row[1],
            provider=row[2],
            input=_unpacked(row[3]),
            body=_unpacked(row[4]),
        )

    def is_anothers(self, principal_id: str, response_id: str) -> bool:
        """Whether it is known, and only as another principal's."""
        waiting = {owner: make for (known, owner), make in list(self._waiting.items()) if known == response_id}
        try:
            owners = {owner for (owner,) in self._reader.execute(_OWNERS, (response_id,))}
        except sqlite3.Error as error:
            raise Unavailable("The kept responses cannot be read now. Try again.", code="responses_unavailable") from error
        for owner, make in waiting.items():
            if make is None:  # a deletion, also by one who never had it
                owners.discard(owner)
            else:
                owners.add(owner)
        return bool(owners) and principal_id not in owners

    def tidy(self, connection: sqlite3.Connection) -> None:
        """Delete what is too old, and the oldest where there is too much of all. Done by the writer."""
        connection.execute("DELETE FROM responses WHERE created_at_s <= ?", (self._oldest_s(),))
        self._bound(connection, None, self._limits.bytes_max)

    def _change(self, key: Key, make: Maker | None, job: Callable[[sqlite3.Connection], None]) -> None:
        self._waiting[key] = make

        def written() -> None:
            if self._waiting.get(key) is make:
                self._waiting.pop(key, None)

        if not self._writer.add(job, written):
            written()

    def _insert(self, connection: sqlite3.Connection, kept: KeptResponse) -> None:
        given, body = _packed(kept.input), _packed(kept.body)
        size = len(given) + len(body) + _ROW_BYTES
        if size > self._limits.principal_bytes_max:
            return  # it would push out all others, and itself
        values = (kept.response_id, kept.principal_id, kept.created_at_s, size, kept.endpoint, kept.provider, given, body)
        connection.execute(_PUT, values)
        self._bound(connection, kept.principal_id, self._limits.principal_bytes_max)

    def _bound(self, connection: sqlite3.Connection, principal_id: str | None, bytes_max: int) -> None:
        """Delete the oldest until the rest is within its bounds."""
        where, values = ("", ()) if principal_id is None else (" WHERE principal_id = ?", (principal_id,))
        count, size = connection.execute(_SUMS + where, values).fetchone()
        over = 0 if principal_id is None else count - self._limits.principal_count_max
        if over <= 0 and size <= bytes_max:
            return
        gone = []
        for rowid, each in connection.execute(_OLDEST.format(where), values):
            if over <= 0 and size <= bytes_max:
                break
            over, size = over - 1, size - each
            gone.append((rowid,))
        connection.executemany("DELETE FROM responses WHERE rowid = ?", gone)

    def _oldest_s(self) -> float:
        return self._clock.wall_ns() / 1e9 - self._limits.keep_s


def _delete(connection: sqlite3.Connection, key: Key) -> None:
    connection.execute("DELETE FROM responses WHERE response_id = ? AND principal_id = ?", key)


def _packed(data: bytes) -> bytes:
    return zlib.compress(data, _LEVEL) if data else b""


def _unpacked(data: bytes) -> bytes:
    return zlib.decompress(data) if data else b""
