"""AWS's event stream (`application/vnd.amazon.eventstream`): messages with lengths and checksums.

https://docs.aws.amazon.com/lexv2/latest/dg/event-stream-encoding.html and https://smithy.io/2.0/aws/amazon-eventstream.html: a prelude of two lengths and
its CRC-32, typed headers, a payload, and a CRC-32 of all of it. A stream that does not check is never read further.
"""

import struct
import zlib
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from headgate.upstream.platforms.shape import BrokenFrame

_PRELUDE = struct.Struct(">III")  # whole length, length of the headers, CRC-32 of these two
_CRC_BYTES = 4
_AROUND_BYTES = _PRELUDE.size + _CRC_BYTES
_MESSAGE_BYTES_MAX = 24 << 20  # AWS allows 16 MiB of payload
_HEADER_BYTES_MAX = 128 << 10
_STRING = 7
_SIZES = {0: 0, 1: 0, 2: 1, 3: 2, 4: 4, 5: 8, 8: 8, 9: 16}  # of the value, by its type; 6 and 7 say their length


class StreamMessage(NamedTuple):
    """One message: its headers that are texts, and its payload."""

    headers: Mapping[str, str]
    payload: bytes


class MessageSplitter:
    """Splits a stream that is cut anywhere into its messages."""

    __slots__ = ("_held",)

    def __init__(self) -> None:
        self._held = b""

    @property
    def at_boundary(self) -> bool:
        """Whether the bytes so far end with a message."""
        return not self._held

    def feed(self, chunk: bytes) -> Iterator[StreamMessage]:
        """The messages that a piece completes. Raises BrokenFrame."""
        self._held = data = self._held + chunk if self._held else chunk
        at = 0
        while len(data) - at >= _PRELUDE.size:
            length, headers_length, crc = _PRELUDE.unpack_from(data, at)
            if zlib.crc32(data[at : at + 8]) != crc:
                raise BrokenFrame("a frame's lengths do not match their checksum")
            if not _AROUND_BYTES + headers_length <= length <= _MESSAGE_BYTES_MAX or headers_length > _HEADER_BYTES_MAX:
                raise BrokenFrame("a frame's lengths are impossible")
            end = at + length
            if len(data) < end:
                break
            if zlib.crc32(data[at : end - _CRC_BYTES]) != int.from_bytes(data[end - _CRC_BYTES : end]):
                raise BrokenFrame("a frame does not match its checksum")
            begun = at + _PRELUDE.size + headers_length
            yield StreamMessage(_headers(data[at + _PRELUDE.size : begun]), data[begun : end - _CRC_BYTES])
            at = end
            self._held = data[at:]


def _headers(data: bytes) -> Mapping[str, str]:
    found: dict[str, str] = {}
    at = 0
    try:
        while at < len(data):
            name_end = at + 1 + data[at]
            name, kind = data[at + 1 : name_end].decode(), data[name_end]
            at = name_end + 1
            size = _SIZES.get(kind)
            if size is None:
                size = int.from_bytes(data[at : at + 2])
                at += 2
            if at + size > len(data) or not 0 <= kind <= max(_SIZES):
                raise BrokenFrame("a frame's headers are cut")
            if kind == _STRING:
                found[name] = data[at : at + size].decode()
            at += size
    except (IndexError, UnicodeDecodeError):
        raise BrokenFrame("a frame's headers cannot be read") from None
    return found
