"""Decoded values of OTLP/JSON to OTLP/protobuf, by the official message descriptors. Writes wire bytes directly: no message objects, no rows.

The encoding's own rules (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding, read 2026-11): trace and span ids are hex, not base64; 64-bit
numbers may be strings or numbers; enums are numbers; field names are lowerCamelCase (original names are understood too); unknown fields are ignored.
"""

import base64
import binascii
import functools
import struct
from collections.abc import Callable, Mapping

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from headgate.core.errors import BadRequest
from headgate.telemetry.otlp.wire import BYTES, FIXED32, FIXED64, VARINT, varint

DEPTH_MAX = 64
_HEX_FIELDS = frozenset({"trace_id", "span_id", "parent_span_id"})

Write = Callable[[bytearray, object, int], None]


def malformed(what: str) -> BadRequest:
    """The refusal of a body or a value that is not OTLP/JSON."""
    return BadRequest(f"The body is not OTLP/JSON: {what}.", code="MALFORMED_OTLP")


@functools.cache
def fields_of(descriptor: Descriptor) -> dict[str, FieldDescriptor]:
    """The fields of a message by their names in JSON: lowerCamelCase, and the original ones."""
    return {name: field for field in descriptor.fields for name in (field.name, field.camelcase_name)}


@functools.cache
def message_writer(descriptor: Descriptor) -> Write:
    """A writer of this message's fields. Writers of nested messages are looked up when they are first needed: AnyValue holds itself."""
    name = descriptor.name
    is_pair = name == "KeyValue"  # keys are written before values, as every encoder does: redaction finds them by that
    fields = fields_of(descriptor)
    writers: dict[str, Write] = {}

    def write(out: bytearray, value: object, depth: int) -> None:
        if not isinstance(value, Mapping):
            raise malformed(f"{name} is an object, not {type(value).__name__}")
        if depth > DEPTH_MAX:
            raise malformed(f"it is nested deeper than {DEPTH_MAX} levels")
        if is_pair and next(iter(value), "key") != "key":
            value = {"key": value.get("key", ""), **value}
        for key, item in value.items():
            if item is None:
                continue
            writer = writers.get(key)
            if writer is None:
                field = fields.get(key)
                if field is None:
                    continue
                writer = writers[key] = _field(field)
            writer(out, item, depth)

    return write


def _field(field: FieldDescriptor) -> Write:
    one = nested_writer(field) if field.type == FieldDescriptor.TYPE_MESSAGE else _SCALARS[field.type](field)
    if not field.is_repeated:
        return one
    name = field.camelcase_name

    def write(out: bytearray, value: object, depth: int) -> None:
        if not isinstance(value, list):
            raise malformed(f"{name} is an array, not {type(value).__name__}")
        for item in value:
            one(out, item, depth)

    return write


def nested_writer(field: FieldDescriptor) -> Write:
    """A writer of one message in this field. What it refuses it has written nothing of."""
    inner = message_writer(field.message_type)
    tag = _tag(field, BYTES)

    def write(out: bytearray, value: object, depth: int) -> None:
        inside = bytearray()
        inner(inside, value, depth + 1)
        out += tag
        out += varint(len(inside))
        out += inside

    return write


def message_tag(field: FieldDescriptor) -> bytes:
    """The tag of a field of messages, texts or bytes."""
    return _tag(field, BYTES)


def _tag(field: FieldDescriptor, wire_type: int) -> bytes:
    return varint(field.number << 3 | wire_type)


def _text(field: FieldDescriptor) -> Write:
    tag, name = _tag(field, BYTES), field.camelcase_name

    def write(out: bytearray, value: object, _depth: int) -> None:
        if not isinstance(value, str):
            raise malformed(f"{name} is a string, not {type(value).__name__}")
        encoded = value.encode()
        out += tag
        out += varint(len(encoded))
        out += encoded

    return write


def _bytes(field: FieldDescriptor) -> Write:
    tag, name = _tag(field, BYTES), field.camelcase_name
    is_id = field.name in _HEX_FIELDS

    def write(out: bytearray, value: object, _depth: int) -> None:
        if not isinstance(value, str):
            raise malformed(f"{name} is a string, not {type(value).__name__}")
        try:
            raw = (
                bytes.fromhex(value)
                if is_id
                else base64.b64decode(value.replace("-", "+").replace("_", "/") + "=" * (-len(value) % 4), validate=True)
            )
        except (ValueError, binascii.Error) as error:
            raise malformed(f"{name} is not {'hex' if is_id else 'base64'}: {value[:40]!r}") from error
        out += tag
        out += varint(len(raw))
        out += raw

    return write


