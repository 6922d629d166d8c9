"""Opens the control state: the engine with its connection settings, the tables of a new store, the migrations of an old one.

An up-to-date store costs one read. Alembic is loaded only where a migration is due.
"""

import contextlib
import fcntl
import importlib
import logging
import os
from collections.abc import Generator
from pathlib import Path

import msgspec
from sqlalchemy import Connection, Engine, create_engine, event, insert, inspect, select
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from headgate.config.paths import DataDirectory
from headgate.core.errors import Unavailable
from headgate.storage.state.schema import REVISION, alembic_version, metadata, state_version

_BUSY_TIMEOUT_S = 10.0
WRITES = {"headgate_writes": True}  # execution option of a connection whose transaction will change something


def database_url(data: DataDirectory) -> str:
    """Where the control state of a data directory is."""
    return f"sqlite:///{data.state_file}"


def open_engine(url: str) -> Engine:
    """An engine for the store at this URL, its tables present and current."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        engine = create_engine(parsed, pool_pre_ping=True)
        _bring_up(engine)
        return engine
    if not parsed.database:
        raise ValueError("the control state needs a file")
    path = Path(parsed.database)
    _create_private(path)
    # A start reads all tokens, each with several columns of JSON.
    engine = create_engine(parsed, connect_args={"timeout": _BUSY_TIMEOUT_S}, json_deserializer=msgspec.json.decode)
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", _on_begin)
    if _revision(engine) != REVISION:
        with _locked(path):
            _bring_up(engine)
    return engine


def _create_private(path: Path) -> None:
    """The file of a new store is its owner's alone, and so is its directory."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
    except OSError as error:
        raise Unavailable(f"{error.filename} cannot be opened: {error.strerror}.", code="state_unavailable") from error


def _on_connect(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # transactions begin where SQLAlchemy begins them, in the mode of _on_begin
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA synchronous = FULL")  # a token that was shown must survive a power cut
    cursor.close()


def _on_begin(connection: Connection) -> None:
    """A writing transaction takes the write lock at once: one that began by reading could not wait for it, and would fail."""
    writes = connection.get_execution_options().get("headgate_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _revision(engine: Engine) -> str:
    with engine.connect() as connection:
        return _revision_on(connection)


def _revision_on(connection: Connection) -> str:
    if not inspect(connection).has_table(alembic_version.name):
        return ""
    return connection.execute(select(alembic_version.c.version_num)).scalar() or ""


def _bring_up(engine: Engine) -> None:
    """Create the tables of a new store, or migrate those of an old one."""
    if engine.dialect.name == "sqlite":
        with contextlib.closing(engine.raw_connection()) as raw:
            raw.cursor().execute("PRAGMA journal_mode = WAL")
    with engine.connect().execution_options(**WRITES) as connection, connection.begin():
        revision = _revision_on(connection)
        if not revision:
            _refuse_foreign(engine, connection)
            metadata.create_all(connection)
            alembic_version.create(connection)
            connection.execute(insert(alembic_version).values(version_num=REVISION))
            connection.execute(insert(state_version).values(id=1, version=1))
        elif revision != REVISION:
            # Loaded by name, since importing Alembic takes longer than all else here and is needed once a release. It logs from its import on.
            logging.getLogger("alembic").setLevel(logging.WARNING)
            importlib.import_module("headgate.storage.state.upgrade").upgrade(connection)


def _refuse_foreign(engine: Engine, connection: Connection) -> None:
    """Raise Unavailable if a file without our tables has others. A database server may serve several programs in one database."""
    others = inspect(connection).get_table_names() if engine.dialect.name == "sqlite" else []
    if others:
        raise Unavailable(f"{engine.url.database} is the database of another program: it has a table {others[0]!r}.", code="state_unavailable")


@contextlib.contextmanager
def _locked(path: Path) -> Generator[None, None, None]:
    """One process at a time creates or migrates a store. The lock is the kernel's: it ends with its holder."""
    with open(f"{path}.lock", "wb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
