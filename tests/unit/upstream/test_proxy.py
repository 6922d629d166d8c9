"""Proxies: how they are named, and who goes past them. The exchange itself is in the contract suite."""

import base64

import pytest

from headgate.core.secret import Secret
from headgate.upstream.origin import BadUrl, Origin
from headgate.upstream.proxy import Proxy, bypasses, parse_proxy


def test_parse():
    """Host and port, and nothing said of a credential where there is none."""
    proxy = parse_proxy(Secret("http://proxy.corp:3128"))

    assert proxy == Proxy(Origin("http", "proxy.corp", 3128))
    assert not proxy.lines


@pytest.mark.parametrize(("userinfo", "credential"), [("me:secret", "me:secret"), ("me", "me:"), ("m%40e:p%3As@s", "m@e:p:s@s"), ("ü:ö", "ü:ö")])
def test_a_credential(userinfo, credential):
    """Percent-decoded, and kept as a secret."""
    proxy = parse_proxy(Secret(f"http://{userinfo}@proxy/"))

    assert proxy.lines == b"\r\nproxy-authorization: Basic " + base64.b64encode(credential.encode())
    assert "secret" not in repr(proxy)


@pytest.mark.parametrize("url", ["", "proxy:3128", "https://proxy", "socks5://proxy", "http://proxy/path", "http://", "http://u:geheim@"])
def test_refuse(url):
    """Only plain HTTP proxies, and no word of the secret."""
    with pytest.raises(BadUrl) as caught:
        parse_proxy(Secret(url))

    assert "geheim" not in str(caught.value)


HOST = Origin("https", "api.Example.com", 443)
IPV4 = Origin("http", "10.1.2.3", 8080)
IPV6 = Origin("http", "fd00::1", 80)


@pytest.mark.parametrize(
    ("pattern", "origin", "expected"),
    [
        ("*", HOST, True),
        ("api.example.com", HOST, True),
        ("EXAMPLE.com", HOST, True),
        (".example.com", HOST, True),
        ("*.example.com", HOST, True),
        (" example.com ", HOST, True),
        ("example.com:443", HOST, True),
        ("example.com:80", HOST, False),
        ("ample.com", HOST, False),
        ("api.example.com.evil", HOST, False),
        ("", HOST, False),
        (".", HOST, False),
        ("10.1.2.3", IPV4, True),
        ("10.0.0.0/8", IPV4, True),
        ("10.1.2.3:8080", IPV4, True),
        ("10.1.2.3:80", IPV4, False),
        ("10.1.2.4", IPV4, False),
        ("11.0.0.0/8", IPV4, False),
        ("fd00::/8", IPV6, True),
        ("[fd00::1]", IPV6, True),
        ("[fd00::1]:80", IPV6, True),
        ("[fd00::1]:81", IPV6, False),
        ("10.0.0.0/8", IPV6, False),
        ("10.0.0.0/8", HOST, False),
    ],
)
def test_bypasses(pattern, origin, expected):
    """Names match with all below them, addresses by network, both perhaps at one port."""
    assert bypasses((pattern,), origin) is expected
    assert bypasses(("nothing", pattern), origin) is expected


def test_nothing_bypasses_by_itself():
    """An empty list sends all through the proxy."""
    assert not bypasses((), HOST)
