"""The bytes of a head, in whatever pieces they come."""

import pytest

from headgate.web.head_bytes import HeadBytes

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
    assert head.shape == (len(before + WHOLE), len(b"GET /a HTTP/1.1\r\n"), True)


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
    assert not head.shape[2]
