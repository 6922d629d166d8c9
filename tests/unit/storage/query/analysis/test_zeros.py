"""Negative zeros where rows are grouped."""

from headgate.catalog.types import Array, Field, Structure
from headgate.storage.query.analysis import kinds, zeros
from headgate.storage.query.analysis.plan import SelectItem
from headgate.storage.query.analysis.value import Value


def item(text, kind=kinds.DOUBLE):
    """An item of a select list."""
    return SelectItem(Value(text=text, kind=kind, name=text), frozenset())


def test_only_numbers_with_a_fraction_may_be_one():
    """Or what holds such a number."""
    assert zeros.may_be(Structure((Field("a", Array(kinds.FLOAT)),)))
    assert not zeros.may_be(Array(kinds.INT))
    assert zeros.positive("d", kinds.STRING) == "d"


def test_a_zero_is_added():
    """Also within the parts of a value."""
    assert zeros.positive("d", kinds.DOUBLE) == "(d + CAST(0 AS DOUBLE))"
    assert zeros.positive("a", Array(kinds.FLOAT)) == "list_transform(a, lambda z1: (z1 + CAST(0 AS FLOAT)))"
    assert "'a': (struct_extract(s, 'a') + CAST(0 AS DOUBLE))" in zeros.positive("s", Structure((Field("a", kinds.DOUBLE),)))


def test_a_key_is_positive_wherever_it_is_shown():
    """But not where a function asks whether it is a key of the row's grouping set."""
    found = zeros.grouped([item("d"), item("sqrt(d)"), item("grouping(d)", kinds.INT), item("e")], {"d": kinds.DOUBLE})

    assert [one.value.text for one in found] == ["(d + CAST(0 AS DOUBLE))", "sqrt((d + CAST(0 AS DOUBLE)))", "grouping(d)", "e"]


def test_distinct_rows_have_none():
    """What is no such number stays as it is."""
    assert [one.value.text for one in zeros.distinct([item("d"), item("s", kinds.STRING)])] == ["(d + CAST(0 AS DOUBLE))", "s"]
