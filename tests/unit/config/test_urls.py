"""What a URL in the configuration may be made of."""

import pytest

from headgate.config.urls import split_url


def test_good_url():
    """A scheme, a host, a port and a path."""
    reason, parts = split_url("https://h.example:8443/a/v1")
    assert not reason
    assert parts is not None
    assert (parts.hostname, parts.port, parts.path) == ("h.example", 8443, "/a/v1")


@pytest.mark.parametrize("url", ["h:1", "https://u:p@h", "https://h?a=1", "https://h/../x", "https://h:0", "http://[::1"])
def test_bad_url(url):
    """Anything else is refused with a reason that does not repeat it."""
    reason, parts = split_url(url)
    assert reason
    assert parts is None
    assert "u:p" not in reason
