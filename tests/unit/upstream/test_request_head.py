"""Heads of requests: their bytes, and all that must never become one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.upstream.request_head import BadHead, HeadWriter, empty_length, request_line

LINE = b"POST /x HTTP/1.1\r\nhost: h"


def test_write():
    """The line, the headers in their order and as they are, the length, the empty line."""
    head = HeadWriter().write(LINE, [(b"a", b"1"), (b"B", b"t\t\xe4 "), (b"a", b"")], 12)

    assert head == LINE + b"\r\na: 1\r\nB: t\t\xe4 \r\na: \r\ncontent-length: 12\r\n\r\n"


def test_write_without_a_length():
    """GET and HEAD say none."""
    assert HeadWriter().write(LINE, [], None) == LINE + b"\r\n\r\n"
    assert (empty_length("GET"), empty_length("HEAD"), empty_length("POST")) == (None, None, 0)


@pytest.mark.parametrize("code", [code for code in (*range(32), 127) if code != 9])
def test_a_control_character_in_a_value(code):
    """None passes but the tab."""
    with pytest.raises(BadHead):
        HeadWriter().write(LINE, [(b"a", b"x" + bytes([code]) + b"y")], 0)


@pytest.mark.parametrize("name", [b"", b"a b", b"a:", b"a\r\nb", b"\xe4", b"a\0", b"Content-Length", b"host", b"TE", b"proxy-authorization"])
def test_a_name_that_is_refused(name):
    """Not a token, or the client's own; also the second time."""
    writer = HeadWriter()
    for _ in range(2):
        with pytest.raises(BadHead):
            writer.write(LINE, [(b"ok", b"1"), (name, b"1")], 0)


def test_names_are_kept_in_bounds():
    """A client that invents names fills no memory."""
    writer = HeadWriter()
    for number in range(5000):
        writer.write(LINE, [(b"x-%d" % number, b"1")], 0)

    assert len(writer._names) <= 1024


@given(st.lists(st.tuples(st.binary(max_size=6), st.binary(max_size=6)), max_size=4))
def test_any_headers_are_written_whole_or_refused(headers):
    """What is written has as many lines as headers, each as given."""
    try:
        head = HeadWriter().write(LINE, headers, None)
    except BadHead:
        return

    assert head.split(b"\r\n") == [*LINE.split(b"\r\n"), *(name + b": " + value for name, value in headers), b"", b""]
    assert head.count(b"\n") == head.count(b"\r") == len(headers) + 3


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
