"""Hashes and checksums: each value is Spark's."""

import pytest

from tests.fakes.expressions import evaluated


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("hash(1)", -559580957),
        ("hash(-1L)", -939490007),
        ("hash('Hello World')", 352365215),
        ("hash('日本語日本語日本語日本語日本語日本語')", -1732599304),
        ("hash('abc', 1, NULL)", 945627151),
        ("hash(array(1, NULL, 1))", 245521047),
        ("hash(CAST(-0.0 AS FLOAT), 1.5F, double('NaN'), float('NaN'), double('-Infinity'))", 859246533),
        ("hash('a', 1L, 2.5F, 3.5D, NULL, TIMESTAMP'2026-01-01', X'00FF', array(1, NULL), struct('a', 1))", -1954618975),
        ("xxhash64('a', 1L, 2.5F, 3.5D, NULL, TIMESTAMP'2026-01-01', X'00FF', array(1, NULL), struct('a', 1))", 4561108062136244439),
        ("xxhash64(repeat('x', 31))", -1716462135722163746),
        ("xxhash64(repeat('x', 32))", 1299777543150008824),
        ("xxhash64(repeat('x', 33))", -2751654916054470392),
        ("xxhash64(repeat('x', 63))", 1207018288145590363),
        ("hash(map(1, 2))", "[DATATYPE_MISMATCH.HASH_MAP_TYPE]"),
        ("hash(12345678901234567890.5)", "[UNSUPPORTED_FEATURE]"),
        ("crc32('abc')", 891568578),
        ("crc32(X'00ff')", 1826356594),
        ("crc32(NULL)", None),
    ],
)
def test_each_value_is_sparks(expression, value):
    """One value each, or the error's class."""
    assert evaluated(expression) == value
