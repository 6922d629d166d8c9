"""Texts: each value is Spark's."""

import pytest

from tests.fakes.expressions import evaluated, named


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("btrim('xxaxx', 'x')", "a"),
        ("trim(BOTH 'x' FROM 'xxaxx')", "a"),
        ("lpad(NULL, 0, 'x')", None),
        ("split_part(NULL, ',', 1)", None),
        ("locate('o', 'Hello World', 6)", 8),
        ("locate('a', 'abc', 0)", 0),
        ("substr('Spark SQL' FROM 5 FOR 2)", "k "),
        ("substring('abc', NULL)", None),
        ("upper('straße')", "STRASSE"),
        ("initcap('hELLO wORLD-foo ß')", "Hello World-foo Ss"),
        ("reverse('e\\u0301x')", "x\u0301e"),
        ("overlay('Spark SQL' PLACING 'ANSI ' FROM 7 FOR 0)", "Spark ANSI SQL"),
        ("levenshtein('é', 'e')", 1),
        ("levenshtein('kitten', 'sitting', 2)", -1),
        ("find_in_set('a,b', 'a,b')", 0),
        ("substring_index('a.b.c.d', '.', -2)", "c.d"),
        ("translate('aab', 'aa', 'xy')", "xxb"),
        ("format_number(2.5D, 0)", "2"),
        ("format_string('%d%% of %s', 5, NULL)", "5% of null"),
        ("format_string('%x', 5)", "[UNSUPPORTED_FEATURE]"),
        ("elt(2, 'a', 'b')", "b"),
    ],
)
def test_each_value_is_sparks(expression, value):
    """One value each, or the error's class."""
    assert evaluated(expression) == value


@pytest.mark.parametrize(
    ("expression", "name"),
    [
        ("substring('abc', 2)", "substring(abc, 2, 2147483647)"),
        ("trim(LEADING 'x' FROM 'xa')", "TRIM(LEADING x FROM xa)"),
        ("position('' IN 'a')", "locate(, a, 1)"),
        ("rpad('a', 4)", "rpad(a, 4,  )"),
        ("replace('a', 'b')", "replace(a, b, )"),
    ],
)
def test_arguments_that_were_left_out_are_in_the_columns_name(expression, name):
    """As Spark prints them."""
    assert named(expression) == name
