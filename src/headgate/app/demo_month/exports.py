"""OTLP exports of log records and metric points, written directly as protobuf: tens of thousands of records are made at a start.

The fields are those of opentelemetry-proto 1.x: https://github.com/open-telemetry/opentelemetry-proto (read 2026-11).
"""

import struct
from collections.abc import Iterable, Mapping
from functools import lru_cache

import msgspec

from headgate.telemetry.otlp.wire import BYTES, FIXED64, VARINT, varint

Value = str | int | float
_CACHED = 65_536
_SHORT = 20  # longer texts are ids and times, which are not met again
DELTA, CUMULATIVE = 1, 2


class ExportedRecord(msgspec.Struct, frozen=True):
    """A log record, encoded, and when it was made."""

    at_ns: int
    body: bytes


class ExportedPoint(msgspec.Struct, frozen=True):
    """A metric with one point, encoded, and when it was made."""

    at_ns: int
    body: bytes


def record(
    at_ns: int, attributes: Mapping[str, Value], *, shared: bytes = b"", body: str = "", event_name: str = "", timed: bool = True
) -> ExportedRecord:
    """A log record. `shared` are more attributes, encoded with `attributes_of`. One that is not `timed` has only the time at which it was observed."""
    parts = [_fixed(1, at_ns)] if timed else []
    if body:
        parts.append(_bytes(5, _any(body)))
    parts += [shared, attributes_of(attributes, 6), _fixed(11, at_ns)]
    if event_name:
        parts.append(_bytes(12, event_name.encode()))
    return ExportedRecord(at_ns, b"".join(parts))


def counter(name: str, unit: str, attributes: bytes, value: float, times_ns: tuple[int, int], temporality: int = DELTA) -> ExportedPoint:
    """A counter's value between two moments. `attributes` are encoded with `attributes_of(…, 7)`."""
    point = _fixed(2, times_ns[0]) + _fixed(3, times_ns[1]) + _tag(4, FIXED64) + struct.pack("<d", value) + attributes
    total = _bytes(1, point) + _tag(2, VARINT) + varint(temporality) + _tag(3, VARINT) + b"\x01"
    described = _bytes(1, name.encode()) + (_bytes(3, unit.encode()) if unit else b"")
    return ExportedPoint(times_ns[1], described + _bytes(7, total))


def export(resource: Mapping[str, Value], scope: tuple[str, str], items: Iterable[ExportedRecord | ExportedPoint]) -> bytes:
    """An export request with one resource and one scope: of records or of points, which have the same place in it."""
    name, version = scope
    held = _bytes(1, _bytes(1, name.encode()) + _bytes(2, version.encode())) + b"".join([_bytes(2, item.body) for item in items])
    return _bytes(1, _bytes(1, attributes_of(resource, 1)) + _bytes(2, held))


def attributes_of(attributes: Mapping[str, Value], field: int = 6) -> bytes:
    """Attributes as the repeated field of this number: 1 of a resource, 6 of a log record, 7 of a point."""
    return b"".join([
        _attribute(field, key, value) if type(value) is str and len(value) > _SHORT else _repeated(field, key, type(value).__name__, value)
        for key, value in attributes.items()
    ])


@lru_cache(_CACHED)
def _repeated(field: int, key: str, _kind: str, value: Value) -> bytes:
    # The type is a part of the key: 1 and True and 1.0 are equal.
    return _attribute(field, key, value)


def _attribute(field: int, key: str, value: Value) -> bytes:
    return _bytes(field, _bytes(1, key.encode()) + _bytes(2, _any(value)))


def _any(value: Value) -> bytes:
    if isinstance(value, bool):
        return _tag(2, VARINT) + (b"\x01" if value else b"\x00")
    if isinstance(value, int):
        return _tag(3, VARINT) + varint(value)
    if isinstance(value, float):
        return _tag(4, FIXED64) + struct.pack("<d", value)
    return _bytes(1, value.encode())


def _bytes(field: int, body: bytes) -> bytes:
    return _tag(field, BYTES) + varint(len(body)) + body


def _fixed(field: int, number: int) -> bytes:
    return _tag(field, FIXED64) + number.to_bytes(8, "little")


@lru_cache(256)
def _tag(field: int, kind: int) -> bytes:
    return varint(field << 3 | kind)
