"""Addresses of this machine itself."""

import pytest

from headgate.core.loopback import is_loopback, is_loopback_url

HERE = ["localhost", "LOCALHOST", "127.0.0.1", "127.8.9.10", "127.1", "::1", "[::1]", "0:0:0:0:0:0:0:1"]
ELSEWHERE = ["", "localhost.example", "127.0.0.1.example", "127.example", "gate.example", "10.0.0.1", "0.0.0.0", "::", "[::2]", "128.0.0.1"]


@pytest.mark.parametrize(("host", "here"), [*((host, True) for host in HERE), *((host, False) for host in ELSEWHERE)])
def test_a_host(host, here):
    """A name that only begins like an address of this machine leads elsewhere."""
    assert is_loopback(host) is here


@pytest.mark.parametrize(
    ("url", "here"),
    [
        ("http://localhost:8484/x", True),
        ("http://127.0.0.1", True),
        ("http://[::1]:1/", True),
        ("http://localhost.example", False),
        ("http://127.0.0.1:1@gate.example", False),
        ("http://[::1", False),
        ("", False),
    ],
)
def test_a_url(url, here):
    """By its host, whatever is before and behind it."""
    assert is_loopback_url(url) is here
