"""The bytes of one frame of the journal: `u32 length, u32 CRC-32, u64 sequence number, u8 kind, body`, little-endian. `segments` reads them."""

import struct
import zlib
from typing import Final

HEADER: Final = struct.Struct("<IIQB")
CHECKED: Final = struct.Struct("<QB")  # the part of the header that the CRC covers; it and the body are what the length counts

_crc32: Final = zlib.crc32
_pack: Final = HEADER.pack
_pack_checked: Final = CHECKED.pack
_CHECKED_BYTES: Final = CHECKED.size


def pack_frame(seq: int, kind: int, body: bytes) -> bytes:
    """The bytes of one frame."""
    return _pack(len(body) + _CHECKED_BYTES, _crc32(body, _crc32(_pack_checked(seq, kind))), seq, kind) + body
