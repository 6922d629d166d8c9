"""Masked texts, their sounds and quotes: each value is Spark's."""

import pytest

from tests.fakes.expressions import evaluated


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("mask('AbCD123-@$#', 'a', 'B', '1', 'x')", "aBaa111xxxx"),
        ("mask('AbC 1', NULL, 'q', 'd', 'o')", "AqCod"),
        ("mask('é日X٣')", "x日Xn"),
        ("mask(NULL)", None),
        ("mask('aB', 'ab')", "[DATATYPE_MISMATCH.INPUT_SIZE_NOT_ONE]"),
        ("mask('aB', 1)", "[DATATYPE_MISMATCH]"),
        ("soundex('Ashcraft')", "A261"),
        ("soundex('Tymczak')", "T522"),
        ("soundex('Pfister')", "P236"),
        ("soundex('whw')", "W000"),
        ("soundex('éa')", "éa"),
        ("quote('it\\'s')", "'it\\'s'"),
        ("is_valid_utf8(NULL)", None),
        ("make_valid_utf8('é')", "é"),
    ],
)
def test_each_value_is_sparks(expression, value):
    """One value each, or the error's class."""
    assert evaluated(expression) == value
