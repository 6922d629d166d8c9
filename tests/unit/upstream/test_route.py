"""Routes: one for a base URL, one pool for an origin, and the bounds of both."""

import pytest

from headgate.core.secret import Secret
from headgate.upstream.origin import BadUrl
from headgate.upstream.route import ProviderRoutes
from headgate.upstream.settings import UpstreamSettings
from headgate.wire.head import BadHead


def routes(**settings):
    """Routes without a provider yet."""
    return ProviderRoutes(UpstreamSettings(**settings))


def test_routes_of_one_origin_share_a_pool():
    """Another path is the same host; another scheme or port is not."""
    known = routes()
    first, path, port = known.add("http://h/a"), known.add("http://h:80/b"), known.add("http://h:81")

    assert first.idle is path.idle
    assert first.idle is not port.idle
    assert known.add("https://h:80").idle is not first.idle
    assert known.known["http://h/a"] is first


def test_a_line_is_written_once():
    """And kept for the next request to the same target."""
    route = routes().add("http://h:81/v1/")

    line = route.add_line("POST", "/x")
    assert line == b"POST /v1/x HTTP/1.1\r\nhost: h:81"
    assert route.lines["POST", "/x"] is line
    with pytest.raises(BadHead):
        route.add_line("POST", "x")


def test_lines_behind_a_proxy():
    """Plain HTTP names the whole URL and gives the proxy its credential; TLS goes through a tunnel and does neither."""
    known = routes(proxy_url=Secret("http://u:p@proxy:3128"), no_proxy=("near",))

    assert known.add("http://h/v1").add_line("GET", "/x") == b"GET http://h/v1/x HTTP/1.1\r\nhost: h\r\nproxy-authorization: Basic dTpw"
    assert known.add("https://h/v1").add_line("GET", "/x") == b"GET /v1/x HTTP/1.1\r\nhost: h"
    assert known.add("http://near").add_line("GET", "/x") == b"GET /x HTTP/1.1\r\nhost: near"
    assert known.add("https://h").proxy is not None
    assert known.add("https://near").proxy is None


def test_what_is_kept_has_bounds():
    """Lines and routes are forgotten rather than gathered."""
    known = routes()
    route = known.add("http://h")
    for number in range(5000):
        route.add_line("POST", f"/{number}")
    for number in range(1500):
        known.add(f"http://h{number}")

    assert len(route.lines) <= 4096
    assert len(known.known) <= 1024


def test_a_proxy_that_cannot_be_used():
    """It fails at the start."""
    with pytest.raises(BadUrl):
        routes(proxy_url=Secret("socks5://proxy"))
