"""Attribute bags."""

import pyarrow as pa
import pytest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

from headgate.storage.otlp.bags import Bags, variants
from tests.fakes import variant as reader


def _raw(key, **value):
    return KeyValue(key=key, value=AnyValue(**value)).SerializeToString()


A, B, A2 = _raw("a", string_value="1"), _raw("b", int_value=2), _raw("a", string_value="3")


def test_a_bag_is_a_number_and_a_column_is_maps():
    """Equal bags share a number; of a repeated key the last value counts."""
    bags = Bags("v1")
    made = [bags.bag([A, B]), bags.bag([B, A]), bags.bag([A, B, A2]), bags.bag([]), bags.bag([A, B])]

    assert made[0] == made[4]
    assert bags.bag([A2, B]) == made[2]
    assert len(set(made)) == 4
    column = bags.column(made)
    assert column.type == pa.map_(pa.string(), pa.string())
    assert column.to_pylist() == [[("a", "1"), ("b", "2")], [("b", "2"), ("a", "1")], [("a", "3"), ("b", "2")], [], [("a", "1"), ("b", "2")]]
    assert bags.column(made[1:3]).to_pylist() == column.to_pylist()[1:3]
    assert bags.column([]).to_pylist() == []
    assert bags.cell(made[2]) == [("a", "3"), ("b", "2")]
    assert bags.get(made[0], "b") == "2"
    assert bags.get(made[0], "c") is None


def test_variant_bags():
    """In v2 a bag is a VARIANT with its types kept."""
    bags = Bags("v2")

    cell = bags.column([bags.bag([A, B])]).to_pylist()[0]

    assert reader.decode(cell["metadata"], cell["value"]) == {"a": "1", "b": 2}
    assert bags.cell(bags.bag([A, B])) == cell
    assert variants([None]).to_pylist() == [None]


def test_event_names():
    """The attribute names the event."""
    bags = Bags("v1")

    assert bags.event_name(bags.bag([A, _raw("event.name", string_value="api_request")])) == "api_request"
    assert bags.event_name(bags.bag([A])) is None
    assert bags.event_name(bags.bag([_raw("event.name", string_value="")])) is None


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        KeyValue(key="a").SerializeToString(),
        KeyValue(value=AnyValue(string_value="x")).SerializeToString(),
        _raw("k" * 127, string_value="x"),
        _raw("k" * 128, string_value="x"),
        _raw("k", string_value="x" * 123),
        _raw("k", string_value="x" * 124),
        _raw("k", string_value="x" * 300),
        _raw("k", string_value=""),
        _raw("k", bytes_value=b"x"),
        _raw("k", string_value="x") + b"\x0a\x01z",
    ],
)
def test_attributes_cut_by_hand_and_by_the_official_class_are_the_same(raw):
    """The short way is taken only where it reads the same."""
    bags = Bags("v1")
    item = KeyValue.FromString(raw)
    expected = {"bytes_value": "eA=="}.get(item.value.WhichOneof("value") or "", item.value.string_value if item.value.WhichOneof("value") else None)

    assert bags.cell(bags.bag([raw])) == [(item.key, expected)]


def test_bodies_repeat():
    """A body is parsed once."""
    bags = Bags("v1")
    raw = AnyValue(string_value="x").SerializeToString()

    assert (bags.body(raw), bags.body(raw), bags.body(b"")) == ("x", "x", None)
