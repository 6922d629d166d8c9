"""Request lines, what frames a request, and all that must never become one."""

import pytest

from headgate.upstream.request_head import FRAMING, head_end, request_line
from headgate.wire.head import BadHead, HeadWriter


def test_the_end_of_a_head():
    """GET and HEAD say no length of an empty body."""
    assert head_end("POST", 12) == b"\r\ncontent-length: 12\r\n\r\n"
    assert (head_end("GET", 0), head_end("HEAD", 0), head_end("POST", 0)) == (b"\r\n\r\n", b"\r\n\r\n", b"\r\ncontent-length: 0\r\n\r\n")
    assert head_end("DELETE", 1) == b"\r\ncontent-length: 1\r\n\r\n"


@pytest.mark.parametrize("name", [b"Content-Length", b"host", b"TE", b"proxy-authorization"])
def test_what_frames_a_request_is_the_clients_own(name):
    """No journey sets it; also not the second time."""
    writer = HeadWriter(FRAMING)
    for _ in range(2):
        with pytest.raises(BadHead):
            writer.write(b"", [(b"ok", b"1"), (name, b"1")])


def test_request_line():
    """Prefix and target are joined and not touched."""
    assert request_line("GET", "/v1", "/a%2Fb?c=..%2f&d", b"\r\nhost: h") == b"GET /v1/a%2Fb?c=..%2f&d HTTP/1.1\r\nhost: h"
    assert request_line("GET", "", "/a..b/.c/d./...", b"") == b"GET /a..b/.c/d./... HTTP/1.1"


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("", "/"),
        ("GE T", "/"),
        ("GET\r\n", "/"),
        ("GÉT", "/"),
        ("GET", ""),
        ("GET", "x"),
        ("GET", "http://h/"),
        ("GET", "/ "),
        ("GET", "/\r\n"),
        ("GET", "/\x7f"),
        ("GET", "/é"),
        ("GET", "/#"),
        ("GET", "/.."),
        ("GET", "/../x"),
        ("GET", "/x/.."),
        ("GET", "/x/./y"),
        ("GET", "/%2e%2E/x"),
        ("GET", "/.%2e?x"),
        ("GET", "/..%2Fx"),
        ("GET", "/..\\x"),
    ],
)
def test_a_line_that_is_refused(method, target):
    """No token, no path, or a path that climbs."""
    with pytest.raises(BadHead):
        request_line(method, "", target, b"")
