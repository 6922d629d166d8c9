"""One frame that is too large to be held."""

import pytest

from headgate.dialects.large_frame import LargeFrame
from headgate.dialects.wanted import Wanted


def read(frame, size=10**9):
    """A frame's name and data after it came in pieces of a size."""
    large = LargeFrame(Wanted("a"))
    for at in range(0, len(frame), size):
        large.feed(frame[at : at + size])
    return large.whole


@pytest.mark.parametrize("size", [1, 2, 3, 5, 10**9])
@pytest.mark.parametrize(
    ("frame", "whole"),
    [
        (b'event: x\ndata: {"a":1,"b":2}', (b"x", b'{"a":1}')),
        (b'event:x\r\ndata:{"a":1}\r\nid: 7', (b"x", b'{"a":1}')),
        (b': c\rdata: {"a":\rdata: 1}\revent: y', (b"y", b'{"a":1}')),
        (b'id: data: {}\ndatab: {"a":0}\ndata\ndata: {"a":1}', (b"", b'{"a":1}')),
        (b'event: one\nevent: two\ndata: {"a":1}', (b"two", b'{"a":1}')),
        (b"event: x\ndata: [DONE]", (b"x", b"")),
        (b'data: {"a":1', (b"", b"")),
        (b'data: [{"a":1},{"a":2}]', (b"", b"")),
        (b"event: x", (b"x", b"")),
        (b"event: " + b"x" * 9_000, (b"x" * 255, b"")),
    ],
)
def test_a_frame_is_read_line_by_line(frame, whole, size):
    """However it is cut, and whatever its line ends."""
    assert read(frame, size) == whole
