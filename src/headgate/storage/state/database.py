"""Transactions on the control state: reading ones, and writing ones that move its version, so that processes which hold a snapshot notice."""

import contextlib
import logging
from collections.abc import Generator
from typing import Literal

from sqlalchemy import Connection, select, update
from sqlalchemy.exc import DBAPIError

from headgate.core.errors import Unavailable
from headgate.storage.state.opening import WRITES, open_engine
from headgate.storage.state.schema import state_version

Part = Literal["access", "catalog", "objects"]

_log = logging.getLogger("headgate.state")
# SQLite's messages without our data in them, which a person can act on (https://www.sqlite.org/rescode.html).
_REASONS = (
    "database is locked", "disk I/O error", "database or disk is full", "attempt to write a readonly database", "unable to open database file",
    "file is not a database", "database disk image is malformed",
)  # fmt: skip


class Database:
    """One store's database. Safe to use from several threads and processes at once."""

    def __init__(self, url: str) -> None:
        with _told():
            self._engine = open_engine(url)

    @contextlib.contextmanager
    def reading(self) -> Generator[Connection, None, None]:
        """A transaction that changes nothing."""
        with _told(), self._engine.connect() as connection:
            yield connection

    @contextlib.contextmanager
    def writing(self, part: Part) -> Generator[Connection, None, None]:
        """One transaction that changes a part of the state, and therefore moves the version of the part and that of the whole."""
        moved = (state_version.c.version, state_version.c[f"{part}_version"])
        with _told(), self._engine.connect().execution_options(**WRITES) as connection, connection.begin():
            connection.execute(update(state_version).values({column: column + 1 for column in moved}))
            yield connection

    @contextlib.contextmanager
    def unversioned(self) -> Generator[Connection, None, None]:
        """One transaction that changes or removes what no snapshot holds. It moves no version."""
        with _told(), self._engine.connect().execution_options(**WRITES) as connection, connection.begin():
            yield connection

    @property
    def files(self) -> tuple[str, ...]:
        """The files that commits are written to; none where the database is a server's."""
        url = self._engine.url
        return (url.database, f"{url.database}-wal") if url.get_backend_name() == "sqlite" and url.database else ()

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()


def version_of(connection: Connection) -> int:
    """The state's version, as this transaction sees it."""
    return int(connection.execute(select(state_version.c.version)).scalar_one())


def part_version_of(connection: Connection, part: Part) -> int:
    """The version of a part of the state, as this transaction sees it."""
    return int(connection.execute(select(state_version.c[f"{part}_version"])).scalar_one())


@contextlib.contextmanager
def _told() -> Generator[None, None, None]:
    """Raise database errors as `Unavailable`. Clients see the reason only if it is one of a few known ones; the log has all of it."""
    try:
        yield
    except DBAPIError as error:
        text = str(error.orig)
        reason = next((known for known in _REASONS if known in text), "")
        if not reason:
            _log.error("the database of the control state says: %s", text)  # a table's name, a host, a user: nothing for a client
        told = reason or "the log has the reason"
        raise Unavailable(f"The control state cannot be used: {told}.", code="state_unavailable") from error
