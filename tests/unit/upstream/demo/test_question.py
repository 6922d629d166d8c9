"""The demo provider's plain data."""

from headgate.upstream.demo.question import DemoCounts, OfferedTool, pieces, tokens


def test_pieces_join_to_the_text():
    """Nothing is lost between pieces, none is empty."""
    for text in ("", "one", "one two three four", " leading and  double", '{"a":"b c d e"}'):
        assert "".join(pieces(text)) == text
        assert all(pieces(text))


def test_counts_add_up():
    """Input is fresh, read and written together."""
    assert DemoCounts(1, 2, 3, 4, 0).input == 6
    assert [tokens(length) for length in (0, 1, 4, 5)] == [0, 1, 1, 2]


def test_a_tool_without_properties_has_none():
    """A schema may be anything."""
    assert OfferedTool("x").properties == OfferedTool("x", {"properties": []}).properties == {}
