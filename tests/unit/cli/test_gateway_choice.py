"""What a command works on."""

import pytest
import typer

from headgate.cli.gateway_address import gateway_address
from headgate.cli.gateway_choice import asked_gateway, gateway_at, gateway_or_store
from headgate.cli.logins import Login, LoginFile, write_logins
from headgate.core.errors import Unauthenticated
from headgate.core.secret import Secret

HOUSE, OTHER = "https://gate.example", "https://other.example"


@pytest.fixture
def environ(tmp_path):
    """A user who is signed in to one gateway."""
    found = {"HOME": str(tmp_path)}
    write_logins(LoginFile().with_login(Login(url=HOUSE, principal="ada", secret=Secret("hg_login"))), found)
    return found


def shown(gateway):
    """The address and the token."""
    return "store" if gateway is None else (gateway.url, gateway.token.reveal(), gateway.signed_in)


@pytest.mark.parametrize(
    ("url", "data", "variables", "expected"),
    [
        ("", "", {}, (HOUSE, "hg_login", True)),
        (OTHER, "", {"HEADGATE_TOKEN": "hg_env"}, (OTHER, "hg_env", False)),
        (f"{HOUSE}/", "", {}, (HOUSE, "hg_login", True)),
        ("", "/data", {}, "store"),
        ("", "/data", {"HEADGATE_DATA": "/data"}, "store"),
        (OTHER, "/data", {"HEADGATE_DATA": "/data", "HEADGATE_TOKEN": "hg_env"}, (OTHER, "hg_env", False)),
        (OTHER, "/data", {"HEADGATE_DATA": "/data", "HEADGATE_TOKEN": "hg_env", "HEADGATE_URL": OTHER}, (OTHER, "hg_env", False)),
        (OTHER, "/data", {"HEADGATE_TOKEN": "hg_env", "HEADGATE_URL": OTHER}, "store"),
        ("", "", {"HEADGATE_TOKEN": "hg_env"}, (HOUSE, "hg_login", True)),
    ],
)
def test_the_order(environ, url, data, variables, expected):
    """What was typed, HEADGATE_URL, HEADGATE_DATA, the login."""
    assert shown(gateway_or_store(url, data, environ | variables)) == expected


def test_without_a_login_it_is_this_machines_store(tmp_path):
    """Nothing names a gateway."""
    assert gateway_or_store("", "", {"HOME": str(tmp_path)}) is None


def test_both_are_typed(environ):
    """Which of them is meant cannot be known."""
    with pytest.raises(typer.BadParameter):
        gateway_or_store(OTHER, "/data", environ)


def test_a_token_goes_to_its_own_gateway_alone(environ):
    """The login's not to another address."""
    with pytest.raises(Unauthenticated, match=f"not signed in to {OTHER}. Run `headgate login {OTHER}`"):
        asked_gateway(OTHER, environ)


def test_a_command_that_always_asks(environ, tmp_path):
    """The login; with HEADGATE_DATA and a token this machine's gateway, as without a login."""
    assert shown(asked_gateway("", environ)) == (HOUSE, "hg_login", True)
    assert shown(asked_gateway("", environ | {"HEADGATE_TOKEN": "hg_env", "HEADGATE_URL": OTHER})) == (OTHER, "hg_env", False)
    file = tmp_path / "headgate.toml"
    file.write_text('[server]\nhost = "0.0.0.0"\nport = 9\n', encoding="utf-8")
    here = {"HEADGATE_TOKEN": "hg_env", "HEADGATE_CONFIG": str(file)}
    assert shown(asked_gateway("", environ | here | {"HEADGATE_DATA": "/data"})) == ("http://127.0.0.1:9", "hg_env", False)
    assert shown(asked_gateway("", {"HOME": "/nowhere"} | here)) == ("http://127.0.0.1:9", "hg_env", False)
    file.write_text('[server]\nhost = "::1"\nport = 9\n', encoding="utf-8")
    assert asked_gateway("", {"HOME": "/nowhere"} | here).url == "http://[::1]:9"
    with pytest.raises(Unauthenticated, match="run `headgate login URL`, or set HEADGATE_TOKEN"):
        asked_gateway("", {"HOME": "/nowhere"})


def test_the_variables_token_does_not_go_where_a_login_leads(environ):
    """The address was named by the login, and no other."""
    address = gateway_address("", environ)
    assert shown(gateway_at(address, environ | {"HEADGATE_TOKEN": "hg_env"})) == (HOUSE, "hg_login", True)
