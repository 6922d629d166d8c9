"""Tokens in the system's keyring."""

import sys

import pytest

from headgate.cli.keyring_tokens import delete_token, is_usable, read_token, store_token
from headgate.core.errors import NotFound, Unavailable
from headgate.core.secret import Secret

keyring = pytest.importorskip("keyring")
backend = pytest.importorskip("keyring.backend")
errors = pytest.importorskip("keyring.errors")
URL = "https://gate.example"


class Memory(backend.KeyringBackend):
    """A keyring that ends with the test. `broken` refuses everything."""

    priority = 5

    def __init__(self):
        super().__init__()
        self.kept, self.broken = {}, False

    def _check(self):
        if self.broken:
            raise errors.KeyringLocked("locked")

    def set_password(self, service, username, password):
        self._check()
        self.kept[service, username] = password

    def get_password(self, service, username):
        self._check()
        return self.kept.get((service, username))

    def delete_password(self, service, username):
        self._check()
        if (service, username) not in self.kept:
            raise errors.PasswordDeleteError("none")
        del self.kept[service, username]


@pytest.fixture
def ring():
    """The keyring of this process."""
    before = keyring.get_keyring()
    memory = Memory()
    keyring.set_keyring(memory)
    yield memory
    keyring.set_keyring(before)


def test_a_token_comes_back_until_it_is_deleted(ring):
    """Under the gateway's address."""
    assert is_usable()
    store_token(URL, Secret("hg_a"))
    assert ring.kept == {("headgate", URL): "hg_a"}
    assert read_token(URL).reveal() == "hg_a"
    delete_token(URL)
    delete_token(URL)
    with pytest.raises(NotFound, match=f"Sign in again: `headgate login {URL}`"):
        read_token(URL)


def test_a_keyring_that_is_locked(ring):
    """Is reported in words."""
    ring.broken = True
    with pytest.raises(Unavailable, match="--keep-in file"):
        store_token(URL, Secret("hg_a"))
    with pytest.raises(Unavailable, match="Is it locked"):
        read_token(URL)
    with pytest.raises(Unavailable, match="Is it locked"):
        delete_token(URL)


def test_a_machine_without_a_keyring():
    """The library's own stand-in for none is not used."""
    before = keyring.get_keyring()
    keyring.set_keyring(__import__("keyring.backends.fail", fromlist=["Keyring"]).Keyring())
    try:
        assert not is_usable()
    finally:
        keyring.set_keyring(before)


def test_without_the_library(monkeypatch):
    """Nothing can be kept there, and what was kept there cannot be read."""
    monkeypatch.setitem(sys.modules, "keyring", None)
    assert not is_usable()
    delete_token(URL)
    with pytest.raises(Unavailable, match=r"needs headgate\[keyring\]"):
        read_token(URL)
