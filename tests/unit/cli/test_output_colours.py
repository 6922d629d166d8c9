"""Colours, where they are wanted."""

import io

import pytest

from headgate.cli.output import Paint, wants_colour


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_words_in_colours():
    """Colour wraps a word, and leaves an empty one alone; without colour nothing is added."""
    paint = Paint(True)
    assert paint.good("ok") == "\x1b[32mok\x1b[0m"
    assert not paint.bad("")
    plain = Paint(False)
    assert [each("x") for each in (plain.good, plain.warn, plain.bad, plain.dim, plain.strong, plain.link)] == ["x"] * 6


@pytest.mark.parametrize(
    ("out", "environ", "expected"),
    [(Terminal(), {}, True), (Terminal(), {"NO_COLOR": "1"}, False), (Terminal(), {"TERM": "dumb"}, False), (io.StringIO(), {}, False)],
)
def test_wants_colour(out, environ, expected):
    """Only a terminal that did not decline gets colours."""
    assert wants_colour(out, environ) is expected
