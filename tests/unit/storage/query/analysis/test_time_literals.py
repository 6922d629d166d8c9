"""Typed literals of days and moments, as Spark reads and names them."""

import pytest

from headgate.core.errors import BadRequest
from headgate.storage.query.analysis import kinds, time_literals


@pytest.mark.parametrize(
    ("written", "kind", "name", "text"),
    [
        ("2026-1-5", kinds.DATE, "DATE '2026-01-05'", "CAST('2026-01-05' AS DATE)"),
        (" 2026 ", kinds.DATE, "DATE '2026-01-01'", "CAST('2026-01-01' AS DATE)"),
        ("2026-01-05 abc", kinds.DATE, "DATE '2026-01-05'", "CAST('2026-01-05' AS DATE)"),
        ("10000-01-01", kinds.DATE, "DATE '+10000-01-01'", "CAST('10000-01-01' AS DATE)"),
        ("-0001-01-01", kinds.DATE, "DATE '-0001-01-01'", "CAST('-0001-01-01' AS DATE)"),
        ("2026-01-05", kinds.TIMESTAMP, "TIMESTAMP '2026-01-05 00:00:00'", "CAST('2026-01-05 00:00:00' AS TIMESTAMPTZ)"),
        ("2026-01-05T10:30", kinds.TIMESTAMP, "TIMESTAMP '2026-01-05 10:30:00'", "CAST('2026-01-05 10:30:00' AS TIMESTAMPTZ)"),
        ("2026-01-05 10:30:00.120Z", kinds.TIMESTAMP, "TIMESTAMP '2026-01-05 10:30:00.12'", "CAST('2026-01-05 10:30:00.12' AS TIMESTAMPTZ)"),
        ("2026-01-05 00:30:00 UTC+2", kinds.TIMESTAMP, "TIMESTAMP '2026-01-04 22:30:00'", "CAST('2026-01-04 22:30:00' AS TIMESTAMPTZ)"),
        ("2026-01-05 10:30:00+02:00", kinds.TIMESTAMP_NTZ, "TIMESTAMP_NTZ '2026-01-05 10:30:00'", "CAST('2026-01-05 10:30:00' AS TIMESTAMP)"),
    ],
)
def test_a_literal_is_read(written, kind, name, text):
    """Its name is the value as Spark prints it, in UTC."""
    found = time_literals.value(written, kind)

    assert (found.name, found.text, found.kind) == (name, text, kind)


def test_a_region_is_left_to_duckdb():
    """Only DuckDB knows the rules of regions."""
    found = time_literals.value("2026-11-01 01:30:00 America/New_York", kinds.TIMESTAMP)

    assert found.text == "databricks_zoned('America/New_York', CAST('2026-11-01 01:30:00' AS TIMESTAMP))"


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("2026-02-30", kinds.DATE),
        ("26-01-05", kinds.DATE),
        ("soon", kinds.DATE),
        ("2026-01-05 24:00:00", kinds.TIMESTAMP),
        ("2026-01-05 10:00:00 +19", kinds.TIMESTAMP),
        ("2026-01-05 10:00:00 ?", kinds.TIMESTAMP),
    ],
)
def test_a_wrong_literal_is_an_error_of_the_statement(written, kind):
    """Days that there are not, clocks that no clock shows, and offsets beyond Java's."""
    with pytest.raises(BadRequest) as error:
        time_literals.value(written, kind)

    assert error.value.code == "INVALID_TYPED_LITERAL"
