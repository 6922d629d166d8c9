"""Audit events into their table: each once, in one chain."""

import os

import msgspec
import pytest

from headgate.catalog.audit_chain import Head
from headgate.storage.flusher import audit_append
from headgate.storage.journal.audit_head import AUDIT_HEAD_FILE, read_head
from headgate.storage.query.audit_check import check_audit
from tests.fakes.audit_place import AuditPlace, event


@pytest.fixture
def place(tmp_path):
    """A data directory without a table yet."""
    made = AuditPlace(tmp_path)
    yield made
    made.close()


def test_events_become_rows_of_one_chain(place):
    """Over several rounds and processes; the end is kept beside the table."""
    place.note(event("a", who="ada@example.com", params={"name": "laptop"}, after='{"name":"laptop"}'))
    place.close()
    place.carry()
    place.write("b", "c")

    rows = place.chain()
    assert [(row["chain_sequence"], row["event_id"]) for row in rows] == [(1, "a"), (2, "b"), (3, "c")]
    assert [row["previous_hash"] for row in rows] == ["", rows[0]["row_hash"], rows[1]["row_hash"]]
    assert read_head(place.data_dir) == Head(3, rows[2]["row_hash"])
    first = rows[0]
    assert (first["user_identity"]["email"], first["identity_metadata"]["run_as"]) == ("ada@example.com", "ada@example.com")
    assert (dict(first["request_params"]), first["after"], first["before"]) == ({"name": "laptop"}, '{"name":"laptop"}', None)
    assert str(first["event_time"])[:10] == str(first["event_date"])
    assert check_audit(place.data_dir).holds


def test_an_event_that_comes_twice_has_one_row(place):
    """In one batch, in two batches of a round, and after its row was written."""
    place.note(event("a"), event("a"), event("b"))
    place.note(event("b"), event("c"))
    place.close()
    place.carry()
    place.write("a", "c", "d")

    assert [row["event_id"] for row in place.chain()] == ["a", "b", "c", "d"]
    assert check_audit(place.data_dir).holds


@pytest.mark.parametrize("step", ["append", "keep_head"])
def test_a_crash_of_the_flusher_neither_loses_nor_doubles_nor_forks(place, monkeypatch, step):
    """Before the commit, and between the commit and the end that is kept."""
    place.write("a")
    place.note(event("b"), event("c"))
    place.close()

    def fail(*_args):
        raise SystemExit("killed")

    with monkeypatch.context() as patch:
        patch.setattr(audit_append.delta_table if step == "append" else audit_append, step, fail)
        with pytest.raises(SystemExit):
            place.carry()
    assert check_audit(place.data_dir).holds
    place.carry()
    place.write("d")

    assert [row["event_id"] for row in place.chain()] == ["a", "b", "c", "d"]
    verdict = check_audit(place.data_dir)
    assert (verdict.holds, verdict.rows, verdict.head) == (True, 4, read_head(place.data_dir))


def test_a_table_that_lost_its_end_does_not_get_its_numbers_again(place):
    """Else the next row would hide what was removed."""
    place.write("a", "b", "c")
    place.replace(place.chain()[:1])
    place.write("d")

    assert [row["chain_sequence"] for row in place.chain()] == [1, 4]
    (one,) = check_audit(place.data_dir).breaks
    assert one.what == "removed: rows 2 to 3 are missing"


def test_a_damaged_end_is_made_anew(place, caplog):
    """Events are not held up by it; the log says so."""
    place.write("a")
    with open(os.path.join(place.data_dir, AUDIT_HEAD_FILE), "w", encoding="utf-8") as file:
        file.write("{")
    assert "is damaged" in check_audit(place.data_dir).breaks[0].what
    place.write("b")

    assert "is damaged, and made anew" in caplog.text
    assert check_audit(place.data_dir).holds


def test_a_batch_that_holds_no_events_costs_only_itself(place):
    """Its segment is set aside; the others land."""
    place.put(msgspec.structs.replace(place.holding(event("x")), payload=b"{"), place.holding(event("a")))
    place.close()
    place.carry()
    assert [row["event_id"] for row in place.chain()] == ["a"]


def test_merging_files_keeps_the_chain(place):
    """It rewrites every row."""
    for number in range(3):
        place.write(str(number))
    place.table.optimize.compact()
    assert check_audit(place.data_dir).holds
