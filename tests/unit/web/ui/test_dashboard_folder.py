"""The files of dashboards: shipped and own, followed as they change."""

import os

from headgate.web.ui.dashboard_folder import DashboardFolder

ONE = "title: {}\ntiles:\n- {{name: a, title: A, sql: SELECT 1, chart: {{mark: bar}}}}\n"


def test_files_are_followed(tmp_path):
    """A new file is there, a changed one is read again, one that is deleted is gone; an unchanged one is not read twice."""
    folder = DashboardFolder(str(tmp_path / "later"))
    assert folder.own() == {}
    (tmp_path / "later").mkdir()
    path = tmp_path / "later" / "mine.yaml"
    path.write_text(ONE.format("One"))
    first = folder.own()["mine"]
    assert first.dashboard.title == "One"
    assert folder.own()["mine"] is first
    path.write_text(ONE.format("Another"))
    assert folder.find("mine").dashboard.title == "Another"
    path.unlink()
    assert folder.find("mine") is None


def test_what_cannot_be_read_is_listed(tmp_path):
    """With why; other files of the folder are no dashboards."""
    (tmp_path / "bytes.yaml").write_bytes(b"title: a\nabout: \xff")
    (tmp_path / "a b.yaml").write_text(ONE)
    (tmp_path / "overview.yml").write_text(ONE)
    (tmp_path / ".hidden.yaml").write_text(ONE)
    (tmp_path / "notes.txt").write_text("x")
    (tmp_path / "folder.yaml").mkdir()
    if os.geteuid():
        (tmp_path / "closed.yaml").write_text(ONE)
        (tmp_path / "closed.yaml").chmod(0)
    found = {name: file.problems[0] for name, file in DashboardFolder(str(tmp_path)).own().items() if name != "closed"}
    assert {name: problem.line for name, problem in found.items()} == {"bytes": 2, "a b": 1, "overview": 1}
    assert "is not UTF-8" in found["bytes"].text
    assert "letters, digits" in found["a b"].text
    assert "Headgate's own dashboards" in found["overview"].text


def test_no_folder():
    """Only Headgate's own are there."""
    folder = DashboardFolder("")
    assert folder.own() == {}
    assert folder.find("overview").shipped
