"""What Databricks' functions need and DuckDB lacks."""

import duckdb
import pytest

from headgate.storage.query import duckdb_functions, macros


def run(expression):
    """The value of an expression, with the macros that it needs."""
    connection = duckdb.connect()
    for statement in macros.statements(expression):
        connection.execute(statement)
    return connection.sql(f"SELECT {expression}").fetchall()[0][0]


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("databricks_pmod(-7, 3)", 2),
        ("databricks_divided(1.5::DOUBLE, 0.5::DOUBLE)", 3.0),
        ("databricks_divided(NULL::DOUBLE, 0::DOUBLE)", None),
        ("databricks_quotient(-5::HUGEINT, 2::HUGEINT)", -3),
        ("databricks_item([1, 2], 1)", 2),
        ("databricks_try_element_at([1, 2], -3)", None),
        ("databricks_slice([1, 2, 3, 4], -2, 2)", [3, 4]),
        ("databricks_array_distinct([2, NULL, 1, 2, NULL])", [2, None, 1]),
        ("databricks_array_contains([1, NULL], 2)", None),
        ("databricks_substring('Spark SQL', 0, 3)", "Spa"),
        ("databricks_substring('Spark SQL', -3, 2)", "SQ"),
        ("databricks_substring('Spark', -10, 7)", "Sp"),
        ("databricks_split_part('a,b,c', ',', -1)", "c"),
        ("databricks_float_text(1e20::DOUBLE)", "1.0E20"),
        ("databricks_float_text(0.00012::DOUBLE)", "1.2E-4"),
        ("databricks_float_text('-inf'::DOUBLE)", "-Infinity"),
        ("databricks_floored(-1, 1000)", -1),
        ("databricks_try_parsed('5/1/2026', '\\d\\d/\\d\\d/\\d{4}', '%d/%m/%Y')", None),
        ("databricks_months_between(TIMESTAMP '2026-01-31', TIMESTAMP '2026-02-28')", -1.0),
        ("databricks_months(TIMESTAMP '2026-01-31', TIMESTAMP '2026-02-28')", 0),
        ("databricks_months(TIMESTAMP '2026-03-31', TIMESTAMP '2026-02-28 01:00:00')", -1),
        ("databricks_moment_text(TIMESTAMP '2026-01-05 10:00:00.089')", "2026-01-05 10:00:00.089"),
    ],
)
def test_each_is_its_plain_meaning(call, expected):
    """One value each."""
    assert run(call) == expected


@pytest.mark.parametrize(("call", "code"), [("databricks_mod(1, 0)", "REMAINDER_BY_ZERO"), ("databricks_item([1], 1)", "INVALID_ARRAY_INDEX")])
def test_an_error_has_databricks_class(call, code):
    """The message begins with it."""
    with pytest.raises(duckdb.Error, match=rf"\[{code}\]"):
        run(call)


def test_only_those_that_occur_are_made():
    """With those that they need, which come first."""
    made = macros.statements("SELECT databricks_float_text(1)")
    assert [statement.split("(")[0].removeprefix("CREATE MACRO ") for statement in made] == [
        "databricks_mantissa",
        "databricks_scientific_parts",
        "databricks_scientific",
        "databricks_float_text",
    ]
    assert macros.NAMES <= duckdb_functions.FUNCTIONS
