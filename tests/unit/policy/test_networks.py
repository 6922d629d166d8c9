"""Source networks of tokens."""

import msgspec
import pytest

from headgate.core.errors import Forbidden
from headgate.policy.networks import in_networks, network_of, require_network, within
from tests.fakes.principals import token_of, user


def token(*networks: str):
    return msgspec.structs.replace(token_of(user("ada")), networks=tuple(map(network_of, networks)))


@pytest.mark.parametrize(
    ("text", "written"),
    [("10.1.2.3", "10.1.2.3/32"), ("10.1.2.3/8", "10.0.0.0/8"), ("2001:db8::5/32", "2001:db8::/32"), ("::1", "::1/128"), ("::ffff:10.0.0.0/104", "10.0.0.0/8"),
     ("0.0.0.0/0", "0.0.0.0/0")],
)  # fmt: skip
def test_networks_are_read(text, written):
    """Addresses and networks; IPv4 inside IPv6 is IPv4."""
    assert str(network_of(text)) == written


@pytest.mark.parametrize("text", ["", "here", "10.0.0.0/33", "10.0.0", "10.0.0.0/8,11.0.0.0/8", " 10.0.0.1"])
def test_what_is_no_network(text):
    """Is refused."""
    with pytest.raises(ValueError):
        network_of(text)


@pytest.mark.parametrize("address", ["10.200.0.1", "::ffff:10.0.0.1", "2001:db8::9", "192.0.2.7"])
def test_inside(address):
    """An address in one of the networks is accepted."""
    require_network(token("10.0.0.0/8", "2001:db8::/32", "192.0.2.7"), address)


@pytest.mark.parametrize("address", ["11.0.0.1", "::1", "192.0.2.8", "", "unix:", "10.0.0.0/7", "fe80::1%eth0", "::a00:1"])
def test_outside(address):
    """Any other is refused, and so is what is no address; the refusal says which networks are allowed."""
    with pytest.raises(Forbidden, match=r"allows 10\.0\.0\.0/8, 2001:db8::/32, 192\.0\.2\.7/32") as refused:
        require_network(token("10.0.0.0/8", "2001:db8::/32", "192.0.2.7"), address)
    assert (refused.value.status, refused.value.code) == (403, "network_not_allowed")


def test_a_long_list_is_cut():
    """In the refusal."""
    with pytest.raises(Forbidden, match=r"10\.0\.0\.3/32 and 2 more"):
        require_network(token(*(f"10.0.0.{number}" for number in range(6))), "::1")


@pytest.mark.parametrize(
    ("networks", "others", "inside"),
    [(["10.1.0.0/16"], ["10.0.0.0/8"], True), (["10.0.0.0/8"], ["10.1.0.0/16"], False), (["::1"], ["0.0.0.0/0"], False), (["1.1.1.1"], ["::/0"], False),
     (["10.0.0.1", "::1"], ["10.0.0.0/8", "::/0"], True), ([], ["10.0.0.0/8"], True)],
)  # fmt: skip
def test_networks_within_networks(networks, others, inside):
    """Every address of the ones has to be in the others."""
    assert within(map(network_of, networks), map(network_of, others)) is inside


@pytest.mark.parametrize(("address", "inside"), [("10.1.2.3", True), ("::ffff:10.1.2.3", True), ("11.1.2.3", False), ("", False), ("here", False)])
def test_an_address_in_networks_as_they_are_written(address, inside):
    """What is no address is in none."""
    assert in_networks(address, ("10.0.0.0/8", "::1")) is inside
    assert not in_networks(address, ())
