"""The journals of a data directory."""

import os

import pytest

from headgate.storage.journal import journal_dir, journals
from headgate.storage.journal.limits import JournalLimits
from headgate.storage.journal.writer import JournalBusy, JournalWriter
from tests.fakes.records import QUIET

IMPATIENT = JournalLimits(reserve_bytes=0, lock_wait_s=0.0)


def test_each_writer_has_a_journal_of_its_own(tmp_path):
    """Both append at once, and no number of one is a number of the other: their names in the tables' transactions differ."""
    data_dir = str(tmp_path)
    assert journals.list_journals(data_dir) == []
    one = JournalWriter.open(journals.writer_dir(data_dir), QUIET)
    two = JournalWriter.open(journals.writer_dir(data_dir, "1"), QUIET)
    listed = journals.list_journals(data_dir)

    assert [os.path.relpath(journal, data_dir) for journal in listed] == ["journal/0", "journal/1"]
    assert len({journal_dir.read_app_id(journal) for journal in listed}) == 2
    assert os.stat(journals.journals_dir(data_dir)).st_mode & 0o777 == 0o700
    one.close()
    two.close()
    assert journals.list_journals(data_dir) == listed


def test_the_journal_of_an_earlier_release_is_one_of_them(tmp_path):
    """It is in the directory itself; folders beside it that are no journals are not listed."""
    data_dir = str(tmp_path)
    root = journals.journals_dir(data_dir)
    JournalWriter.open(root, QUIET).close()
    os.makedirs(os.path.join(root, "parked", "table"))
    os.makedirs(os.path.join(root, "kept"))
    JournalWriter.open(journals.writer_dir(data_dir), QUIET).close()

    assert [os.path.relpath(journal, data_dir) for journal in journals.list_journals(data_dir)] == ["journal", "journal/0"]


def test_a_gateway_of_an_earlier_release_that_runs_is_noticed(tmp_path):
    """It holds the lock that was the only one then."""
    earlier = JournalWriter.open(journals.journals_dir(str(tmp_path)), QUIET)
    with pytest.raises(JournalBusy):
        JournalWriter.open(journals.writer_dir(str(tmp_path)), IMPATIENT)
    earlier.close()
    JournalWriter.open(journals.writer_dir(str(tmp_path)), IMPATIENT).close()
