"""How far the ledger is settled, on disk."""

import os

from headgate.catalog.ledger.settled import SettledTime
from headgate.storage.settling import standing

KNOWN = SettledTime(days_until_us=7, draft_until_us=9, edition=3)


def test_what_was_written_is_read(tmp_path):
    """A data directory without the file has nothing settled."""
    assert standing.read_settled(str(tmp_path)) == SettledTime()
    standing.write_settled(str(tmp_path), KNOWN)

    assert standing.read_settled(str(tmp_path)) == KNOWN


def test_a_broken_file_is_none(tmp_path):
    """What cannot be read settles nothing: all is computed."""
    (tmp_path / "settled.json").write_bytes(b'{"days_until_us":')

    assert standing.read_settled(str(tmp_path)) == SettledTime()


def test_one_process_settles(tmp_path):
    """The lock is held until its file is closed."""
    first = standing.lock_settling(str(tmp_path))

    assert first is not None
    assert standing.lock_settling(str(tmp_path)) is None
    os.close(first)
    second = standing.lock_settling(str(tmp_path))
    assert second is not None
    os.close(second)
