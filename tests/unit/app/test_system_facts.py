"""What the page of settings says of the data directory."""

from pathlib import Path

from headgate.app.system_facts import stored_parts


def test_what_the_data_directory_takes(tmp_path: Path) -> None:
    """Each folder with all below it, the state with what SQLite keeps beside it, all other files together; the largest first."""
    (tmp_path / "warehouse" / "a" / "b").mkdir(parents=True)
    (tmp_path / "warehouse" / "a" / "b" / "one.parquet").write_bytes(b"x" * 1000)
    (tmp_path / "warehouse" / "two.parquet").write_bytes(b"x" * 24)
    for name, size in (("state.db", 300), ("state.db-wal", 12), ("pepper", 5), ("prices.json", 6)):
        (tmp_path / name).write_bytes(b"x" * size)
    (tmp_path / "warehouse" / "elsewhere").symlink_to(tmp_path / "pepper")
    found = [(part.name, part.bytes, part.files) for part in stored_parts(tmp_path)]
    link_bytes = (tmp_path / "warehouse" / "elsewhere").lstat().st_size
    assert found == [("warehouse", 1024 + link_bytes, 3), ("state.db", 312, 2), ("other files", 11, 2)]
    assert stored_parts(tmp_path / "nothing") == ()
