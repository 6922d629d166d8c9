"""Transactions on the control state: reading ones, and writing ones that move its version, so that processes which hold a snapshot notice."""

import contextlib
from collections.abc import Generator

from sqlalchemy import Connection, select, update
from sqlalchemy.exc import DBAPIError

from headgate.core.errors import Unavailable
from headgate.storage.state_open import WRITES, open_engine
from headgate.storage.state_schema import state_version


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
    def writing(self, *, catalog: bool = False) -> Generator[Connection, None, None]:
        """One transaction that changes something, and therefore moves the version; if it changes the catalog, that one's version too."""
        moved = (state_version.c.version, state_version.c.catalog_version) if catalog else (state_version.c.version,)
        with _told(), self._engine.connect().execution_options(**WRITES) as connection, connection.begin():
            connection.execute(update(state_version).values({column: column + 1 for column in moved}))
            yield connection

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()


def version_of(connection: Connection) -> int:
    """The state's version, as this transaction sees it."""
    return int(connection.execute(select(state_version.c.version)).scalar_one())


def catalog_version_of(connection: Connection) -> int:
    """The catalog's version, as this transaction sees it."""
    return int(connection.execute(select(state_version.c.catalog_version)).scalar_one())


@contextlib.contextmanager
def _told() -> Generator[None, None, None]:
    """The database's own errors in the words of the vocabulary; neither statements nor values are repeated."""
    try:
        yield
    except DBAPIError as error:
        raise Unavailable(f"The control state cannot be used: {error.orig}.", code="state_unavailable") from error
