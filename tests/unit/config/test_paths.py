"""Where files are kept and found."""

from pathlib import Path

from headgate.config.paths import DataDirectory, config_file, data_directory


def test_data_directory(tmp_path):
    """The option wins over the variable, the variable over XDG, XDG over the home directory."""
    environ = {"HEADGATE_DATA": str(tmp_path / "b"), "XDG_DATA_HOME": str(tmp_path / "c"), "HOME": str(tmp_path)}
    assert data_directory(str(tmp_path / "a"), environ).root == tmp_path / "a"
    assert data_directory("", environ).root == tmp_path / "b"
    del environ["HEADGATE_DATA"]
    assert data_directory("", environ).root == tmp_path / "c" / "headgate"
    environ["XDG_DATA_HOME"] = "relative"
    assert data_directory("", environ).root == tmp_path / ".local/share/headgate"


def test_places(tmp_path):
    """Every file has its place below the root."""
    data = DataDirectory(tmp_path)
    places = [data.state_file, data.pepper_file, data.journal, data.warehouse]
    assert [place.relative_to(tmp_path).as_posix() for place in places] == ["state.db", "pepper", "journal", "warehouse"]


def test_config_file(tmp_path, monkeypatch):
    """A named file is taken as named; otherwise the working directory, then XDG, then none."""
    monkeypatch.chdir(tmp_path)
    home = {"HOME": str(tmp_path / "home")}
    assert config_file("", home) == (None, "")
    assert config_file("x.toml", home) == (tmp_path / "x.toml", "--config")
    assert config_file("", home | {"HEADGATE_CONFIG": "/y.toml"}) == (Path("/y.toml"), "HEADGATE_CONFIG")
    below = tmp_path / "home/.config/headgate/headgate.toml"
    below.parent.mkdir(parents=True)
    below.touch()
    assert config_file("", home) == (below, "")
    (tmp_path / "headgate.toml").touch()
    assert config_file("", home) == (tmp_path / "headgate.toml", "")
