"""Numbers and tables for people."""

import pytest

from headgate.cli.output import iso, printable, seconds, table, tokens, usd


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0"), (999, "999"), (1_200, "1.2k"), (28_449, "28.4k"), (3_100_000, "3.1M"), (2_500_000_000, "2.5G")]
)
def test_tokens(count, text):
    """Counts are short."""
    assert tokens(count) == text


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (0, "$0.00"),
        (12.4, "$12.40"),
        (1234.5, "$1,234.50"),
        (0.0312, "$0.031"),
        (0.00423, "$0.0042"),
        (0.000421, "$0.00042"),
        (0.0000001, "$0.000000"),
    ],
)
def test_usd(amount, text):
    """Money keeps two digits that say something, down to a millionth."""
    assert usd(amount) == text


@pytest.mark.parametrize(("milliseconds", "text"), [(0, "0.0s"), (840, "0.8s"), (9_940, "9.9s"), (41_400, "41s"), (185_000, "3m05s")])
def test_seconds(milliseconds, text):
    """Durations are short."""
    assert seconds(milliseconds) == text


def test_printable():
    """One line of bounded length, without anything that steers a terminal."""
    assert printable("a\x1b[31mb\nc\x07", 20) == "a [31mb c "
    assert printable("abcdef", 4) == "abc…"
    assert printable("abcd", 4) == "abcd"


def test_iso():
    """Times are UTC; never is no time."""
    assert iso(1_700_000_000_000) == "2023-11-14T22:13:20Z"
    assert iso(0) is None


def test_table():
    """Columns are aligned, numbers at their ends."""
    assert table(("NAME", "N"), [("a", "1"), ("bcdefg", "200")], right=frozenset({1})) == ["NAME      N", "a         1", "bcdefg  200"]
    assert table(("A", "B"), [("x", "")]) == ["A  B", "x"]
