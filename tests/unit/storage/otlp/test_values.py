"""Attribute values as text and as Python values."""

import pytest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue, KeyValueList

from headgate.storage.otlp.values import text_of, value_of


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, None),
        ("", ""),
        ("ü", "ü"),
        (True, "true"),
        (False, "false"),
        (17, "17"),
        (0.1, "0.1"),
        (5.0, "5.0"),
        (float("inf"), "Infinity"),
        (float("-inf"), "-Infinity"),
        (float("nan"), "NaN"),
        (b"hi", "aGk="),
        ([1, "a", None, [True]], '[1,"a",null,[true]]'),
        ({"a": {"b": b"hi", "c": float("nan")}}, '{"a":{"b":"aGk=","c":"NaN"}}'),
    ],
)
def test_text(value, text):
    """Strings as they are, everything else as JSON, nothing as null."""
    assert text_of(value) == text


def test_any_values():
    """Every kind of AnyValue, nested, the last of repeated keys."""
    pairs = KeyValueList(values=[KeyValue(key="a", value=AnyValue(int_value=1)), KeyValue(key="a", value=AnyValue(bool_value=True))])
    value = AnyValue(
        array_value=ArrayValue(values=[AnyValue(kvlist_value=pairs), AnyValue(), AnyValue(double_value=0.5), AnyValue(bytes_value=b"x")])
    )

    assert value_of(value) == [{"a": True}, None, 0.5, b"x"]
