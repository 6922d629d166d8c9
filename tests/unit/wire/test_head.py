"""Heads of messages: their bytes, and all that must never become one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.wire.head import BadHead, HeadWriter

LINE = b"POST /x HTTP/1.1\r\nhost: h"


def test_write():
    """The line, the headers in their order and as they are, then what its owner says last."""
    head = HeadWriter().write(LINE, [(b"a", b"1"), (b"B", b"t\t\xe4 "), (b"a", b"")], b"\r\ncontent-length: 12\r\n\r\n")

    assert head == LINE + b"\r\na: 1\r\nB: t\t\xe4 \r\na: \r\ncontent-length: 12\r\n\r\n"


@pytest.mark.parametrize("code", [code for code in (*range(32), 127) if code != 9])
def test_a_control_character_in_a_value(code):
    """None passes but the tab."""
    with pytest.raises(BadHead):
        HeadWriter().write(LINE, [(b"a", b"x" + bytes([code]) + b"y")])


@pytest.mark.parametrize("name", [b"", b"a b", b"a:", b"a\r\nb", b"\xe4", b"a\0", b"Content-Length", b"host"])
def test_a_name_that_is_refused(name):
    """Not a token, or one that the owner sets itself; also the second time."""
    writer = HeadWriter({b"content-length", b"host"})
    for _ in range(2):
        with pytest.raises(BadHead):
            writer.write(LINE, [(b"ok", b"1"), (name, b"1")])


def test_names_are_kept_in_bounds():
    """A client that invents names fills no memory."""
    writer = HeadWriter()
    for number in range(5000):
        writer.write(LINE, [(b"x-%d" % number, b"1")])

    assert len(writer._names) <= 1024


@given(st.lists(st.tuples(st.binary(max_size=6), st.binary(max_size=6)), max_size=4))
def test_any_headers_are_written_whole_or_refused(headers):
    """What is written has as many lines as headers, each as given."""
    try:
        head = HeadWriter().write(LINE, headers)
    except BadHead:
        return

    assert head.split(b"\r\n") == [*LINE.split(b"\r\n"), *(name + b": " + value for name, value in headers)]
    assert head.count(b"\n") == head.count(b"\r") == len(headers) + 1
