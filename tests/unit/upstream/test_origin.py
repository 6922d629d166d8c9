"""Base URLs: what is read, what is refused, and what is said of it."""

import pytest

from headgate.upstream.origin import BadUrl, Origin, parse_base_url


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("http://127.0.0.1:9000", Origin("http", "127.0.0.1", 9000)),
        ("https://api.anthropic.com", Origin("https", "api.anthropic.com", 443)),
        ("https://api.openai.com/v1", Origin("https", "api.openai.com", 443, "/v1")),
        ("https://api.openai.com/v1/", Origin("https", "api.openai.com", 443, "/v1")),
        ("HTTP://Localhost/", Origin("http", "localhost", 80)),
        ("http://[::1]:8080/a/b", Origin("http", "::1", 8080, "/a/b")),
        ("https://bücher.example", Origin("https", "xn--bcher-kva.example", 443)),
        ("https://my_host.internal./x", Origin("https", "my_host.internal.", 443, "/x")),
    ],
)
def test_parse(url, origin):
    """Scheme and host in lower case and ASCII, the port told, the path without its last slash."""
    assert parse_base_url(url) == origin


@pytest.mark.parametrize(
    "url",
    [
        "",
        "api.openai.com",
        "//api.openai.com",
        "ftp://host",
        "file:///etc/passwd",
        "http://",
        "http://:80",
        "http://host:0",
        "http://host:99999",
        "http://host:x",
        "http://user:geheim@host",
        "http://host/?key=geheim",
        "http://host/#geheim",
        "http://host/a b",
        "http://host/ä",
        "http://ho st",
        "http://host\r\nx: y",
        "http://host/\r\nx:%20y",
        "http://[::1",
        "http://[x]/",
        "http://-host",
        "http://host..x",
        "http://" + "a" * 64 + ".test",
        "bücher",
    ],
)
def test_refuse(url):
    """Neither guessed nor cleaned up; the message repeats nothing."""
    with pytest.raises(BadUrl) as caught:
        parse_base_url(url)

    assert "geheim" not in str(caught.value)


@pytest.mark.parametrize(
    ("origin", "authority", "address"),
    [
        (Origin("http", "h", 80), "h", "h:80"),
        (Origin("https", "h", 443), "h", "h:443"),
        (Origin("https", "h", 80), "h:80", "h:80"),
        (Origin("http", "::1", 80), "[::1]", "[::1]:80"),
        (Origin("http", "::1", 81), "[::1]:81", "[::1]:81"),
    ],
)
def test_names_of_an_origin(origin, authority, address):
    """The `host` header leaves the scheme's own port out; people and proxies hear it always."""
    assert (authority, address) == (origin.authority, origin.address)