def _integer(low: int, high: int, wire: Callable[[int], bytes], wire_type: int) -> Callable[[FieldDescriptor], Write]:
    def made(field: FieldDescriptor) -> Write:
        tag, name = _tag(field, wire_type), field.camelcase_name

        def write(out: bytearray, value: object, _depth: int) -> None:
            number = value if type(value) is int else _whole(name, value)
            if not low <= number <= high:
                raise malformed(f"{name} is out of range: {number}")
            out += tag
            out += wire(number)

        return write

    return made


def _whole(name: str, value: object) -> int:
    """A whole number written as a string (`"17"`) or as a float without a fraction (`1.7e1`)."""
    if isinstance(value, str):
        digits = value.strip().removeprefix("-")
        if digits.isascii() and digits.isdigit() and len(digits) <= 20:
            return int(value)
        value = _float(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    raise malformed(f"{name} is a whole number, not {str(value)[:40]!r}")


def _float(value: str) -> float | None:
    # The words are protobuf's; Python would take more of them.
    words = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}
    if value in words:
        return words[value]
    try:
        return float(value) if value[-1:].isdigit() else None
    except ValueError:
        return None


def _double(field: FieldDescriptor) -> Write:
    tag, name = _tag(field, FIXED64), field.camelcase_name
    pack = struct.Struct("<d").pack

    def write(out: bytearray, value: object, _depth: int) -> None:
        number = _float(value) if isinstance(value, str) else value
        if isinstance(number, bool) or not isinstance(number, (int, float)):
            raise malformed(f"{name} is a number, not {str(value)[:40]!r}")
        try:
            packed = pack(number)
        except (OverflowError, struct.error) as error:
            raise malformed(f"{name} is out of range") from error
        out += tag
        out += packed

    return write


def _boolean(field: FieldDescriptor) -> Write:
    tag, name = _tag(field, VARINT), field.camelcase_name

    def write(out: bytearray, value: object, _depth: int) -> None:
        if not isinstance(value, bool):
            raise malformed(f"{name} is true or false, not {str(value)[:40]!r}")
        out += tag
        out.append(value)

    return write


def _enum(field: FieldDescriptor) -> Write:
    tag, name = _tag(field, VARINT), field.camelcase_name
    numbers = {value.name: value.number for value in field.enum_type.values} if field.enum_type else {}

    def write(out: bytearray, value: object, _depth: int) -> None:
        number = numbers.get(value) if isinstance(value, str) and value in numbers else _whole(name, value) if type(value) is not int else value
        if number is None or not -(1 << 31) <= number < 1 << 31:
            raise malformed(f"{name} is out of range: {number}")
        out += tag
        out += _signed(number)

    return write


def _signed(number: int) -> bytes:
    return varint(number & 0xFFFF_FFFF_FFFF_FFFF)


def _zigzag(number: int) -> bytes:
    return varint((number << 1) ^ (number >> 63))


_SCALARS: dict[int, Callable[[FieldDescriptor], Write]] = {
    FieldDescriptor.TYPE_STRING: _text,
    FieldDescriptor.TYPE_BYTES: _bytes,
    FieldDescriptor.TYPE_BOOL: _boolean,
    FieldDescriptor.TYPE_DOUBLE: _double,
    FieldDescriptor.TYPE_ENUM: _enum,
    FieldDescriptor.TYPE_INT32: _integer(-(1 << 31), (1 << 31) - 1, _signed, VARINT),
    FieldDescriptor.TYPE_SINT32: _integer(-(1 << 31), (1 << 31) - 1, _zigzag, VARINT),
    FieldDescriptor.TYPE_UINT32: _integer(0, (1 << 32) - 1, varint, VARINT),
    FieldDescriptor.TYPE_FIXED32: _integer(0, (1 << 32) - 1, struct.Struct("<I").pack, FIXED32),
    FieldDescriptor.TYPE_INT64: _integer(-(1 << 63), (1 << 63) - 1, _signed, VARINT),
    FieldDescriptor.TYPE_UINT64: _integer(0, (1 << 64) - 1, varint, VARINT),
    FieldDescriptor.TYPE_FIXED64: _integer(0, (1 << 64) - 1, struct.Struct("<Q").pack, FIXED64),
    FieldDescriptor.TYPE_SFIXED64: _integer(-(1 << 63), (1 << 63) - 1, struct.Struct("<q").pack, FIXED64),
}
