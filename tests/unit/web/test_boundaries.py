"""The bytes of a head and of a body, in whatever pieces they come."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.web.boundaries import ChunkedBody, HeadBytes, body_parser

WHOLE = b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.mark.parametrize("before", [b"", b"\r\n"])
@pytest.mark.parametrize("size", [1, 2, 3, 5, 1000])
def test_a_head_ends_at_its_empty_line(before: bytes, size: int) -> None:
    """The same count however it is cut; what follows is the next request's. One empty line before it is let pass."""
    head, taken = HeadBytes(), b""
    data = before + WHOLE + b"next"
    for at in range(0, len(data), size):
        piece = head.follow(data[at : at + size])
        assert piece is not None
        taken += piece
        if head.ended:
            break
    assert taken == before + WHOLE
    assert (head.size_bytes, head.line_bytes, head.ascii_only) == (len(before + WHOLE), len(b"GET /a HTTP/1.1\r\n"), True)


@pytest.mark.parametrize("before", [b"\n", b"\r\r\n", b"\r\n\n", b"\r\n\r\n", b"\rX\n"])
@pytest.mark.parametrize("size", [1, 2, 1000])
def test_other_bytes_before_the_request_line(before: bytes, size: int) -> None:
    """A bare LF or CR and a second empty line are refused, or end the head before any request."""
    head = HeadBytes()
    data = before + WHOLE
    for at in range(0, len(data), size):
        if head.follow(data[at : at + size]) is None:
            return
        if head.ended:
            assert not head.line_bytes
            return
    pytest.fail("it passed")


def test_bytes_outside_ascii_are_noticed() -> None:
    """Wherever in the head they are."""
    head = HeadBytes()
    head.follow(WHOLE[:-2] + b"X: \xff\r\n\r\n")
    assert not head.ascii_only


BODY = b"3\r\nabc\r\n1A;x=y\r\n" + b"z" * 26 + b"\r\n0\r\nX-A: b\r\n\r\n"


@given(st.lists(st.integers(0, len(BODY)), max_size=8))
def test_a_chunked_body_ends_at_the_same_byte_however_it_is_split(cuts: list[int]) -> None:
    """What follows the body is not the body's."""
    data = BODY + b"GET /next"
    edges = [0, *sorted(cuts), len(data)]
    body, taken = ChunkedBody(), 0
    for start, end in pairwise(edges):
        if not body.done:
            followed = body.follow(data[start:end])
            assert followed is not None
            taken += followed

    assert body.done
    assert taken == len(BODY)
    assert body.body_bytes == 29


@pytest.mark.parametrize(
    "data",
    [b"\r\n", b"x\r\n", b"1 \r\n", b" 1\r\n", b"0x1\r\n", b"1;\0\r\n", b"1\n", b"1\r\r\n", b"+1\r\n", b"0" * 17 + b"\r\n", b"1;" + b"a" * 1100],
)
def test_malformed_sizes_are_refused(data: bytes) -> None:
    """A size is up to 16 hexadecimal digits and perhaps a short extension."""
    assert ChunkedBody().follow(data) is None


def test_framing_may_not_outweigh_the_body() -> None:
    """Chunks of one byte are refused after a while, chunks of some size never."""
    assert ChunkedBody().follow(b"1\r\nx\r\n" * 20_000) is None
    assert ChunkedBody().follow(b"10\r\n0123456789abcdef\r\n" * 20_000) == 22 * 20_000


@given(st.binary(max_size=200))
def test_no_bytes_make_a_chunked_body_fail(data: bytes) -> None:
    """Any bytes are followed or refused."""
    size = ChunkedBody().follow(data)

    assert size is None or 0 <= size <= len(data)


@pytest.mark.parametrize(("length", "body"), [(3, b"abc"), (None, b"2\r\nab\r\n1\r\nc\r\n0\r\n\r\n")])
def test_a_body_is_read_by_its_framing(length: int | None, body: bytes) -> None:
    """Both ways, with nothing but the body told."""
    pieces: list[bytes] = []
    parser, head = body_parser(length, pieces.append, lambda: pieces.append(b"."))
    parser.feed_data(head)
    assert pieces == []
    parser.feed_data(body)

    assert b"".join(pieces) == b"abc."
