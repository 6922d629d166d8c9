"""The flusher's news to other processes."""

from headgate.storage.journal.flusher_status import FlusherStatus, read_status, write_status


def test_a_status_is_read_as_it_was_written(tmp_path):
    """The last one counts; none before the first, and a broken file is none."""
    directory = str(tmp_path)
    assert read_status(directory) is None
    write_status(directory, FlusherStatus(rows=1))
    write_status(directory, FlusherStatus(at_ns=5, seq=9, rows=2, lost=1, trouble="no space"))

    assert read_status(directory) == FlusherStatus(at_ns=5, seq=9, rows=2, lost=1, trouble="no space")
    (tmp_path / "flusher.json").write_text("{")
    assert read_status(directory) is None


def test_a_status_that_cannot_be_written_is_no_error(tmp_path):
    """It is news, not a record."""
    write_status(str(tmp_path / "nowhere"), FlusherStatus())
