"""Spans of time on the command line."""

import pytest

from headgate.cli.spans import span_s


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30m", 1_800),
        ("24h", 86_400),
        ("7d", 604_800),
        ("4w", 2_419_200),
        ("0h", 0),
        ("", None),
        ("5", None),
        ("1y", None),
        ("-1h", None),
        ("1.5h", None),
    ],
)
def test_spans(text, seconds):
    """A number and a unit; anything else is none."""
    assert span_s(text) == seconds
