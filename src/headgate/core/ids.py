"""Identifiers that sort by time (the layout of UUID version 7, RFC 9562), made from a clock that is handed in."""

import os
import uuid


def new_id(prefix: str, now_ns: int) -> str:
    """An id such as `req_0192f…`: 48 bits of milliseconds, then 74 random bits."""
    return f"{prefix}_{_value(now_ns):032x}"


def new_uuid(now_ns: int) -> str:
    """The same as a UUID is written, for interfaces that want one."""
    return str(uuid.UUID(int=_value(now_ns)))


def _value(now_ns: int) -> int:
    random = int.from_bytes(os.urandom(10))
    milliseconds = (now_ns // 1_000_000) & 0xFFFF_FFFF_FFFF
    return milliseconds << 80 | 0x7 << 76 | (random >> 68 & 0xFFF) << 64 | 0b10 << 62 | random & 0x3FFF_FFFF_FFFF_FFFF
