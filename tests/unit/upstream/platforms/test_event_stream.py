"""AWS's event stream: messages in any pieces, and what is never read."""

import contextlib
import itertools
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.upstream.platforms.event_stream import MessageSplitter
from headgate.upstream.platforms.shape import BrokenFrame
from tests.fakes.aws_frames import frame

STREAM = frame({":event-type": "chunk", "é": "ü"}, b"{}") + frame({}, b"") + frame({"a": ""}, b"x" * 300)


@given(st.lists(st.integers(0, len(STREAM)), max_size=6))
def test_cut_anywhere(cuts):
    """The messages are the same however the stream is cut."""
    splitter = MessageSplitter()
    places = [0, *sorted(cuts), len(STREAM)]
    found = [message for begin, end in itertools.pairwise(places) for message in splitter.feed(STREAM[begin:end])]
    assert [(dict(message.headers), message.payload) for message in found] == [
        ({":event-type": "chunk", "é": "ü"}, b"{}"), ({}, b""), ({"a": ""}, b"x" * 300),
    ]  # fmt: skip
    assert splitter.at_boundary


def raw(headers: bytes) -> bytes:
    """A message with headers of any bytes."""
    prelude = struct.pack(">II", 16 + len(headers), len(headers))
    checked = prelude + struct.pack(">I", zlib.crc32(prelude)) + headers
    return checked + struct.pack(">I", zlib.crc32(checked))


def test_other_headers_are_stepped_over():
    """Each type of a header has its size; only texts are kept."""
    kinds = {0: b"", 1: b"", 2: b"1", 3: b"12", 4: b"1234", 5: b"12345678", 6: b"\x00\x03abc", 8: b"12345678", 9: b"1" * 16}
    headers = b"".join(b"\x01n" + bytes([kind]) + value for kind, value in kinds.items()) + b"\x01t\x07\x00\x02ok"
    (message,) = MessageSplitter().feed(raw(headers))
    assert message.headers == {"t": "ok"}


@pytest.mark.parametrize("at", range(len(STREAM[:20])))
def test_a_changed_byte_is_found(at):
    """A checksum covers every byte."""
    broken = bytearray(frame({"a": "b"}, b"xy"))
    broken[at] ^= 1
    with pytest.raises(BrokenFrame):
        list(MessageSplitter().feed(bytes(broken)))


@pytest.mark.parametrize("headers", [b"\x05ab", b"\x01a\x07\x00\x09b", b"\x01a\x0b\x00\x00", b"\x01a", b"\x01\xff\x00"])
def test_headers_that_cannot_be_read(headers):
    """Cut, of no known type, or no text: the frame is refused, whatever its checksum says."""
    with pytest.raises(BrokenFrame):
        list(MessageSplitter().feed(raw(headers)))


def test_impossible_lengths():
    """A frame that would be larger than any is refused before it is gathered."""
    for lengths in ((1 << 31, 0), (15, 0), (100, 90)):
        prelude = struct.pack(">II", *lengths)
        with pytest.raises(BrokenFrame, match="impossible"):
            list(MessageSplitter().feed(prelude + struct.pack(">I", zlib.crc32(prelude))))


@given(st.binary(max_size=200))
def test_any_bytes(data):
    """Nothing else is ever raised."""
    with contextlib.suppress(BrokenFrame):
        list(MessageSplitter().feed(data))
