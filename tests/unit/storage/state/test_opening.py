"""Opening a store: new, current, of another release."""

import sqlite3
import subprocess
import sys

import pytest

from headgate.core.errors import Unavailable
from headgate.storage.state.opening import open_engine
from headgate.storage.state.store import StateStore


def test_a_current_store_needs_no_alembic(tmp_path):
    """Neither a new nor a current store loads Alembic."""
    code = f"import sys; from headgate.storage.state.opening import open_engine as o; [o('sqlite:///{tmp_path}/s.db') for _ in 'ab']"
    program = f"{code}; print('alembic' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False"


def test_wal(tmp_path):
    """Readers and the writer do not block each other, and keys are checked."""
    engine = open_engine(f"sqlite:///{tmp_path}/s.db")
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
    engine.dispose()


def test_a_store_of_another_release(tmp_path):
    """A store that knows a later migration is refused and left as it is."""
    url = f"sqlite:///{tmp_path}/s.db"
    open_engine(url).dispose()
    connection = sqlite3.connect(tmp_path / "s.db")
    with connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(Unavailable, match="another release"):
        StateStore(url)
    assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [("9999",)]
    connection.close()


def test_a_migration_is_quiet(tmp_path):
    """What the migration tool tells of itself, from its import on, is no news to whoever reads the log."""
    url = f"sqlite:///{tmp_path}/s.db"
    open_engine(url).dispose()
    with sqlite3.connect(tmp_path / "s.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    program = f"import logging; logging.basicConfig(level=logging.INFO); from headgate.storage.state.opening import open_engine as o; o({url!r})"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert "another release" in ran.stderr
    assert "INFO" not in ran.stderr


def test_a_place_that_cannot_be_written(tmp_path):
    """Where a file stands in the way, or the system refuses, the message names the place and the reason."""
    (tmp_path / "s.db").mkdir()
    with pytest.raises(Unavailable, match=f"{tmp_path}/s.db cannot be opened: Is a directory"):
        open_engine(f"sqlite:///{tmp_path}/s.db")
    (tmp_path / "file").touch()
    with pytest.raises(Unavailable, match=f"{tmp_path}/file.* cannot be opened: "):
        open_engine(f"sqlite:///{tmp_path}/file/s.db")


def test_memory_is_refused():
    """A store that no other process could see is a mistake."""
    with pytest.raises(ValueError, match="needs a file"):
        open_engine("sqlite://")
