"""The control state in SQLite: what the contract does not say."""

import multiprocessing
import sqlite3
import stat
import threading

import msgspec
import pytest

from headgate.admin.token_ports import NewToken
from headgate.config.paths import DataDirectory
from headgate.core.errors import Unavailable
from headgate.core.principal import Principal
from headgate.storage.state.principals import PrincipalStore
from headgate.storage.state.store import StateStore, open_state


def new_token(number: int) -> NewToken:
    return NewToken(
        id=f"tok_{number}", name="t", principal=Principal(id=f"usr_{number}", name="ada"), digest=number.to_bytes(32), last4="abcd",
        scopes=("inference",), endpoints=("*",), created_at_ms=number,
    )  # fmt: skip


def create_many(url: str, start: int, count: int) -> None:
    """Open the store, as a process of its own does, and create tokens."""
    store = StateStore(url)
    for number in range(start, start + count):
        store.create_token(new_token(number))
    store.close()


def test_files_are_private(tmp_path):
    """Directory, database, log and pepper are their owner's alone."""
    data = DataDirectory(tmp_path / "data")
    store, pepper = open_state(data)
    store.create_token(new_token(1))
    assert len(pepper) == 32
    assert stat.S_IMODE(data.root.stat().st_mode) == 0o700
    for path in data.root.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
    store.close()


def test_the_same_store_again(tmp_path):
    """What was kept is there when the store is opened again, with the same pepper."""
    data = DataDirectory(tmp_path / "data")
    store, pepper = open_state(data)
    store.create_token(new_token(1))
    store.close()
    store, again = open_state(data)
    assert again == pepper
    assert [row.id for row in store.list_tokens()] == ["tok_1"]
    store.close()


def test_another_pepper_is_refused(tmp_path):
    """A pepper that is not the store's own would make every token unknown; it is refused with a reason."""
    data = DataDirectory(tmp_path / "data")
    open_state(data)[0].close()
    data.pepper_file.unlink()
    with pytest.raises(Unavailable, match="is not the key that the tokens in"):
        open_state(data)


def test_no_secret_is_stored(tmp_path):
    """The pepper is not in the database."""
    data = DataDirectory(tmp_path / "data")
    store, pepper = open_state(data)
    store.close()
    content = b"".join(path.read_bytes() for path in data.root.glob("state.db*"))
    assert pepper not in content
    assert pepper.hex().encode() not in content


def test_two_processes_at_once(tmp_path):
    """A command and a gateway may create the store, and write to it, at the same moment."""
    url = f"sqlite:///{tmp_path}/state.db"
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=create_many, args=(url, start, 20)) for start in (0, 100)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0]
    store = StateStore(url)
    assert len(store.list_tokens()) == 40
    assert {row.principal.name for row in store.list_tokens()} == {"ada"}
    assert len({row.principal.id for row in store.list_tokens()}) == 1
    store.close()


def test_threads(tmp_path):
    """One store serves several threads."""
    store = StateStore(f"sqlite:///{tmp_path}/state.db")
    threads = [threading.Thread(target=lambda start=start: [store.create_token(new_token(start + n)) for n in range(10)]) for start in (0, 100, 200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(store.load_access()[1]) == 30
    store.close()


def test_a_file_that_is_no_store(tmp_path):
    """What is no database is refused in words, without its content."""
    (tmp_path / "state.db").write_bytes(b"canary" * 1000)
    with pytest.raises(Unavailable, match="control state cannot be used: file is not a database"):
        StateStore(f"sqlite:///{tmp_path}/state.db")


def test_a_failed_change_changes_nothing(tmp_path):
    """A refused insert leaves no half of itself behind, neither a principal nor a version."""
    store = StateStore(f"sqlite:///{tmp_path}/state.db")
    store.create_token(new_token(1))
    before = store.version()
    twice = NewToken(
        id="tok_2", name="t", principal=Principal(id="usr_2", name="hakan"), digest=(1).to_bytes(32), last4="abcd",
        scopes=(), endpoints=(), created_at_ms=2,
    )  # fmt: skip
    with pytest.raises(Unavailable):
        store.create_token(twice)
    store.close()
    with sqlite3.connect(tmp_path / "state.db") as connection:
        assert connection.execute("SELECT name FROM principals").fetchall() == [("ada",)]
        assert connection.execute("SELECT version FROM state_version").fetchall() == [(before,)]
    connection.close()


def test_a_store_that_somebody_holds_locked_is_still_read(tmp_path, monkeypatch):
    """Who reads, as serving processes do, goes on; who writes is told so in words, and writes once the lock is gone."""
    monkeypatch.setattr("headgate.storage.state.opening._BUSY_TIMEOUT_S", 0.01)
    store = StateStore(f"sqlite:///{tmp_path}/state.db")
    store.create_token(new_token(1))
    other = sqlite3.connect(tmp_path / "state.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    assert len(store.load_access()[1]) == 1
    with pytest.raises(Unavailable, match="database is locked") as refused:
        store.create_token(new_token(2))
    assert refused.value.status == 503
    other.execute("ROLLBACK")
    other.close()
    store.create_token(new_token(2))
    assert len(store.load_access()[1]) == 2
    store.close()


def test_access_is_read_again_only_if_it_has_changed(tmp_path):
    """A change of something else keeps the tokens, under the new version; a new token, a change of a principal and a revocation do not."""
    state = StateStore(f"sqlite:///{tmp_path}/state.db")
    state.create_token(new_token(1))
    first = state.load_access()
    with state.database.writing("objects"):
        pass
    second = state.load_access(first)
    assert (second.tokens is first.tokens, second.version) == (True, first.version + 1)
    with PrincipalStore(state.database).editing() as edit:
        edit.put(msgspec.structs.replace(edit.all(["USER"])[0], active=False))
    third = state.load_access(second)
    assert [token.principal.active for token in third.tokens.values()] == [False]
    state.revoke_token("tok_1", 5)
    assert state.load_access(third).tokens == {}
    state.close()
