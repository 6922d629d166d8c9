"""Heads of messages: their bytes, and all that must never become one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.core.headers import KnownHeaders
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


NAMES = st.sampled_from([b"a", b"b", b"x-id"])
VALUES = st.binary(max_size=6).filter(lambda value: not any(byte < 32 or byte == 127 for byte in value))


@given(st.lists(st.tuples(NAMES, VALUES), max_size=5), st.sets(st.integers(0, 4)), st.lists(VALUES, min_size=5, max_size=5))
def test_known_headers_are_written_as_unknown_ones(headers, places, later):
    """The first time and with other values at the places that change."""
    known = KnownHeaders(sorted(place for place in places if place < len(headers)))
    changed = [(name, later[place] if place in places else value) for place, (name, value) in enumerate(headers)]
    writer = HeadWriter()

    assert [writer.write_known(LINE, known, each, b"\r\n\r\n") for each in (headers, changed)] == [
        writer.write(LINE, each, b"\r\n\r\n") for each in (headers, changed)
    ]


@pytest.mark.parametrize("code", [code for code in (*range(32), 127) if code != 9])
def test_a_control_character_in_a_known_header(code):
    """Neither in what stays nor, later, in what changes."""
    bad = b"x" + bytes([code]) + b"y"
    writer, known = HeadWriter(), KnownHeaders([1])
    for _ in range(2):
        with pytest.raises(BadHead):
            writer.write_known(LINE, known, [(b"a", bad), (b"b", b"1")])
    writer.write_known(LINE, known, [(b"a", b"1"), (b"b", b"1")])
    with pytest.raises(BadHead):
        writer.write_known(LINE, known, [(b"a", b"1"), (b"b", bad)])


def test_a_known_header_whose_name_is_refused():
    """Also where only its value changes."""
    writer = HeadWriter({b"host"})
    for places in ([], [0]):
        with pytest.raises(BadHead):
            writer.write_known(LINE, KnownHeaders(places), [(b"host", b"1")])
