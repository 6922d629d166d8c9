"""How much an export holds, counted on its bytes before anything is built of them. It judges no form: a malformed body is counted as far as it goes.

A message takes two bytes on the wire and about fifty in memory, so a small body could become very much. In protobuf every message within the export
counts: resources, scopes, items, attributes and their values, elements of arrays. In JSON every opening bracket and every comma counts.
"""

import functools

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from headgate.telemetry.otlp.messages import message_of

_Plan = dict[int, "_Plan"]
_TEXTS: _Plan = {}  # a repeated string: one for each, and nothing inside
_NUMBERS: _Plan = {}  # packed numbers of variable length: a byte becomes eight
_LISTS: _Plan = {0x0A: {0x12: _TEXTS}}  # of every signal: resources at field 1 of a request, scopes at field 2 of a resource
_WINDOW_BYTES = 256 << 10  # no single step in C is longer than this
_LENGTHS = (FieldDescriptor.TYPE_STRING, FieldDescriptor.TYPE_BYTES)
_FIXED = (FieldDescriptor.TYPE_DOUBLE, FieldDescriptor.TYPE_FIXED64, FieldDescriptor.TYPE_SFIXED64,
          FieldDescriptor.TYPE_FLOAT, FieldDescriptor.TYPE_FIXED32, FieldDescriptor.TYPE_SFIXED32)  # fmt: skip


def messages(descriptor: Descriptor, payload: bytes, most: int) -> int:
    """The messages in a protobuf body; the count ends soon after `most`."""
    return _count(_plan(descriptor), payload, most)


def lists(payload: bytes, most: int) -> int:
    """The resources and scopes in a protobuf body; their items are stepped over. The count ends soon after `most`."""
    return _count(_LISTS, payload, most)


def _count(plan: _Plan, payload: bytes, most: int) -> int:
    if len(payload) <= 2 * most:  # a message takes a tag and a length
        return 0
    total = at = 0
    end = len(payload)
    above: list[tuple[int, int, _Plan]] = []  # where to go on outside: as long as the nesting is deep
    while total <= most:
        if at >= end:
            if not above:
                break
            at, end, plan = above.pop()
            continue
        tag, at = _varint(payload, at, end)
        if tag & 7 != 2:
            at = _after(payload, at, end, tag & 7)
            continue
        size, at = _varint(payload, at, end)
        child = plan.get(tag)
        if child is None:
            at += size
        elif child is _TEXTS or child is _NUMBERS:
            total += 1 if child is _TEXTS else size
            at += size
        else:
            total += 1
            above.append((at + size, end, plan))
            end, plan = min(at + size, end), child
    return total


def _after(payload: bytes, at: int, end: int, kind: int) -> int:
    """Where a number ends; the end of all for a group, of which the official parser says what it thinks."""
    if kind == 0:
        return _varint(payload, at, end)[1]
    return {1: at + 8, 5: at + 4}.get(kind, end)


def json_marks(body: bytes, most: int) -> int:
    """The opening brackets and commas in a JSON body, outside of its strings; exact only above `most`."""
    if len(body) <= most:
        return 0
    anywhere = sum(_marks(body[at : at + _WINDOW_BYTES]) for at in range(0, len(body), _WINDOW_BYTES))
    return anywhere if anywhere <= most else _marks_outside(body)


def _marks_outside(body: bytes) -> int:
    total = at = inside = 0
    while at < len(body):
        end = min(at + _WINDOW_BYTES, len(body))
        while end < len(body) and body[end - 1] == 0x5C:  # never between a backslash and what it escapes
            end += 1
        # Pairs of backslashes are removed first, from the left; what is left before a quotation mark escapes it.
        pieces = body[at:end].replace(rb"\\", b"").replace(rb"\"", b"").split(b'"')
        total += sum(map(_marks, pieces[inside::2]))
        inside = (inside + len(pieces) - 1) % 2
        at = end
    return total


def _marks(json: bytes) -> int:
    return json.count(b"{") + json.count(b"[") + json.count(b",")


def _varint(payload: bytes, at: int, end: int) -> tuple[int, int]:
    """A number of variable length, as far as it is there, and where it ends."""
    if at >= end:
        return 0, end
    number = payload[at]
    at += 1
    if number < 0x80:
        return number, at
    number &= 0x7F
    shift = 7
    while at < end:
        byte = payload[at]
        at += 1
        if shift < 64:
            number |= (byte & 0x7F) << shift
        if byte < 0x80:
            break
        shift += 7
    return number, at


@functools.cache
def _plan(descriptor: Descriptor) -> _Plan:
    """What counts within a message, by its tag. AnyValue holds itself, and so does its plan."""
    return _planned(descriptor, {})


def _planned(descriptor: Descriptor, known: dict[str, _Plan]) -> _Plan:
    if descriptor.full_name in known:
        return known[descriptor.full_name]
    plan = known[descriptor.full_name] = {}
    for field in descriptor.fields:
        tag = field.number << 3 | 2
        if field.type == FieldDescriptor.TYPE_MESSAGE:
            plan[tag] = _planned(message_of(field), known)
        elif field.is_repeated and field.type in _LENGTHS:
            plan[tag] = _TEXTS
        elif field.is_repeated and field.type not in _FIXED:
            plan[tag] = _NUMBERS
    return plan
