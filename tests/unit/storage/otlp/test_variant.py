"""Parquet's VARIANT encoding."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.storage.otlp import variant
from tests.fakes import variant as reader

scalars = (
    st.none() | st.booleans() | st.integers(-(1 << 63), (1 << 63) - 1) | st.floats(allow_nan=False) | st.text(max_size=80) | st.binary(max_size=10)
)
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4), max_leaves=12)


@given(values)
def test_what_is_written_is_read_again(value):
    """Every value survives, with objects sorted by name."""
    assert reader.decode(*variant.encode(value)) == value


@pytest.mark.parametrize(
    ("value", "metadata", "encoded"),
    [
        (None, "110000", "00"),
        (True, "110000", "04"),
        (5, "110000", "0c05"),
        (300, "110000", "102c01"),
        ("hi", "110000", "096869"),
        ({}, "110000", "020000"),
        ({"a": 1}, "1101000161", "02010000020c01"),
        ([1], "110000", "030100020c01"),
    ],
)
def test_bytes_of_the_specification(value, metadata, encoded):
    """Small values, byte by byte."""
    assert tuple(part.hex() for part in variant.encode(value)) == (metadata, encoded)


def test_large_objects_and_arrays():
    """More than 255 elements, and more than 255 bytes of names."""
    value = {f"key_{number:04}": list(range(number)) for number in range(300)}

    assert reader.decode(*variant.encode(value)) == value
