"""Groups between processes."""

from headgate.core.group import DeclaredGroup
from headgate.storage.state.stated_groups import StatedGroups, write_groups

TEAM = DeclaredGroup("team", ("ada", "group:core"), "headgate.toml:3")


def test_what_is_written_is_read_where_it_has_changed(tmp_path):
    """None at first; the same object as long as nothing changes."""
    read = StatedGroups(str(tmp_path))
    assert read.names() == frozenset()
    write_groups(str(tmp_path), [])
    assert not list(tmp_path.iterdir())
    write_groups(str(tmp_path), [TEAM, DeclaredGroup("contractors")])
    found = read.names()
    assert found == {"team", "contractors"}
    assert read.names() is found
    write_groups(str(tmp_path), iter([TEAM]))
    assert (read.groups(), read.names()) == ((TEAM,), {"team"})


def test_trouble_with_the_file_stops_nothing(tmp_path, caplog):
    """It is in the log, and no group is known."""
    (tmp_path / "groups.json").write_bytes(b"{")
    assert StatedGroups(str(tmp_path)).names() == frozenset()
    write_groups(str(tmp_path / "nowhere"), [TEAM])
    assert ["the groups of the file cannot be read" in caplog.text, "the groups of the file could not be written" in caplog.text] == [True, True]
