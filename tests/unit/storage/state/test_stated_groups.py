"""Names of groups between processes."""

from headgate.storage.state.stated_groups import StatedGroups, write_groups


def test_what_is_written_is_read_where_it_has_changed(tmp_path):
    """None at first; the same object as long as nothing changes."""
    read = StatedGroups(str(tmp_path))
    assert read.names() == frozenset()
    write_groups(str(tmp_path), [])
    assert not list(tmp_path.iterdir())
    write_groups(str(tmp_path), ["team", "contractors"])
    found = read.names()
    assert found == {"team", "contractors"}
    assert read.names() is found
    write_groups(str(tmp_path), iter(["team"]))
    assert read.names() == {"team"}


def test_trouble_with_the_file_stops_nothing(tmp_path, caplog):
    """It is in the log, and no group is known."""
    (tmp_path / "groups.json").write_bytes(b"{")
    assert StatedGroups(str(tmp_path)).names() == frozenset()
    write_groups(str(tmp_path / "nowhere"), ["team"])
    assert ["the names of groups cannot be read" in caplog.text, "the names of groups could not be written" in caplog.text] == [True, True]
