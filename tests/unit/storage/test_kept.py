"""Segments kept aside."""

import os

import pytest

from headgate.storage import kept


@pytest.mark.parametrize("links", [True, False])
def test_a_segment_is_kept_under_a_second_name(tmp_path, monkeypatch, links):
    """Once, and also where a file cannot have two names."""
    path = tmp_path / "1.wal"
    path.write_bytes(b"abc")
    if not links:
        monkeypatch.setattr(os, "link", lambda *_: (_ for _ in ()).throw(OSError("no links")))
    kept.keep(str(tmp_path), str(path))
    kept.keep(str(tmp_path), str(path))
    path.unlink()

    assert (tmp_path / "kept" / "1.wal").read_bytes() == b"abc"
