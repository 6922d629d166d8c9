"""Result columns in types that every client knows."""

import duckdb
import pyarrow as pa
import pytest

from headgate.storage.query import result_types


def _exported(expression):
    connection = duckdb.connect()
    sql = f"SELECT {expression} AS x"
    relation = connection.sql(sql)
    kinds = relation.types
    table = connection.sql(result_types.projection(sql, relation.columns, kinds)).to_arrow_reader(10).read_all()
    return result_types.narrowed(table, kinds)


@pytest.mark.parametrize(
    ("expression", "kind", "value"),
    [
        ("5::HUGEINT", pa.int64(), 5),
        ("CAST('{\"a\":1}' AS JSON)", pa.string(), '{"a":1}'),
        ("{'a': 1}::VARIANT", pa.string(), '{"a":1}'),
        ("'00000000-0000-0000-0000-000000000001'::UUID", pa.string(), "00000000-0000-0000-0000-000000000001"),
        ("TIME '10:00:00'", pa.string(), "10:00:00"),
        ("INTERVAL 1 DAY", pa.string(), "1 day"),
        ("5::UTINYINT", pa.int16(), 5),
        ("NULL", pa.string(), None),
        ("'a'::ENUM('a')", pa.string(), "a"),
        ("'2026-01-01 00:00:00'::TIMESTAMP_NS", pa.timestamp("us"), None),
        ("{'a': 1::VARIANT}.a", pa.string(), "1"),
        ("1.50::DECIMAL(10, 2)", pa.decimal128(10, 2), None),
    ],
)
def test_a_type_of_duckdbs_own_becomes_a_known_one(expression, kind, value):
    """By example."""
    column = _exported(expression).column(0)

    assert column.type == kind
    assert value is None or column.to_pylist() == [value]


def test_sums_beyond_bigint_stay_exact():
    """As DECIMAL(38, 0)."""
    column = _exported("170141183460469231731687303715884105727::HUGEINT // 100").column(0)

    assert column.type == pa.decimal128(38, 0)


def test_a_result_of_known_types_is_not_wrapped():
    """The common case costs nothing."""
    relation = duckdb.connect().sql("SELECT 1 AS a, [{'b': 'x'}] AS l, MAP {'k': 1.5::DOUBLE} AS m")

    assert result_types.projection("SELECT x", relation.columns, relation.types) == "SELECT x"
