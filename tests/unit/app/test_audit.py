"""The way of audit events into the journal."""

import asyncio

import msgspec
import pytest

from headgate.admin.token_request import TokenRequest
from headgate.admin.tokens import TokenAdmin
from headgate.app.audit import AuditTrail
from headgate.core.audit_event import SETTINGS, Act
from headgate.core.clock import SystemClock
from headgate.core.errors import Unavailable
from headgate.storage.query.audit_check import check_audit
from headgate.storage.query.audit_list import AuditFilter, read_audit
from headgate.storage.state.audit_outbox import AuditOutbox
from headgate.storage.state.store import StateStore
from tests.fakes.audit_place import AuditPlace


class Stage:
    """A store, a journal and what moves events between them."""

    def __init__(self, folder) -> None:
        self.place = AuditPlace(folder)
        self.state = StateStore(f"sqlite:///{folder}/state.db")
        self.outbox = AuditOutbox(self.state.database)
        self.tokens = TokenAdmin(self.state, b"p" * 32, SystemClock())
        self.tokens.create(TokenRequest(name="first", user="u"))
        self.outbox.remove([one.number for one in self.outbox.waiting()])  # of a user that is there
        self.start()

    def start(self) -> None:
        """A process begins."""
        self.trail = AuditTrail(self.state.database, self.place.open(), f"{self.place.data_dir}/warehouse", SystemClock())

    def names(self) -> list[str]:
        """The tokens that the events tell of, wherever those are, oldest first."""
        rows = read_audit(self.place.data_dir, self.outbox, AuditFilter())
        return [row["request_params"].get("token_name", row["action_name"]) for row in reversed(rows)]

    def write(self) -> None:
        """The process ends, and a flusher writes the table."""
        self.place.close()
        self.place.carry()


@pytest.fixture
def stage(tmp_path):
    """A fresh one."""
    made = Stage(tmp_path)
    yield made
    made.place.close()
    made.state.close()


async def test_events_go_from_the_state_to_the_table(stage):
    """Each is in one place at a time; a list finds it in all of them."""
    stage.tokens.create(TokenRequest(name="a", user="u"))
    assert (stage.names(), len(stage.outbox.waiting())) == (["a"], 1)
    await stage.trail.follow()
    stage.tokens.create(TokenRequest(name="b", user="u"))
    assert (stage.names(), len(stage.outbox.waiting())) == (["a", "b"], 1)
    await stage.trail.close()
    stage.trail.note(Act(service=SETTINGS, action="updateConfiguration"))
    assert (stage.names(), stage.outbox.waiting()) == (["a", "b", "updateConfiguration"], [])
    stage.write()
    assert stage.names() == ["a", "b", "updateConfiguration"]
    assert [row["chain_sequence"] for row in stage.place.chain()] == [1, 2, 3]
    assert check_audit(stage.place.data_dir).holds


@pytest.mark.parametrize("written", [False, True])
async def test_a_process_that_is_killed_between_journal_and_state_doubles_nothing(stage, monkeypatch, written):
    """The next one finds the events in the state again; also if the first ones are in the table by then."""
    stage.tokens.create(TokenRequest(name="a", user="u"))
    with monkeypatch.context() as patch:
        patch.setattr(stage.trail._outbox, "remove", lambda _numbers: (_ for _ in ()).throw(Unavailable("killed")))
        with pytest.raises(Unavailable):
            await stage.trail.follow()
    if written:
        stage.write()
    stage.start()
    await stage.trail.follow()
    stage.write()
    assert [dict(row["request_params"])["token_name"] for row in stage.place.chain()] == ["a"]
    assert stage.outbox.waiting() == []


async def test_a_state_that_cannot_be_cleared_gets_its_events_journalled_once(stage, monkeypatch):
    """By the same process; they are removed when that works again."""
    stage.tokens.create(TokenRequest(name="a", user="u"))
    kept = []
    with monkeypatch.context() as patch:
        patch.setattr(stage.trail._outbox, "remove", lambda _numbers: (_ for _ in ()).throw(Unavailable("locked")))
        patch.setattr(stage.trail, "_keep_durably", lambda events: kept.extend(events) or asyncio.sleep(0))
        for _ in range(3):
            with pytest.raises(Unavailable):
                await stage.trail.follow()
    await stage.trail.follow()
    assert len(kept) == 1
    assert stage.outbox.waiting() == []


async def test_a_journal_that_takes_nothing_loses_nothing_of_the_state(stage, monkeypatch, caplog):
    """The events wait there. What only the process itself knows is logged."""
    stage.tokens.create(TokenRequest(name="a", user="u"))

    def refuse(*_args):
        raise Unavailable("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(stage.place.journal, "append_durable", refuse)
        patch.setattr(stage.place.journal, "append", refuse)
        with pytest.raises(Unavailable):
            await stage.trail.follow()
        stage.trail.note(Act(service=SETTINGS, action="updateConfiguration"))
    assert "an audit event could not be kept: headgate updateConfiguration of headgate: the disk is full" in caplog.text
    assert len(stage.outbox.waiting()) == 1
    await stage.trail.follow()
    assert stage.names() == ["a"]


async def test_a_list_is_filtered(stage):
    """By who, by action, by time, and by number; the newest first."""
    for name in ("a", "b", "c"):
        stage.tokens.create(TokenRequest(name=name, user="u"))
    stage.tokens.revoke("b")
    await stage.trail.follow()

    def names(**asked):
        found = read_audit(stage.place.data_dir, stage.outbox, AuditFilter(**asked))
        return [(row["action_name"], row["request_params"]["token_name"]) for row in found]

    assert names(limit=2) == [("revokeDbToken", "b"), ("generateDbToken", "c")]
    assert names(action="revoke*") == [("revokeDbToken", "b")]
    assert names(who="ada*") == []
    assert len(names(who="head*")) == 4
    assert names(since_ns=SystemClock().wall_ns() + 1) == []
    stage.write()
    assert len(names(since_ns=1)) == 4
    assert msgspec.json.encode(read_audit(stage.place.data_dir, stage.outbox, AuditFilter()))
