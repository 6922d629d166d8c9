"""The file of logins."""

import os
import stat

import pytest

from headgate.cli.logins import Login, LoginFile, login_path, plain_url, read_logins, write_logins
from headgate.core.errors import Forbidden, NotFound
from headgate.core.secret import Secret

A = Login(url="https://a.example", principal="ada", token_id="tok_1", token_name="laptop", secret=Secret("hg_a"))
B = Login(url="https://b.example", principal="ada", kept_in="keyring")


@pytest.fixture
def environ(tmp_path):
    """A home without logins."""
    return {"HOME": str(tmp_path)}


def test_it_is_read_as_it_was_written(environ):
    """With the token; only its owner can read the file and open the directory."""
    write_logins(LoginFile().with_login(A).with_login(B), environ)
    found = read_logins(environ)
    assert found.find() == B
    assert found.find("https://A.example/").secret.reveal() == "hg_a"
    path = login_path(environ)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert os.listdir(path.parent) == ["logins.json"]


def test_there_is_none(environ):
    """No file is no error."""
    assert read_logins(environ) == LoginFile()
    assert LoginFile().find() is None


def test_one_login_for_each_gateway():
    """A second one takes the place of the first."""
    again = LoginFile().with_login(A).with_login(B).with_login(A)
    assert ([login.url for login in again.logins], again.current) == ([B.url, A.url], A.url)


def test_signing_out():
    """The latest of the others counts then."""
    both = LoginFile().with_login(A).with_login(B)
    assert both.without(B.url).current == A.url
    assert both.without(A.url).current == B.url
    assert both.without(A.url).without(B.url) == LoginFile()


def test_a_file_that_others_can_read(environ):
    """Is refused with the command that mends it."""
    write_logins(LoginFile().with_login(A), environ)
    login_path(environ).chmod(0o644)
    with pytest.raises(Forbidden, match="Run: chmod 600"):
        read_logins(environ)


def test_a_file_that_is_broken(environ):
    """Is named, and nothing in it is shown."""
    write_logins(LoginFile(), environ)
    login_path(environ).write_text('{"current": "hg_secret"', encoding="utf-8")
    with pytest.raises(NotFound, match="Delete it and sign in again") as refused:
        read_logins(environ)
    assert "hg_secret" not in refused.value.message


def test_a_write_that_fails_leaves_the_file_as_it_was(environ, monkeypatch):
    """And no other file."""
    write_logins(LoginFile().with_login(A), environ)

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="No space"):
        write_logins(LoginFile(), environ)
    assert read_logins(environ).current == A.url
    assert os.listdir(login_path(environ).parent) == ["logins.json"]


def test_the_form_of_an_address():
    """A path keeps its letters."""
    assert plain_url(" HTTPS://Gate.Example:8484/Team/ ") == "https://gate.example:8484/Team"
