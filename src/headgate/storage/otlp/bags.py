"""Attribute bags of one batch. Each distinct attribute is parsed once and becomes a number; so does each distinct bag, a tuple of those. A column is built
once from the distinct bags in it, and spread over its rows.

Of a repeated key the last value counts: Delta's and Spark's maps refuse duplicates.
"""

from collections.abc import Iterable, Sequence
from itertools import accumulate, chain

import pyarrow as pa
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

from headgate.storage.delta.arrow_types import VARIANT
from headgate.storage.otlp import variant
from headgate.storage.otlp.values import Value, text_of, value_of

Bag = int
EVENT_NAME = "event.name"


class Bags:
    """The attributes seen so far. `version` says what a column of bags looks like: maps of text (v1) or VARIANT (v2)."""

    def __init__(self, version: str) -> None:
        self._as_variant = version == "v2"
        self._ids: dict[bytes, int] = {}
        self._keys: list[str] = []
        self._values: list[Value] = []
        self._texts: list[str | None] = []
        self._bags: dict[tuple[int | None, ...], Bag] = {}
        self._contents: list[tuple[int, ...]] = []  # of each bag
        self._event_names: dict[int, str] = {}
        self._bodies: dict[bytes, Value] = {}
        self._variants: dict[Bag, tuple[bytes, bytes]] = {}
        self._flat: list[bytes | None] = []  # each attribute's value as VARIANT, where it refers to no dictionary
        self._layouts: dict[tuple[str, ...], tuple[bytes, list[int]]] = {}  # keys of a bag -> dictionary, order by name

    def bag(self, attributes: Iterable[bytes]) -> Bag:
        """The bag of these raw attributes."""
        raw = list(attributes)  # once: every pass over the field itself would copy each attribute anew
        numbers = tuple(map(self._ids.get, raw))
        known = self._bags.get(numbers)
        return self._add(numbers, raw) if known is None else known

    def event_name(self, bag: Bag) -> str | None:
        """The text of the bag's `event.name` attribute, if it has one."""
        for number in self._event_names.keys() & self._contents[bag]:
            return self._event_names[number] or None
        return None

    def get(self, bag: Bag, key: str) -> str | None:
        """The text of one attribute."""
        return next((self._texts[number] for number in self._contents[bag] if self._keys[number] == key), None)

    def body(self, raw: bytes) -> Value:
        """A log record's body; bodies repeat as attributes do."""
        if raw not in self._bodies:
            self._bodies[raw] = value_of(AnyValue.FromString(raw))
        return self._bodies[raw]

    def column(self, bags: Sequence[Bag]) -> pa.Array:
        """A column of bags."""
        encoded = pa.array(bags, pa.int32()).dictionary_encode()
        distinct = self._distinct(encoded.dictionary.to_pylist())
        return distinct if len(distinct) == len(bags) else distinct.take(encoded.indices)

    def _distinct(self, bags: Sequence[Bag]) -> pa.Array:
        if self._as_variant:
            return variants([self._variant(bag) for bag in bags])
        contents = [self._contents[bag] for bag in bags]
        offsets = pa.array([0, *accumulate(map(len, contents))], pa.int32())
        numbers = pa.array(list(chain.from_iterable(contents)), pa.int32())
        keys, texts = pa.array(self._keys, pa.string()), pa.array(self._texts, pa.string())
        return pa.MapArray.from_arrays(offsets, keys.take(numbers), texts.take(numbers))

    def cell(self, bag: Bag) -> object:
        """One bag for an array that is built from Python values."""
        if self._as_variant:
            made, value = self._variant(bag)
            return {"metadata": made, "value": value}
        return [(self._keys[number], self._texts[number]) for number in self._contents[bag]]

    def _add(self, numbers: tuple[int | None, ...], attributes: Sequence[bytes]) -> Bag:
        known = tuple([self._number(attributes[place]) if number is None else number for place, number in enumerate(numbers)])
        keys = list(map(self._keys.__getitem__, known))
        # Insertion order of the first, value of the last: what a dictionary does.
        content = known if len(set(keys)) == len(keys) else tuple(dict(zip(keys, known, strict=True)).values())
        if content not in self._bags:
            self._bags[content] = len(self._contents)
            self._contents.append(content)
        bag = self._bags[known] = self._bags[content]
        return bag

    def _number(self, raw: bytes) -> int:
        if raw in self._ids:  # seen earlier in this very bag
            return self._ids[raw]
        key, value = _parse(raw)
        number = self._ids[raw] = len(self._keys)
        self._keys.append(key)
        self._values.append(value)
        self._texts.append(value if type(value) is str else text_of(value))
        if self._as_variant:
            self._flat.append(variant.flat(value))
        if key == EVENT_NAME:
            self._event_names[number] = self._texts[number] or ""
        return number

    def _variant(self, bag: Bag) -> tuple[bytes, bytes]:
        made = self._variants.get(bag)
        if made is None:
            content = self._contents[bag]
            flat = [self._flat[number] for number in content]
            made = variant.encode({self._keys[number]: self._values[number] for number in content}) if None in flat else self._laid_out(content, flat)
            self._variants[bag] = made
        return made

    def _laid_out(self, content: Sequence[int], flat: Sequence[bytes | None]) -> tuple[bytes, bytes]:
        """A bag without nested objects: bags of the same keys share a dictionary, and each value is encoded once."""
        keys = tuple(map(self._keys.__getitem__, content))
        layout = self._layouts.get(keys)
        if layout is None:
            order = sorted(range(len(keys)), key=lambda place: keys[place].encode())
            layout = self._layouts[keys] = (variant.metadata([keys[place] for place in order]), order)
        made, order = layout
        return made, variant.object_of([flat[place] or b"" for place in order], range(len(order)))


def variants(cells: Sequence[tuple[bytes, bytes] | None]) -> pa.Array:
    """A VARIANT column out of pairs of metadata and value."""
    empty = (b"\x11\x00\x00", b"\x00")
    present = pa.array([cell is None for cell in cells], pa.bool_())
    pairs = [cell or empty for cell in cells]
    children = [pa.array([pair[0] for pair in pairs], pa.binary()), pa.array([pair[1] for pair in pairs], pa.binary())]
    return pa.StructArray.from_arrays(children, fields=list(VARIANT), mask=present)


def _parse(raw: bytes) -> tuple[str, Value]:
    """Key and value of a raw attribute. Short strings, the great majority, are cut out by hand; anything else goes to the official class.

    Layout: 0x0a, key length, key, 0x12, value length, then 0x0a, string length, string. One-byte lengths only.
    """
    end = raw[1] + 2 if len(raw) > 1 else 0
    rest = len(raw) - end
    if 4 <= rest < 0x80 and raw[0] == 0x0A and end < 0x82 and raw[end : end + 4] == bytes((0x12, rest - 2, 0x0A, rest - 4)):
        return raw[2:end].decode(), raw[end + 4 :].decode()
    item = KeyValue.FromString(raw)
    return item.key, value_of(item.value)
