"""The check of the audit table, over real Delta files that are tampered with."""

import shutil
from pathlib import Path

import pytest

from headgate.catalog.audit_chain import Head
from headgate.core.errors import Unavailable
from headgate.storage.delta import delta_table
from headgate.storage.query.audit_check import check_audit
from tests.fakes.audit_place import AuditPlace


@pytest.fixture
def place(tmp_path):
    """A table of four rows."""
    made = AuditPlace(tmp_path)
    made.write("a", "b")
    made.write("c", "d")
    yield made
    made.close()


def found(place):
    """What the check says: numbers and the first word of each."""
    return [(one.sequence, one.what.partition(":")[0]) for one in check_audit(place.data_dir).breaks]


def test_a_table_as_it_was_written_holds(place):
    """With the number of its rows and its end; a directory without a table has nothing to check."""
    verdict = check_audit(place.data_dir)
    assert (verdict.holds, verdict.rows, verdict.head.sequence) == (True, 4, 4)
    assert check_audit(place.data_dir, verdict.head).holds
    assert check_audit(f"{place.data_dir}/nowhere").holds


def test_rows_that_come_while_the_table_is_read_are_not_missing(place, monkeypatch):
    """The end that is compared is one from before the reading."""
    opened = delta_table.open_table

    def open_and_write(location):
        monkeypatch.undo()
        table = opened(location)
        place.write("e")
        return table

    monkeypatch.setattr(delta_table, "open_table", open_and_write)
    assert found(place) == []
    assert check_audit(place.data_dir).rows == 5


def test_a_changed_row_is_found(place):
    """A name in it."""
    rows = place.chain()
    rows[1]["user_identity"] = {"email": "eve@example.com", "subject_name": None}
    place.replace(rows)
    assert found(place) == [(2, "changed")]


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_a_removed_row_is_found(place, number):
    """Wherever it was, the last one too."""
    place.replace([row for row in place.chain() if row["chain_sequence"] != number])
    assert found(place) == [(number, "removed")]


def test_an_inserted_row_is_found(place):
    """A copy of a row with another event, and one without a number."""
    rows = place.chain()
    place.replace([*rows, rows[1] | {"event_id": "x"}])
    assert ("inserted" in dict(found(place)).values()) is True
    place.replace([*rows, rows[1] | {"event_id": "x", "chain_sequence": None}])
    assert found(place) == [(0, "inserted")]


def test_a_table_that_was_deleted_whole_is_found(place):
    """The end that is kept beside it says that it had rows."""
    shutil.rmtree(place.path)
    assert found(place) == [(1, "removed")]


def test_an_end_that_was_written_down_elsewhere_is_compared(place):
    """It finds even a chain that was made anew together with the end beside it."""
    noted = check_audit(place.data_dir).head
    assert [one.sequence for one in check_audit(place.data_dir, Head(noted.sequence, "f" * 64)).breaks] == [4]
    assert [one.sequence for one in check_audit(place.data_dir, Head(9, "f" * 64)).breaks] == [5]


@pytest.mark.parametrize("other", [b"", b"PAR1 and more"])
def test_a_table_that_cannot_be_read_is_no_whole_chain(place, other):
    """A file that was emptied, or has other bytes than its commit says, is an error and not a success."""
    Path(place.table.file_uris()[0].removeprefix("file://")).write_bytes(other)
    with pytest.raises(Unavailable, match="cannot be read"):
        check_audit(place.data_dir)
