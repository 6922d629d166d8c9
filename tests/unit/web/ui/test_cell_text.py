"""Values as people read them."""

import pytest

from headgate.web.ui.cell_text import number, written
from headgate.web.ui.dashboard import FORMATS


@pytest.mark.parametrize(
    ("value", "how", "text"),
    [
        (1596.4, "usd", "$1,596"),
        (77486, "count", "77,486"),
        (1.31e9, "tokens", "1.31B"),
        (0.82, "percent", "82%"),
        (840, "ms", "840 ms"),
        (2.4, "s", "2.4 s"),
        (512, "bytes", "512 B"),
        (0.125, "number", "0.125"),
        (1234.5, "number", "1,234"),
        ("1.5", "usd", "$1.50"),
        ("many", "usd", "many"),
        ("2026-11-29T10:00:00Z", "time", "2026-11-29 10:00"),
        ("2026-11-29T00:00:00Z", "day", "2026-11-29"),
        ("then", "time", "then"),
        (True, "count", "true"),
        (False, "", "false"),
        (3, "", "3"),
        (1.50, "", "1.5"),
        ([1, "é"], "text", '[1, "é"]'),
        (None, "usd", "–"),
        (None, "", "–"),
    ],
)
def test_written(value, how, text):
    """By the format, or as they are where it does not fit."""
    assert written(value, how) == text


def test_every_format_writes_anything():
    """No value of any type is an error under any format."""
    for how in FORMATS:
        for value in (0, -1, 1e300, "x", "", [], {"a": 1}, True, None):
            assert isinstance(written(value, how), str)


def test_numbers():
    """A truth value and a word are none."""
    assert [number(value) for value in (1, 1.5, "2", True, None, "x", [])] == [1, 1.5, 2.0, None, None, None, None]
