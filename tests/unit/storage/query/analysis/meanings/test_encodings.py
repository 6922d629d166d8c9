"""Checksums and encodings: each value is Spark's."""

import pytest

from tests.fakes.expressions import evaluated


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("hex(255)", "FF"),
        ("hex('é')", "C3A9"),
        ("sha1('')", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
        ("sha2('abc', 0)", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        ("sha2('abc', 512)", "[UNSUPPORTED_FEATURE]"),
        ("url_encode('*-_.~ é')", "*-_.%7E+%C3%A9"),
        ("url_decode('a%20b+c')", "a b c"),
        ("try_url_decode('%zz')", None),
        ("decode(X'C3A9', 'UTF-8')", "é"),
        ("encode('a', 'US-ASCII')", "[UNSUPPORTED_FEATURE]"),
        ("to_binary('a', 'utf-8')", "61"),
        ("unbase64('SGVsbG8=')", "48656c6c6f"),
        ("unbase64('!!')", "[UNSUPPORTED_FEATURE]"),
        ("decode(2, 1, 'a', 2, 'b', 'c')", "b"),
        ("decode(NULL, NULL, 'n', 'o')", "n"),
        ("decode(3, 1, 'a')", None),
    ],
)
def test_each_value_is_sparks(expression, value):
    """One value each, or the error's class."""
    assert evaluated(expression) == value
