"""Folders of tables on this machine; those of object storage are in the contract tests."""

import pytest

from headgate.storage.delta import places


def test_read_and_remove(tmp_path):
    """A file is read whole; a folder goes with all that is in it, and one that is not there is no error."""
    folder = tmp_path / "t"
    (folder / "inside").mkdir(parents=True)
    (folder / "inside" / "file").write_bytes(b"text")
    assert places.read(f"{folder}/inside/file") == b"text"
    places.remove(str(folder))
    places.remove(str(folder))
    assert not folder.exists()
    with pytest.raises(FileNotFoundError):
        places.read(f"{folder}/inside/file")


def test_which_are_here():
    """A path is; a URL is not."""
    assert places.is_local("/data/warehouse/t")
    assert not places.is_local("s3://bucket/t")
