"""What connecting does with the files that a user has: every byte of theirs comes back, and what cannot be changed is left alone."""

import json
import os
import stat
from pathlib import Path

import pytest

from headgate.agents.setting import AgentFile, Form, Setting
from headgate.cli.connect_plan import FilePlan, plan_file, undo_file, write_plans
from headgate.cli.connected import Connected, ConnectedFile, read_connected, write_connected
from headgate.core.errors import BadRequest, Forbidden

SETTINGS = (Setting(("env", "URL"), "http://gate"), Setting(("env", "TOKEN"), "hg_secret", secret=True))


def file_at(path: Path, *settings: Setting, form: Form = Form.JSON) -> AgentFile:
    """A file with settings of ours."""
    return AgentFile(str(path), form, settings or SETTINGS)


def connect(path: Path, connected: Connected | None = None, *settings: Setting) -> Connected:
    """Put the settings there."""
    plan = plan_file("claude", file_at(path, *settings), connected or Connected())
    return write_plans([plan], connected or Connected())


def disconnect(connected: Connected) -> list[str]:
    """Take everything back."""
    return [undo_file(Path(path), record).how for path, record in connected.files.items()]


@pytest.mark.parametrize(
    "content",
    [b"{}", b"", b"\n", b'\xef\xbb\xbf{\r\n\t"a": 1\r\n}\r\n', b'{"env": {"URL": "old", "x": "\xc3\xa9"}, "env2": [1,2 ]}', b'{\n  "a": 1\n}'],
)
@pytest.mark.parametrize("mode", [0o644, 0o600, 0o660])
def test_bytes_and_mode_come_back(tmp_path, content, mode):
    """The file is private as long as it holds a token; a second run writes nothing."""
    path = tmp_path / "settings.json"
    path.write_bytes(content)
    path.chmod(mode)
    connected = connect(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert json.loads(path.read_text(encoding="utf-8-sig"))["env"]["URL"] == "http://gate"
    again = plan_file("claude", file_at(path), connected)
    assert again.is_done
    before = path.stat()
    assert write_plans([again], connected) == connected
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert disconnect(connected) == ["is as it was"]
    assert path.read_bytes() == content
    assert stat.S_IMODE(path.stat().st_mode) == mode


def test_a_new_file_goes_with_its_folders(tmp_path):
    """Folders that were made for it are removed, unless something else is in them by then."""
    path = tmp_path / "home" / ".claude" / "settings.json"
    connected = connect(path)
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert disconnect(connected) == ["is deleted: there was none before"]
    assert list(tmp_path.iterdir()) == []
    connected = connect(path)
    (path.parent / "history").write_text("mine", encoding="utf-8")
    disconnect(connected)
    assert [each.name for each in path.parent.iterdir()] == ["history"]


def test_a_symbolic_link_stays_one(tmp_path):
    """What it points at is changed, and only once through two links."""
    real = tmp_path / "dotfiles" / "claude.json"
    real.parent.mkdir()
    real.write_text('{"a": 1}', encoding="utf-8")
    link = tmp_path / "settings.json"
    link.symlink_to("dotfiles/claude.json")
    connected = connect(link)
    assert link.is_symlink()
    assert "URL" in real.read_text(encoding="utf-8")
    assert list(connected.files) == [str(real)]
    disconnect(connected)
    assert real.read_text(encoding="utf-8") == '{"a": 1}'
    assert link.is_symlink()


def test_what_is_read_only_is_left_alone(tmp_path):
    """Also by root, who could write it."""
    path = tmp_path / "settings.json"
    path.write_text("{}", encoding="utf-8")
    path.chmod(0o444)
    with pytest.raises(Forbidden, match=r"is read-only. Run `chmod u\+w"):
        connect(path)
    assert (path.read_text(encoding="utf-8"), stat.S_IMODE(path.stat().st_mode)) == ("{}", 0o444)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'{\n  "a": 1,\n}', r"settings.json line 2: a comma before }. Correct it and try again; it is unchanged."),
        (b"[]", "line 1: an object is expected"),
        (b'{"a": "\xff"}', "is not UTF-8: byte 7"),
        (b'{"env": "none"}', r"has no place for env.URL"),
    ],
)
def test_what_is_broken_is_left_alone(tmp_path, content, said):
    """With a sentence that says where."""
    path = tmp_path / "settings.json"
    path.write_bytes(content)
    with pytest.raises(BadRequest, match=said):
        connect(path)
    assert path.read_bytes() == content
    assert list(tmp_path.iterdir()) == [path]


def test_all_files_of_an_agent_or_none(tmp_path):
    """If the second cannot be written, the first is put back."""
    first, second = tmp_path / "a.json", tmp_path / "b" / "b.json"
    first.write_text('{"mine": 1}', encoding="utf-8")
    plans = [plan_file("claude", file_at(path), Connected()) for path in (first, second)]
    second.parent.write_text("in the way", encoding="utf-8")
    with pytest.raises(Forbidden, match="No file is changed"):
        write_plans(plans, Connected())
    assert first.read_text(encoding="utf-8") == '{"mine": 1}'


def test_a_later_edit_stays(tmp_path):
    """Only our values go; what is broken meanwhile is refused and stays."""
    path = tmp_path / "settings.json"
    path.write_text('{"model": "opus"}\n', encoding="utf-8")
    connected = connect(path)
    path.write_text(path.read_text(encoding="utf-8").replace('"opus"', '"haiku"'), encoding="utf-8")
    assert disconnect(connected) == ["keeps your later changes; Headgate's settings are gone"]
    assert path.read_text(encoding="utf-8") == '{"model": "haiku"}\n'
    assert disconnect(connected) == ["has nothing of Headgate's any more"]
    path.write_text("{", encoding="utf-8")
    with pytest.raises(BadRequest, match="cannot be read"):
        disconnect(connected)
    path.unlink()
    assert disconnect(connected) == ["is gone already"]


def test_another_connection_replaces_the_first(tmp_path):
    """What is recorded stays the user's own text; a setting that is no longer wanted goes."""
    path = tmp_path / "settings.json"
    path.write_text('{"env": {"URL": "mine"}}', encoding="utf-8")
    connected = connect(path)
    plan: FilePlan = plan_file("claude", file_at(path, Setting(("env", "URL"), "http://other")), connected)
    assert [str(each) for each in plan.changes] == ['replace  env.URL: "http://gate" → "http://other"']
    assert plan.removed == ("env.TOKEN",)
    connected = write_plans([plan], connected)
    assert json.loads(path.read_text(encoding="utf-8")) == {"env": {"URL": "http://other"}}
    disconnect(connected)
    assert path.read_text(encoding="utf-8") == '{"env": {"URL": "mine"}}'


def test_the_record_is_private(tmp_path):
    """It is one file, and gone when nothing is connected; a broken one is named."""
    environ = {"HOME": str(tmp_path)}
    record = ConnectedFile(agent="claude", place="~/x", form=Form.JSON, before=None, mode_before=0, after="{}", paths=(("a",),), made_folders=[])
    write_connected(Connected(files={"/x": record}), environ)
    path = tmp_path / ".config" / "headgate" / "connected.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_connected(environ).of("claude") == {"/x": record}
    write_connected(Connected(), environ)
    assert not os.path.exists(path)
    path.write_text("[]", encoding="utf-8")
    with pytest.raises(BadRequest, match="move it away"):
        read_connected(environ)
