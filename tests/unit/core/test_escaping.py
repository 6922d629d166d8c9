"""What a line of the log may hold."""

import logging

import pytest

from headgate.core.escaping import LogLines, escaped


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


def test_no_text_passes_for_another_record() -> None:
    """Only the first line of a record begins at the margin, and a traceback keeps its lines."""
    lines = LogLines("%(levelname)s %(message)s")
    record = logging.LogRecord("x", logging.WARNING, "f", 1, "table %s", ("a\n00:00:00 INFO headgate: admin signed in\x85x",), None)
    assert lines.format(record) == "WARNING table a\n  00:00:00 INFO headgate: admin signed in\\x85x"
    error = ValueError("a\x9bb\nc")
    record.exc_info = (ValueError, error, None)
    shown = lines.format(record).splitlines()
    assert shown[-2:] == ["  ValueError: a\\x9bb", "  c"]
    assert all(line.startswith("  ") for line in shown[1:])
