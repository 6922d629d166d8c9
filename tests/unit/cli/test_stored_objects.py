"""What the store declares beside the file, in the commands that show both."""

import json

import pytest
from typer.testing import CliRunner

from headgate.cli.main import app
from headgate.cli.stored_objects import counted, stored_objects
from headgate.config.paths import DataDirectory
from headgate.core.stored_object import ObjectChange, StoredObject
from headgate.storage.state.objects import ObjectStore
from headgate.storage.state.store import open_state

FILE = '[discovery]\nenvironment = false\nollama = false\n[[providers]]\nname = "lab"\ndialect = "anthropic"\nbase_url = "http://127.0.0.1:9000"\n'
OBJECTS = (
    StoredObject(id="ep_1", kind="endpoint", name="coding", document={"name": "coding", "targets": [{"provider": "lab", "model": "m"}]}),
    StoredObject(id="ep_2", kind="endpoint", name="lost", document={"name": "lost", "targets": [{"provider": "gone", "model": "m"}]}),
    StoredObject(id="lim_1", kind="limit", name="odd", document={"key": "endpoint"}),
    StoredObject(id="bdg_1", kind="budget", name="team", document={"name": "team", "per": "day", "usd": 1.0}),
)
COUNTED = "2 endpoints, 1 limit, 1 budget (headgate endpoint list, headgate limit list, headgate budget declared)"


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Runs a command beside a file and a store."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "state.db").touch(mode=0o600)
    (tmp_path / "headgate.toml").write_text(FILE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    store, _ = open_state(DataDirectory(tmp_path / "data"))
    ObjectStore(store.database).apply([ObjectChange(None, each) for each in OBJECTS])
    store.close()

    def run(*arguments: str):
        result = CliRunner().invoke(app, arguments, env={"HEADGATE_DATA": str(tmp_path / "data")})
        assert result.exit_code == 0, result.output
        return result.stdout

    return run


def test_check_shows_what_the_store_declares(run):
    """Its endpoints among the others, and what cannot be used with its reason."""
    lines = run("check").splitlines()
    assert "✔ endpoint    coding → m at lab" in lines
    assert f"✔ store       {COUNTED}" in lines
    assert "! endpoint lost of the store: provider 'gone' is gone: requests to it are refused" in lines
    assert [line for line in lines if line.startswith("! limit odd of the store is not used: a limit needs")]
    described = json.loads(run("check", "--json"))
    assert described["endpoints"] == ["coding", "lost"]
    assert sorted(each["id"] for each in described["stored"]) == sorted(each.id for each in OBJECTS)


def test_show_counts_what_the_store_declares(run):
    """In a comment, for the file is what it shows."""
    assert run("config", "show").endswith(f"\n# The store declares more: {COUNTED}\n")


def test_without_a_store_there_is_nothing(tmp_path):
    """And none is made."""
    assert stored_objects(str(tmp_path)) == ()
    assert not counted(())
    assert list(tmp_path.iterdir()) == []
