"""Identifiers that sort by time (the layout of UUID version 7, RFC 9562), made from a clock that is passed in.

An id is unique, not secret: nothing is allowed to a caller because it knows one.
"""

import random
import struct
import uuid
from typing import Final

_VERSION_7: Final = 0x7 << 76 | 0b10 << 62  # the version, and the variant of RFC 9562
_RANDOM = (1 << 80) - 1 ^ (0xF << 76 | 0b11 << 62)  # all bits below the time but those of version and variant

_FIRST_HALF: Final = 0x7 << 12  # the version, above 12 random bits
_SECOND_HALF: Final = 0b10 << 30  # the variant, above 30

_bits: Final = random.getrandbits
_pack: Final = struct.Struct(">QII").pack


def new_id(prefix: str, now_ns: int) -> str:
    """An id such as `req_0192f…`: 48 bits of milliseconds, then 74 random bits."""
    # Not `os.urandom`: a system call per id costs more than the id, and every request has one. Python seeds its generator anew in a forked process.
    low = _bits(62)  # in parts, for a number of more bits costs several times as much to work with
    packed = _pack(now_ns // 1_000_000 << 16 | _FIRST_HALF | _bits(12), _SECOND_HALF | low >> 32, low & 0xFFFF_FFFF)
    return f"{prefix}_{packed.hex()}"  # half the cost of a format


def id_of(prefix: str, at_ns: int, bits: int) -> str:
    """The same id made of 80 bits of the caller's, for records that are made from a seed."""
    return f"{prefix}_{_combined(at_ns, bits):032x}"


def new_uuid(now_ns: int) -> str:
    """The same id written as a UUID, for interfaces that want one."""
    return str(uuid.UUID(int=_value(now_ns)))


def _value(now_ns: int) -> int:
    return _combined(now_ns, _bits(80))


def _combined(at_ns: int, bits: int) -> int:
    return at_ns // 1_000_000 << 80 | bits & _RANDOM | _VERSION_7
