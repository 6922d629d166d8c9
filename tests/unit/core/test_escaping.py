"""Text from outside, escaped."""

import pytest

from headgate.core.escaping import escaped


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain, with an ä and a 漢", "plain, with an ä and a 漢"),
        ("\x1b[2J", "\\x1b[2J"),
        ("\x9b2J", "\\x9b2J"),
        ("\x85next", "\\x85next"),
        ("a\u2028b\u2029c", "a\\u2028b\\u2029c"),
        ("a\rb\tc\0d\x7f", "a\\rb\\tc\\x00d\\x7f"),
        ("\u202e\ufeff", "\\u202e\\ufeff"),
        ("\udce9", "\\udce9"),
        ("two\nlines", "two\nlines"),
    ],
)
def test_what_is_not_printable_is_escaped(text: str, shown: str) -> None:
    """Nothing steers a terminal; lines of our own stay lines."""
    assert escaped(text) == shown
