"""Lenient readers of wire values."""

import pytest

from headgate.upstream.demo.reading import as_count, as_dict, as_list, as_text, last_text, seed, size, text_of


@pytest.mark.parametrize("value", [None, 3, "x", [1], {"a": 1}, True, -4])
def test_never_raises_on_a_wrong_type(value):
    """What is not of the wanted type reads as nothing of it."""
    assert all(isinstance(item, dict) for item in as_list(value))
    assert isinstance(as_dict(value), dict)
    assert isinstance(as_text(value), str)
    assert as_count(value) in {0, 3}
    assert isinstance(text_of(value), str)
    assert isinstance(last_text(value), str)
    assert size(value) >= 0


def test_text_is_found_in_every_shape():
    """Strings, parts, nested content."""
    assert text_of("a") == text_of([{"type": "text", "text": "a"}]) == text_of({"content": [{"text": "a"}]}) == "a"
    assert last_text([{"text": "reminder"}, {"text": "what the user wrote"}, {"text": " "}]) == "what the user wrote"


def test_seed_depends_on_every_part():
    """The same parts give the same word, other parts another."""
    assert seed([{"a": 1}, None]) == seed([{"a": 1}, None]) != seed([{"a": 2}, None])
