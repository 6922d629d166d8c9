"""Where a command finds its gateway and its token."""

import pytest

from headgate.cli.gateway_address import GatewayAddress, gateway_address, presented_token
from headgate.core.errors import BadRequest


def test_an_option_goes_before_a_variable():
    """And a variable before this machine's own gateway; a path stays, a slash at the end goes."""
    environ = {"HEADGATE_URL": "https://gate.example/ai-gateway/"}
    assert gateway_address("http://10.0.0.1:9/", environ) == GatewayAddress("http://10.0.0.1:9", is_own=False)
    assert gateway_address("", environ) == GatewayAddress("https://gate.example/ai-gateway", is_own=False)
    assert gateway_address("", {"HEADGATE_PORT": "8500", "HOME": "/nowhere"}) == GatewayAddress("http://127.0.0.1:8500", is_own=True)


@pytest.mark.parametrize("wrong", ["gate.example", "ftp://gate.example", "https://"])
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
