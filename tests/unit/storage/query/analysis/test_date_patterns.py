"""Java's letters of datetime patterns."""

import pytest

from headgate.core.errors import BadRequest
from headgate.storage.query.analysis import date_patterns


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("yyyy-MM-dd HH:mm", "(strftime(t, '%Y-%m-%d %H:%M'))"),
        ("'at' h 'o''clock'", "(strftime(t, 'at %-I o''clock'))"),
        ("[yyyy] 100%", "(strftime(t, '%Y 100%%'))"),
        ("HH:mmX", "(strftime(t, '%H:%MZ'))"),
        ("'Q'Q", "(strftime(t, 'Q') || (CAST(date_part('quarter', t) AS VARCHAR)))"),
        ("", "(CASE WHEN t IS NOT NULL THEN '' END)"),
    ],
)
def test_a_pattern_writes(pattern, text):
    """Letters become DuckDB's signs where it has the same, and expressions elsewhere."""
    assert date_patterns.written(pattern, "t") == text


def test_a_pattern_reads():
    """The regular expression is as strict as Java, and DuckDB reads what matches."""
    assert date_patterns.reading("d.MM.yyyy") == (r"\d{1,2}\.\d\d\.\d{4}", "%d.%m.%Y")


@pytest.mark.parametrize("pattern", ["HH:mm", "yyyy hh", "dd yyyy", "yy-MM-dd", "yyyy[-MM]", "dMyyyy"])
def test_what_is_read_in_another_way_is_refused(pattern):
    """A missing year, half a clock, optional parts, and numbers without an end between them."""
    with pytest.raises(BadRequest) as error:
        date_patterns.reading(pattern)

    assert error.value.code == "UNSUPPORTED_FEATURE"


@pytest.mark.parametrize(
    ("pattern", "code"),
    [
        ("YYYY", "INCONSISTENT_BEHAVIOR_CROSS_VERSION"),
        ("MMMMM", "INCONSISTENT_BEHAVIOR_CROSS_VERSION"),
        ("A", "INVALID_DATETIME_PATTERN"),
        ("'x", "INVALID_DATETIME_PATTERN"),
        ("{", "INVALID_DATETIME_PATTERN"),
    ],
)
def test_a_wrong_pattern_is_an_error(pattern, code):
    """With Spark's class of it."""
    with pytest.raises(BadRequest) as error:
        date_patterns.written(pattern, "t")

    assert error.value.code == code
