"""Reads Parquet's VARIANT encoding, plainly and only as far as tests need."""

import struct

_PRIMITIVES = {0: None, 1: True, 2: False, 3: "<b", 4: "<h", 5: "<i", 6: "<q", 7: "<d"}


def decode(metadata, value):
    """The Python value."""
    width = (metadata[0] >> 6) + 1
    count = int.from_bytes(metadata[1 : 1 + width], "little")
    ends = [int.from_bytes(metadata[1 + width * (1 + place) : 1 + width * (2 + place)], "little") for place in range(count + 1)]
    start = 1 + width * (count + 2)
    names = [metadata[start + ends[place] : start + ends[place + 1]].decode() for place in range(count)]
    return _value(value, names)


def _value(raw, names):
    basic, header = raw[0] & 3, raw[0] >> 2
    if basic == 1:
        return raw[1 : 1 + header].decode()
    if basic == 2:
        return _object(raw, header, names)
    if basic == 3:
        return _array(raw, header, names)
    if header in {15, 16}:
        length = int.from_bytes(raw[1:5], "little")
        return bytes(raw[5 : 5 + length]) if header == 15 else raw[5 : 5 + length].decode()
    form = _PRIMITIVES[header]
    return struct.unpack_from(form, raw, 1)[0] if isinstance(form, str) else form


def _object(raw, header, names):
    offset_width, id_width = (header & 3) + 1, (header >> 2 & 3) + 1
    count, at = _count(raw, header >> 4)
    ids = [int.from_bytes(raw[at + place * id_width : at + (place + 1) * id_width], "little") for place in range(count)]
    at += count * id_width
    starts = [int.from_bytes(raw[at + place * offset_width : at + (place + 1) * offset_width], "little") for place in range(count + 1)]
    at += (count + 1) * offset_width
    found = {names[number]: _value(raw[at + start :], names) for number, start in zip(ids, starts, strict=False)}
    assert list(found) == sorted(found, key=str.encode)
    return found


def _array(raw, header, names):
    width = (header & 3) + 1
    count, at = _count(raw, header >> 2)
    starts = [int.from_bytes(raw[at + place * width : at + (place + 1) * width], "little") for place in range(count + 1)]
    at += (count + 1) * width
    return [_value(raw[at + start :], names) for start in starts[:-1]]


def _count(raw, large):
    return (int.from_bytes(raw[1:5], "little"), 5) if large & 1 else (raw[1], 2)
