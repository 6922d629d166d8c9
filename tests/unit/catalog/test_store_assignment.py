"""Which value a column takes."""

import pytest

from headgate.catalog import types
from headgate.catalog.store_assignment import assigned


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        ("int", "int", "x"),
        ("int", "bigint", "CAST(x AS BIGINT)"),
        ("bigint", "tinyint", "CAST(x AS TINYINT)"),
        ("double", "int", "CAST(CASE WHEN x < 0 THEN ceil(x) ELSE floor(x) END AS INT)"),
        ("decimal(5,2)", "bigint", "CAST(CASE WHEN x < 0 THEN ceil(x) ELSE floor(x) END AS BIGINT)"),
        ("decimal(5,2)", "decimal(9,1)", "CAST(x AS DECIMAL(9,1))"),
        ("boolean", "string", "CAST(x AS STRING)"),
        ("date", "timestamp", "CAST(x AS TIMESTAMP)"),
        ("timestamp", "date", "CAST(x AS DATE)"),
        ("array<int>", "array<bigint>", "CAST(x AS ARRAY<BIGINT>)"),
        ("map<string,int>", "map<string,bigint>", "CAST(x AS MAP<STRING, BIGINT>)"),
        ("struct<a: int>", "struct<A: int>", ""),
        ("struct<a: int>", "struct<a: int>", "x"),
        ("string", "int", ""),
        ("string", "date", ""),
        ("int", "boolean", ""),
        ("boolean", "int", ""),
        ("int", "date", ""),
        ("binary", "string", ""),
        ("array<bigint>", "array<int>", ""),
        ("array<string>", "array<int>", ""),
        ("struct<a: int>", "struct<b: int>", ""),
        ("struct<a: int>", "struct<a: int, b: int>", ""),
        ("variant", "variant", ""),
        ("variant", "string", ""),
        ("string", "variant", ""),
    ],
)
def test_a_value(source, target, expected):
    """As it is, with a cast that may fail when the rows are made, or not at all."""
    assert assigned(types.parse_text(source), types.parse_text(target), "x") == expected
