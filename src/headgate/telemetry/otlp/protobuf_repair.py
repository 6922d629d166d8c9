"""A protobuf export that the official parser refuses, made readable item by item. Only for such: it walks the bytes itself, which is slow.

A text that is no UTF-8 gets U+FFFD where it is not, and costs nothing else. An item that is malformed is left out and counted; so is a resource or scope,
whose rows are kept. A body whose lists themselves are malformed stays so.
"""

import functools
from typing import Any

from google.protobuf import message_factory
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import DecodeError

from headgate.telemetry.otlp.losses import Losses
from headgate.telemetry.otlp.messages import message_of
from headgate.telemetry.otlp.wire import Malformed, read_field, varint

_DEPTH_MAX = 100  # the official parser's
_ITEMS = frozenset({"metrics", "log_records", "spans", "data_points"})
_PARTS = frozenset({"resource", "scope"})


def repaired(descriptor: Descriptor, payload: bytes) -> tuple[bytes, Losses]:
    """The export without what cannot be read of it. Raises `Malformed` where its lists cannot be followed."""
    losses = Losses()
    return _message(descriptor, payload, losses, 0), losses


def _message(descriptor: Descriptor, data: bytes, losses: Losses, depth: int) -> bytes:
    if depth > _DEPTH_MAX:
        raise Malformed("it is nested too deep")
    fields = _by_tag(descriptor)
    out = bytearray()
    at = 0
    while at < len(data):
        start = at
        tag, begin, at = read_field(data, at)
        if tag < 8:  # a field's number is never 0
            raise Malformed("it breaks off")
        field = fields.get(tag)
        inner = data[begin:at] if field is not None else b""
        value = None if field is None else _value(field, inner, losses, depth)
        if field is None or value is inner:
            out += data[start:at]
        elif value is not None:
            out += varint(tag) + varint(len(value)) + value
    return bytes(out)


def _value(field: FieldDescriptor, inner: bytes, losses: Losses, depth: int) -> bytes | None:
    """The same bytes, or better ones; `None` for an item or a part that is lost."""
    if field.type == FieldDescriptor.TYPE_STRING:
        return _text(inner)
    if field.name not in _ITEMS and field.name not in _PARTS:
        return _message(message_of(field), inner, losses, depth + 1)
    if _is_readable(message_of(field), inner):
        return inner
    try:
        value = _message(message_of(field), inner, losses, depth + 1)
    except Malformed as error:
        why = str(error)
    else:
        if _is_readable(message_of(field), value):
            return value
        why = "a value in it is malformed"
    if field.name in _PARTS:
        losses.part(why)
    else:
        losses.item(why)
    return None


def _text(inner: bytes) -> bytes:
    try:
        inner.decode()
    except UnicodeDecodeError:
        return inner.decode("utf-8", "replace").encode()
    return inner


def _is_readable(descriptor: Descriptor, data: bytes) -> bool:
    try:
        _class(descriptor).FromString(data)
    except DecodeError:
        return False
    return True


@functools.cache
def _class(descriptor: Descriptor) -> Any:  # ruff: ignore[any-type] - a class made at run time
    return message_factory.GetMessageClass(descriptor)


@functools.cache
def _by_tag(descriptor: Descriptor) -> dict[int, FieldDescriptor]:
    """The texts and messages in a message."""
    kinds = (FieldDescriptor.TYPE_STRING, FieldDescriptor.TYPE_MESSAGE)
    return {field.number << 3 | 2: field for field in descriptor.fields if field.type in kinds}
