"""Patterns: each value is Spark's, and what RE2 reads otherwise than Java is refused."""

import pytest

from tests.fakes.expressions import evaluated, named


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("'abc' NOT LIKE ANY ('a%', 'b%')", True),
        ("'abc' NOT LIKE ALL ('x%', NULL)", None),
        ("'a_b' LIKE 'a/_b' ESCAPE '/'", True),
        ("'a\\n' RLIKE 'a$'", True),
        ("'a\\rb' RLIKE 'a.b'", False),
        ("'a\\rb' RLIKE '(?s)a.b'", True),
        ("'\\u000b' RLIKE '\\\\s'", True),
        ("split('a,b,c', ',', 2)", ["a", "b,c"]),
        ("split('abc', '')", ["a", "b", "c"]),
        ("split('', '')", [""]),
        ("split('a.b', '\\\\.', 2)", ["a", "b"]),
        ("regexp_count('abc', '')", 4),
        ("regexp_substr('abc', 'z')", None),
        ("regexp_instr('user@spark.apache.org', '@[^.]*')", 5),
        ("regexp_instr('abc', 'z')", 0),
    ],
)
def test_each_value_is_sparks(expression, value):
    """One value each."""
    assert evaluated(expression) == value


@pytest.mark.parametrize("pattern", ["(?=b)", "(?<n>a)", "(a)\\\\1", "\\\\p{Lower}", "a++b", "[a&&[^b]]", "(?U)\\\\w", "(?x)a"])
def test_what_re2_reads_otherwise_is_refused(pattern):
    """By name, and not with another value."""
    assert evaluated(f"'ab' RLIKE '{pattern}'") == "[UNSUPPORTED_FEATURE]"


@pytest.mark.parametrize("pattern", ["|", "b*", "^", "\\\\b"])
def test_a_separator_that_matches_nothing_is_refused(pattern):
    """Java and RE2 split at other places then."""
    assert evaluated(f"split('a|b', '{pattern}')") == "[UNSUPPORTED_FEATURE]"


@pytest.mark.parametrize(
    ("expression", "name"),
    [
        ("'abc' ILIKE 'A%'", "ilike(abc, A%)"),
        ("'abc' ILIKE ANY ('X%', 'A%')", "likeany(lower(abc))"),
        ("'abc' NOT LIKE ALL ('x%', 'y')", "notlikeall(abc)"),
        ("'a' LIKE 'a!%b' ESCAPE '!'", "a LIKE a!%b ESCAPE '!'"),
        ("regexp_like('abc', '^a')", "REGEXP_LIKE(abc, ^a)"),
        ("regexp_replace('a', 'b', 'c')", "regexp_replace(a, b, c, 1)"),
    ],
)
def test_the_columns_name_is_sparks(expression, name):
    """With the arguments that were left out."""
    assert named(expression) == name
