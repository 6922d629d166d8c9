"""The place of a row in a list."""

import pytest

from headgate.web.ui.row_positions import Position, read_position


def test_a_place_is_read_as_it_is_written():
    """Also where the id has a tilde."""
    place = Position("17", "run:a~b")
    assert read_position(str(place)) == place


@pytest.mark.parametrize("text", ["", "~", "a~", "~b", "ab", "1~\n", "1~" + "x" * 500])
def test_anything_else_is_no_place(text):
    """It is ignored."""
    assert read_position(text) is None
