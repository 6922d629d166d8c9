"""Protobuf's wire format without the official classes: numbers of variable length, and where a field ends. It knows no message.

https://protobuf.dev/programming-guides/encoding/ (read 2026-11)
"""

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
"""The wire types: the last three bits of a field's tag."""
_FIXED_BYTES = {FIXED64: 8, FIXED32: 4}


class Malformed(Exception):
    """The bytes are not a message."""


def varint(number: int) -> bytes:
    """A number below 2**64 in protobuf's variable length."""
    if number < 0x80:
        return bytes((number,))
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def read_varint(data: bytes, at: int) -> tuple[int, int]:
    """The number that begins here, and where it ends."""
    number = shift = 0
    while at < len(data) and shift < 70:
        byte = data[at]
        at += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return number, at
        shift += 7
    raise Malformed("it breaks off")


def read_field(data: bytes, at: int) -> tuple[int, int, int]:
    """The tag of the field that begins here, where its content begins, and where it ends."""
    tag, begin = read_varint(data, at)
    kind = tag & 7
    if kind == BYTES:
        size, begin = read_varint(data, begin)
        end = begin + size
    elif kind == VARINT:
        _, end = read_varint(data, begin)
    elif kind in _FIXED_BYTES:
        end = begin + _FIXED_BYTES[kind]
    else:
        raise Malformed("it has fields of no known kind")
    if end > len(data):
        raise Malformed("it breaks off")
    return tag, begin, end
