"""Result values as text."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from headgate.admin import result_text
from headgate.catalog import types


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (None, "string", None),
        ("x", "string", "x"),
        (True, "boolean", "true"),
        (False, "boolean", "false"),
        (17, "bigint", "17"),
        (0.1, "double", "0.1"),
        (float("nan"), "double", "NaN"),
        (float("-inf"), "double", "-Infinity"),
        (Decimal("1.50"), "decimal(10,2)", "1.50"),
        (Decimal("1E+3"), "decimal(10,0)", "1000"),
        (b"hi", "binary", "aGk="),
        (date(2026, 1, 31), "date", "2026-01-31"),
        (datetime(2026, 1, 31, 12, 0, 0, 5000, tzinfo=UTC), "timestamp", "2026-01-31T12:00:00.005Z"),
        (datetime(2026, 1, 31, 12, 0, 0, 5, tzinfo=UTC), "timestamp", "2026-01-31T12:00:00.000005Z"),
        (datetime(2026, 1, 31, 12, 0), "timestamp_ntz", "2026-01-31T12:00:00.000"),  # ruff: ignore[call-datetime-without-tzinfo] - a time without a zone
        ([1, None], "array<int>", "[1,null]"),
        ([("a", 1), ("b", None)], "map<string,int>", '{"a":1,"b":null}'),
        ([(5, "x")], "map<int,string>", '{"5":"x"}'),
        ({"a": 1, "b": [date(2026, 1, 31)]}, "struct<a:int,b:array<date>>", '{"a":1,"b":["2026-01-31"]}'),
        ({"a": float("inf"), "b": Decimal("1.5")}, "struct<a:double,b:decimal(2,1)>", '{"a":"Infinity","b":"1.5"}'),
    ],
)
def test_a_value_is_written(value, kind, text):
    """As Databricks writes it."""
    assert result_text.texts([value], types.parse_text(kind)) == [text]


def test_rows_out_of_columns():
    """Every value a string or null."""
    kinds = [types.parse_text("int"), types.parse_text("string")]

    assert result_text.data_array([[1, 2], ["a", None]], kinds) == [["1", "a"], ["2", None]]
    assert result_text.data_array([[], []], kinds) == []
