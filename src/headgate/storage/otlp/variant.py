"""Values in Parquet's VARIANT encoding: a dictionary of key names, and a value that refers to it.

https://github.com/apache/parquet-format/blob/master/VariantEncoding.md (read 2026-11). Dictionaries are written sorted, so that equal values have equal bytes.
"""

import struct
from collections.abc import Iterable, Sequence
from itertools import accumulate

from headgate.storage.otlp.values import Value

_NULL, _TRUE, _FALSE = b"\x00", b"\x04", b"\x08"
_INTEGERS = ((8, 0x0C, "<Bb"), (16, 0x10, "<Bh"), (32, 0x14, "<Bi"), (64, 0x18, "<Bq"))
_DOUBLE, _BINARY, _STRING = 0x1C, 0x3C, 0x40


def encode(value: Value) -> tuple[bytes, bytes]:
    """Metadata and value."""
    names = sorted(_names(value), key=str.encode)
    ids = {name: number for number, name in enumerate(names)}
    return metadata(names), _value(value, ids)


def metadata(names: Sequence[str]) -> bytes:
    """The dictionary of these names, which must be sorted by their bytes and distinct."""
    encoded = [name.encode() for name in names]
    ends = [0, *accumulate(map(len, encoded))]
    width = _width(max(ends[-1], len(names)))
    header = bytes((0x11 | (width - 1) << 6,))
    return header + len(names).to_bytes(width, "little") + _packed(ends, width) + b"".join(encoded)


def flat(value: Value) -> bytes | None:
    """The bytes of a value that refers to no dictionary; `None` if it needs one."""
    return None if next(iter(_names(value)), None) is not None else _value(value, {})


def object_of(values: Sequence[bytes], ids: Iterable[int]) -> bytes:
    """An object of encoded values whose names, in order, have these numbers; both sorted by name."""
    numbers = list(ids)
    ends = [0, *accumulate(map(len, values))]
    offset_width, id_width = _width(ends[-1]), _width(max(numbers, default=0))
    large = len(values) > 0xFF
    header = bytes(((offset_width - 1 | (id_width - 1) << 2 | large << 4) << 2 | 2,))
    count = len(values).to_bytes(4 if large else 1, "little")
    return b"".join((header, count, _packed(numbers, id_width), _packed(ends, offset_width), *values))


def _names(value: Value) -> set[str]:
    match value:
        case dict():
            return set(value).union(*(_names(item) for item in value.values()))
        case list():
            return set().union(*(_names(item) for item in value))
        case _:
            return set()


def _value(value: Value, ids: dict[str, int]) -> bytes:
    match value:
        case None:
            return _NULL
        case bool():
            return _TRUE if value else _FALSE
        case int():
            return _integer(value)
        case float():
            return struct.pack("<Bd", _DOUBLE, value)
        case str():
            return _text(value.encode())
        case bytes():
            return struct.pack("<BI", _BINARY, len(value)) + value
        case list():
            return _array([_value(item, ids) for item in value])
        case dict():
            names = sorted(value, key=str.encode)
            return object_of([_value(value[name], ids) for name in names], [ids[name] for name in names])


def _integer(value: int) -> bytes:
    for bits, header, form in _INTEGERS:
        if -(1 << bits - 1) <= value < 1 << bits - 1:
            return struct.pack(form, header, value)
    return _text(str(value).encode())  # beyond 64 bits, which OTLP cannot say


def _text(encoded: bytes) -> bytes:
    if len(encoded) < 64:
        return bytes((len(encoded) << 2 | 1,)) + encoded
    return struct.pack("<BI", _STRING, len(encoded)) + encoded


def _array(values: Sequence[bytes]) -> bytes:
    ends = [0, *accumulate(map(len, values))]
    width = _width(ends[-1])
    large = len(values) > 0xFF
    header = bytes(((width - 1 | large << 2) << 2 | 3,))
    return b"".join((header, len(values).to_bytes(4 if large else 1, "little"), _packed(ends, width), *values))


def _width(number: int) -> int:
    """How many bytes this number takes."""
    return max(1, (number.bit_length() + 7) // 8)


def _packed(numbers: Sequence[int], width: int) -> bytes:
    if width == 1:
        return bytes(numbers)
    return b"".join(number.to_bytes(width, "little") for number in numbers)
