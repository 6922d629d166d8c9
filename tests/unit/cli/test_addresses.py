"""The addresses for other machines."""

import socket
from typing import Self

import pytest

from headgate.cli import addresses
from headgate.cli.addresses import reachable_urls


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "10.0.0.7", "localhost"])
def test_one_address_is_said_already(host):
    """Where it listens is where it is reached."""
    assert reachable_urls("http://127.0.0.1:8484", host) == ()


class Socket:
    """Routes to the outside by one address of the machine; none where there is no network."""

    own = "10.0.0.7"

    def __init__(self, family: int, _kind: int) -> None:
        if family != socket.AF_INET:
            raise OSError("no IPv6 here")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing to close."""

    def connect(self, _address: tuple[str, int]) -> None:
        """No network has no route."""
        if not self.own:
            raise OSError("Network is unreachable")

    def getsockname(self) -> tuple[str, int]:
        """Where it would send from."""
        return self.own, 1


@pytest.mark.parametrize(
    ("own", "host", "urls"), [("10.0.0.7", "0.0.0.0", ("http://10.0.0.7:8484",)), ("10.0.0.7", "::", ("http://10.0.0.7:8484",)), ("", "0.0.0.0", ())]
)
def test_every_address_is_this_machines_own(monkeypatch, own, host, urls):
    """Loopback is of no use to others; a machine without a network has nothing to show."""
    monkeypatch.setattr(Socket, "own", own)
    monkeypatch.setattr(addresses.socket, "socket", Socket)
    assert reachable_urls("http://127.0.0.1:8484", host) == urls
