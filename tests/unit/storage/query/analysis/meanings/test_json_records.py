"""JSON texts as values: each value is Spark's."""

import pytest

from tests.fakes.expressions import evaluated, named


@pytest.mark.parametrize(
    ("text", "schema", "value"),
    [
        ('{"a":1.5,"b":2}', "a INT, b STRING", [None, "2"]),
        ('{"a":"1","b":null}', "a INT, b STRING", [None, None]),
        ('{"a":1.50,"b":[1, 2]}', "a STRING, b STRING", ["1.5", "[1,2]"]),
        ('{"a":1e3,"b":0.1e-7}', "a STRING, b STRING", ["1000.0", "1.0E-8"]),
        ('{"a":1e30}', "a STRING", "[UNSUPPORTED_FEATURE]"),
        ('{"A":1}', "a INT", [None]),
        ("not json", "a INT", [None]),
        ("  ", "a INT", None),
        ("[1,2]", "a INT", [None]),
        ('{"a":1} x', "a INT", "[UNSUPPORTED_FEATURE]"),
        ('{"a":1,"a":2}', "a INT", "[UNSUPPORTED_FEATURE]"),
        ('{"a":[1,null,"x"],"b":2}', "a ARRAY<INT>, b INT", [None, 2]),
        ('{"a":[{"b":"x"},{"b":1}]}', "a ARRAY<STRUCT<b: INT>>", [[[None], [1]]]),
        ('{"a":1}', "ARRAY<STRUCT<a: INT>>", [[1]]),
        ('[{"b":1}, 5]', "ARRAY<STRUCT<b: INT>>", None),
        ('{"a":1,"b":2}', "MAP<STRING, INT>", [["a", 1], ["b", 2]]),
        ('{"a":1,"b":"x"}', "MAP<STRING, INT>", None),
        ('{"a":"NaN","b":"+INF","c":"1.5","d":-0.0}', "a DOUBLE, b DOUBLE, c DOUBLE, d DOUBLE", ["NaN", "Infinity", None, "-0.0"]),
        (
            '{"a":1.555,"b":"1e2","c":12345,"d":" 1 "}',
            "a DECIMAL(5,2), b DECIMAL(5,2), c DECIMAL(5,2), d DECIMAL(5,2)",
            ["1.56", "100.00", None, None],
        ),
        ('{"a":true,"b":"true"}', "a BOOLEAN, b BOOLEAN", [True, None]),
        (
            '{"a":"2026-01-01T10:00:00.123+02:00","b":1,"c":"2026-1-1","d":"x"}',
            "a TIMESTAMP, b TIMESTAMP, c DATE, d DATE",
            ["2026-01-01T08:00:00.123000Z", "1970-01-01T00:00:01Z", "2026-01-01", None],
        ),
        ("1", "INT", "[DATATYPE_MISMATCH.INVALID_JSON_SCHEMA]"),
        ("{}", "MAP<INT, INT>", "[DATATYPE_MISMATCH.INVALID_JSON_MAP_KEY_TYPE]"),
        ("{}", "a: INT", "[PARSE_SYNTAX_ERROR]"),
        ("{}", "a BINARY", "[UNSUPPORTED_FEATURE]"),
    ],
)
def test_a_part_that_does_not_fit_is_null(text, schema, value):
    """The others keep their values."""
    assert evaluated(f"from_json('{text}', '{schema}')") == value


def test_a_schema_is_a_literal_and_a_text_no_number():
    """By the classes of Databricks."""
    assert evaluated("SELECT from_json(name, name) FROM people") == "[INVALID_SCHEMA.NON_STRING_LITERAL]"
    assert evaluated("from_json(1, 'a INT')") == "[DATATYPE_MISMATCH]"


def test_a_map_is_called_entries():
    """The schema is in no column's name."""
    assert named("from_json('{}', 'MAP<STRING, INT>')") == "entries"
    assert named("from_json('{}', 'a INT')") == "from_json({})"
