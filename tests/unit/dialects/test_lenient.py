"""Reading what providers write."""

import msgspec
import pytest

from headgate.dialects.lenient import characters, count, decoded, items, mapping, text, word


@pytest.mark.parametrize(
    ("value", "counted"),
    [
        (0, 0),
        (7, 7),
        (1 << 53, 1 << 53),
        (-1, None),
        (10**18, None),
        ("7", None),
        (7.0, 7),
        (5.5, None),
        (float("inf"), None),
        (True, None),
        (None, None),
    ],
)
def test_a_count_is_a_whole_number_of_sensible_size(value, counted):
    """Everything else was not reported; an explicit 0 was."""
    assert count(value) == counted


@pytest.mark.parametrize("data", [b"", b"nul", b"[" * 100_000, b'"\xff"', b"{}", b'"\\ud800"'])
def test_what_cannot_be_decoded_is_nothing(data):
    """Wrong shape, bad JSON, bad UTF-8 and absurd nesting alike."""
    assert decoded(msgspec.json.Decoder(str), data) is None


def test_a_member_of_another_type_is_not_there():
    """An empty value of the type that was asked for."""
    assert (mapping([]), items({}), text(1), word(True), word([])) == ({}, [], "", "", "")
    assert (mapping({"a": 1}), items([1]), text("a"), word("a"), word(429)) == ({"a": 1}, [1], "a", "a", "429")


def test_an_absurd_number_is_no_word():
    """A number of thousands of digits is not spelled out."""
    assert not word(10**5_000)


def test_characters_are_counted_not_bytes():
    """Of a JSON text as it stands."""
    assert characters(msgspec.Raw('["é"]'.encode())) == 5
    assert characters(None) == 0
