"""Arrays in order, with NULL inside of their elements first."""

from tests.fakes.principals import user
from tests.fakes.relations import FakeRelations, compile_text


def text_of(expression):
    """DuckDB's text of a statement of one expression."""
    return compile_text(f"SELECT {expression} AS x FROM t", user("ana"), FakeRelations()).sql


def test_plain_elements_are_sorted_by_themselves():
    """Only arrays and structs need a key."""
    assert "list_sort(" in text_of("sort_array(arr)")
    assert "'k'" not in text_of("sort_array(arr)")


def test_structs_are_sorted_by_a_key():
    """It says of each field whether it is there."""
    assert "IS NOT NULL, 'v0'" in text_of("sort_array(array(struct(a, s)))")


def test_zeros_of_doubles_are_one():
    """-0.0 and 0.0 are equal, and 0.0 is kept."""
    assert "+ CAST" in text_of("array_distinct(array(double(a)))") or "+ 0.0" in text_of("array_distinct(array(double(a)))")
    assert "+ 0.0" not in text_of("array_distinct(arr)")
