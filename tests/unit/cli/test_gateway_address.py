"""Where a command finds its gateway and its token."""

import pytest

from headgate.cli.gateway_address import GatewayAddress, checked_url, gateway_address, presented_token
from headgate.cli.logins import Login, LoginFile, write_logins
from headgate.core.errors import BadRequest
from headgate.core.secret import Secret
from headgate.storage.state.stated_address import StatedAddress, write_address


def test_the_gateway_of_this_machines_store(tmp_path):
    """Where it listens is known from its last start, whatever the port."""
    write_address(str(tmp_path), StatedAddress(url="http://127.0.0.1:9000"))
    assert gateway_address("", {"HEADGATE_DATA": str(tmp_path), "HEADGATE_PORT": "1"}) == GatewayAddress("http://127.0.0.1:9000", is_own=True)


def test_an_option_goes_before_a_variable():
    """And a variable before this machine's own gateway; a path stays, a slash at the end goes."""
    environ = {"HEADGATE_URL": "https://gate.example/ai-gateway/"}
    assert gateway_address("http://10.0.0.1:9/", environ) == GatewayAddress("http://10.0.0.1:9", is_own=False)
    assert gateway_address("", environ) == GatewayAddress("https://gate.example/ai-gateway", is_own=False)
    assert gateway_address("", {"HEADGATE_PORT": "8500", "HOME": "/nowhere"}) == GatewayAddress("http://127.0.0.1:8500", is_own=True)


def test_an_address_has_one_form():
    """Without a slash at the end, in lower case."""
    assert checked_url("HTTPS://Gate.example/Team/", "--url") == "https://gate.example/Team"


_WRONG = ["gate.example", "ftp://gate.example", "https://", "https://u:p@gate.example", "https://gate.example?t=1", "http://a:b", "http://a\x1b"]


@pytest.mark.parametrize("wrong", _WRONG)
def test_what_is_no_address(wrong):
    """The message names the option or the variable that holds it."""
    with pytest.raises(BadRequest, match="--url is"):
        gateway_address(wrong, {})
    with pytest.raises(BadRequest, match="HEADGATE_URL is"):
        gateway_address("", {"HEADGATE_URL": wrong})


def test_a_token_of_an_option_goes_before_the_variable():
    """It is a secret from here on."""
    found = [presented_token("hg_a", {"HEADGATE_TOKEN": "hg_b"}), presented_token("", {"HEADGATE_TOKEN": "hg_b"})]
    assert [each.reveal() for each in found if each is not None] == ["hg_a", "hg_b"]
    assert presented_token("", {}) is None


def test_a_login(tmp_path):
    """Names the address unless another is named, and has a token for its own address alone."""
    environ = {"HOME": str(tmp_path), "HEADGATE_TOKEN": "hg_env"}
    write_logins(LoginFile().with_login(Login(url="https://gate.example", principal="ada", secret=Secret("hg_login"))), environ)
    assert gateway_address("", environ) == ("https://gate.example", False, True)
    assert gateway_address("", environ | {"HEADGATE_DATA": "/data"}).is_own
    tokens = [presented_token("", environ, gateway_address(url, environ)) for url in ("", "https://gate.example", "https://other.example")]
    assert [each.reveal() for each in tokens if each is not None] == ["hg_login", "hg_env", "hg_env"]
    del environ["HEADGATE_TOKEN"]
    tokens = [presented_token("", environ, gateway_address(url, environ)) for url in ("", "https://gate.example/", "https://other.example")]
    assert [each and each.reveal() for each in tokens] == ["hg_login", "hg_login", None]
