"""Literals of numbers."""

import pytest

from headgate.core.errors import BadRequest
from headgate.storage.query.analysis import kinds
from headgate.storage.query.analysis.number_literals import number, shown


@pytest.mark.parametrize(
    ("written", "suffix", "kind", "name"),
    [
        ("1", "", "INT", "1"),
        ("2147483648", "", "BIGINT", "2147483648"),
        ("-2147483648", "", "INT", "-2147483648"),
        ("9223372036854775808", "", "DECIMAL(19,0)", "9223372036854775808"),
        ("1.50", "", "DECIMAL(3,2)", "1.50"),
        ("-0.0", "", "DECIMAL(1,1)", "0.0"),
        ("1e7", "", "DOUBLE", "1.0E7"),
        ("-128", "Y", "TINYINT", "-128"),
        ("1", "D", "DOUBLE", "1.0"),
        ("0.1", "F", "FLOAT", "0.1"),
        ("1", "BD", "DECIMAL(1,0)", "1"),
        ("0.0000001", "BD", "DECIMAL(7,7)", "1E-7"),
    ],
)
def test_a_number_has_its_type_and_name(written, suffix, kind, name):
    """By its size, its point, its exponent and its suffix."""
    value = number(written, suffix)
    assert (kinds.sql(value.kind), value.name) == (kind, name)


@pytest.mark.parametrize(("written", "suffix"), [("128", "Y"), ("3.4028235E39", "F"), ("1e309", "")])
def test_a_number_beyond_its_type_is_refused(written, suffix):
    """As Databricks does while it parses."""
    with pytest.raises(BadRequest) as raised:
        number(written, suffix)
    assert raised.value.code == "INVALID_NUMERIC_LITERAL_RANGE"


def test_floating_numbers_are_shown_with_an_exponent_outside_of_the_middle():
    """From ten millions on, and below a thousandth."""
    assert [shown(value) for value in (0.0, 0.001, 9999999.0, 1e7, 0.0001, -1.5e300)] == ["0.0", "0.001", "9999999.0", "1.0E7", "1.0E-4", "-1.5E300"]
    assert shown(0.1, single=True) == "0.1"
