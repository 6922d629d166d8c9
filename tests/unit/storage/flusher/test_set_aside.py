"""Segments kept aside."""

import os

import pytest

from headgate.storage.flusher import set_aside


@pytest.mark.parametrize("links", [True, False])
def test_a_segment_is_kept_under_a_second_name(tmp_path, monkeypatch, links):
    """Once, and also where a file cannot have two names."""
    path = tmp_path / "1.wal"
    path.write_bytes(b"abc")
    if not links:
        monkeypatch.setattr(os, "link", lambda *_: (_ for _ in ()).throw(OSError("no links")))
    set_aside.keep(str(tmp_path), str(path))
    set_aside.keep(str(tmp_path), str(path))
    path.unlink()

    assert (tmp_path / "kept" / "1.wal").read_bytes() == b"abc"


def test_what_is_set_aside_is_counted_and_bounded(tmp_path, monkeypatch, caplog):
    """Beyond the bound the oldest go, with a line in the log; the newest stays whatever its size."""
    monkeypatch.setattr(set_aside, "BYTES_MAX", 10)
    for name, size in (("0001.wal", 4), ("0002.wal", 4), ("0003.wal", 4), ("0004.wal", 30)):
        (tmp_path / name).write_bytes(b"x" * size)
    for name in ("0001.wal", "0002.wal"):
        set_aside.keep(str(tmp_path), str(tmp_path / name))
    assert (set_aside.held(str(tmp_path)), caplog.messages) == (set_aside.SetAside(2, 8), [])
    set_aside.keep(str(tmp_path), str(tmp_path / "0003.wal"))
    assert sorted(os.listdir(tmp_path / "kept")) == ["0002.wal", "0003.wal"]
    set_aside.keep(str(tmp_path), str(tmp_path / "0004.wal"))

    assert sorted(os.listdir(tmp_path / "kept")) == ["0004.wal"]
    assert [message.split(" is deleted")[0][-8:] for message in caplog.messages] == ["0001.wal", "0002.wal", "0003.wal"]
    assert set_aside.held(str(tmp_path / "nowhere")) == set_aside.SetAside()


def test_the_bound_is_a_gibibyte():
    """Sixteen of the largest segments."""
    assert set_aside.BYTES_MAX == 1 << 30
