"""What every store of conversations promises: one in memory, and the file with and without a restart in between."""

import hashlib
import sqlite3
from pathlib import Path

import pytest

from headgate.core.kept_response import KeptResponse
from headgate.storage.conversations.kept_conversations import KeptConversations, forget_kept
from headgate.storage.conversations.limits import KeepingLimits
from headgate.storage.conversations.opening import NAME
from tests.fakes.kept import MemoryCallStates, MemoryResponses
from tests.fakes.ports import FakeClock

LIMITS = KeepingLimits(keep_s=100.0, principal_count_max=3, principal_bytes_max=20_000, states_keep_s=50.0)


class Stores:
    """Both stores of one kind. `settle` is what may happen between two requests."""

    def __init__(self, kind: str, folder: Path, limits: KeepingLimits = LIMITS) -> None:
        self.kind, self.folder, self.limits = kind, str(folder), limits
        self.clock = FakeClock()
        self.file: KeptConversations | None = None
        if kind == "memory":
            self.responses, self.states = MemoryResponses(limits, self.clock), MemoryCallStates(limits, self.clock)
        else:
            self._open()

    def _open(self) -> None:
        self.file = KeptConversations(self.folder, self.limits, self.clock)
        self.responses, self.states = self.file.responses, self.file.states

    def settle(self) -> None:
        """A restart, where there is one."""
        if self.kind == "restarted" and self.file is not None:
            self.file.close()
            self._open()

    def close(self) -> None:
        """End."""
        if self.file is not None:
            self.file.close()

    def keep(self, response_id: str, principal_id: str = "ada", body: bytes = b'{"output":[]}') -> KeptResponse:
        """Keep a response."""
        kept = KeptResponse(
            response_id=response_id,
            principal_id=principal_id,
            created_at_s=self.clock.wall_ns() // 1_000_000_000,
            endpoint="opus",
            provider="lab",
            input=b"[]",
            body=body,
        )
        self.responses.keep(principal_id, response_id, lambda: kept)
        return kept


@pytest.fixture(params=["memory", "file", "restarted"])
def stores(request, tmp_path):
    """Each kind in turn."""
    made = Stores(request.param, tmp_path)
    yield made
    made.close()


def test_what_is_kept_is_found(stores):
    """At once, and after a restart."""
    kept = stores.keep("resp_1")

    assert stores.responses.find("ada", "resp_1") == kept
    stores.settle()
    assert stores.responses.find("ada", "resp_1") == kept


def test_another_principal_finds_nothing(stores):
    """Nor can it delete."""
    kept = stores.keep("resp_1")
    stores.responses.delete("bob", "resp_1")
    stores.settle()

    assert stores.responses.find("bob", "resp_1") is None
    assert stores.responses.find("ada", "resp_1") == kept
    assert [stores.responses.is_anothers(who, "resp_1") for who in ("ada", "bob")] == [False, True]
    assert not stores.responses.is_anothers("bob", "resp_unknown")


def test_what_is_deleted_is_gone(stores):
    """At once, and after a restart."""
    stores.keep("resp_1")
    stores.settle()
    stores.responses.delete("ada", "resp_1")

    assert stores.responses.find("ada", "resp_1") is None
    stores.settle()
    assert stores.responses.find("ada", "resp_1") is None


def test_what_is_old_is_gone(stores):
    """After the time for which it is kept."""
    stores.keep("resp_1")
    stores.settle()
    stores.clock.now_s += 99
    assert stores.responses.find("ada", "resp_1") is not None
    stores.clock.now_s += 2
    assert stores.responses.find("ada", "resp_1") is None


def test_the_oldest_of_a_principal_makes_room(stores):
    """And none of another's."""
    stores.keep("resp_b", "bob")
    for number in range(5):
        stores.clock.now_s += 1
        stores.keep(f"resp_{number}")
    stores.settle()
    if stores.kind == "restarted":
        assert [stores.responses.find("ada", f"resp_{number}") is None for number in range(5)] == [True, True, False, False, False]
    assert stores.responses.find("ada", "resp_4") is not None
    assert stores.responses.find("bob", "resp_b") is not None


def test_states_of_calls_come_back_to_their_principal(stores):
    """In memory and after a restart, for their hours."""
    stores.states.put("ada", {"call_1": b"one", "call_2": b""})
    stores.settle()

    assert stores.states.get("ada", ["call_1", "call_2", "call_3"]) == {"call_1": b"one"}
    assert stores.states.get("bob", ["call_1"]) == {}
    stores.clock.now_s += 51
    assert stores.states.get("ada", ["call_1"]) == {}


def test_the_file_is_its_owners_alone_and_holds_bounded_bytes(tmp_path):
    """Large responses push out older ones; one that is larger than all room is not kept."""
    stores = Stores("restarted", tmp_path)
    noise = bytes(range(256)) * 30  # it packs to little, so the bound is reached by the noise below
    for number in range(3):
        stores.clock.now_s += 1
        stores.keep(f"resp_{number}", body=_noise(number))
    stores.keep("resp_large", body=b"".join(map(_noise, range(10))))
    stores.keep("resp_small", "bob", body=noise)
    stores.settle()

    assert (tmp_path / NAME).stat().st_mode & 0o777 == 0o600
    assert stores.responses.find("ada", "resp_0") is None
    assert stores.responses.find("ada", "resp_2").body == _noise(2)
    assert stores.responses.find("ada", "resp_large") is None
    assert stores.responses.find("bob", "resp_small").body == noise
    stores.close()


def test_a_person_is_forgotten(tmp_path):
    """With all that is kept of theirs, and nothing of others."""
    stores = Stores("restarted", tmp_path)
    stores.keep("resp_1")
    stores.keep("resp_b", "bob")
    stores.states.put("ada", {"call_1": b"one"})
    stores.close()

    assert forget_kept(str(tmp_path), ["ada"], only_count=True) == 1
    assert forget_kept(str(tmp_path), ["ada"]) == 1
    with sqlite3.connect(tmp_path / NAME) as connection:
        assert connection.execute("SELECT principal_id FROM responses").fetchall() == [("bob",)]
        assert connection.execute("SELECT count(*) FROM call_states").fetchone() == (0,)
    assert forget_kept(str(tmp_path / "none"), ["ada"]) == 0


def test_a_damaged_file_is_put_aside(tmp_path):
    """The gateway starts, and keeps responses in a new one."""
    (tmp_path / NAME).write_bytes(b"no database at all" * 100)
    stores = Stores("restarted", tmp_path)
    kept = stores.keep("resp_1")
    stores.settle()

    assert stores.responses.find("ada", "resp_1") == kept
    assert (tmp_path / f"{NAME}.damaged").exists()
    stores.close()


def test_a_response_that_cannot_be_made_costs_no_other(tmp_path):
    """The writer goes on."""
    stores = Stores("restarted", tmp_path)
    stores.responses.keep("ada", "resp_bad", lambda: 1 / 0)
    kept = stores.keep("resp_1")
    stores.settle()

    assert stores.responses.find("ada", "resp_1") == kept
    assert stores.responses.find("ada", "resp_bad") is None
    stores.close()


def _noise(seed: int) -> bytes:
    """8 KB that cannot be compressed."""
    return b"".join(hashlib.sha256(b"%d %d" % (seed, at)).digest() for at in range(256))
