"""Where the token of a login is kept."""

import pytest

from headgate.cli import login_keeping
from headgate.cli.gateway import RemoteGateway
from headgate.cli.login_keeping import keep_login
from headgate.cli.logins import read_logins
from headgate.core.secret import Secret
from tests.unit.cli.answering import ME

GATEWAY = RemoteGateway(url="https://gate.example", token=Secret("hg_secret"))


@pytest.fixture
def ring(tmp_path, monkeypatch):
    """A keyring, and a home without logins."""
    kept = {}
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setattr(login_keeping, "store_token", lambda url, token: kept.update({url: token.reveal()}))
    monkeypatch.setattr(login_keeping, "delete_token", kept.pop)
    return kept


def test_it_is_in_one_place(ring):
    """In the keyring the file does not have it; back in the file, the keyring has it no more."""
    keep_login(GATEWAY, ME, "keyring")
    assert (ring, read_logins().find().secret, read_logins().find().kept_in) == ({GATEWAY.url: "hg_secret"}, None, "keyring")
    keep_login(GATEWAY, ME, "file")
    assert ring == {}
    assert read_logins().find().secret.reveal() == "hg_secret"


def test_what_is_known_of_the_token(ring):
    """Its id, name and end are beside it."""
    login = keep_login(GATEWAY, ME, "file")
    assert (login.principal, login.token_id, login.token_name, login.expires_at) == ("ada@example.com", "tok_1", "laptop", "2099-01-15T08:00:00Z")
    endless = ME | {"token": ME["token"] | {"expires_at": None}}
    assert not keep_login(GATEWAY, endless, "file").expires_at
