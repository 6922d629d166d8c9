"""Names of columns that Delta takes, and those that it does not."""

import pytest

from headgate.catalog import types
from headgate.catalog.column_names import check_column, check_column_name, check_partitions
from headgate.catalog.types import Array, Field, Primitive
from headgate.core.errors import BadRequest


def test_plain_names_are_taken():
    """Letters of any language, digits and signs that need no quoting in Delta."""
    assert [check_column_name(name) for name in ("a", "größe", "a-b", "1st")] == ["a", "größe", "a-b", "1st"]


@pytest.mark.parametrize("name", ["", "a b", "a.b", "a,b", "a;b", "a{b", "a(b)", "a=b", "a`b", "a\tb", "a\nb", "a\0b"])
def test_names_that_delta_refuses(name):
    """The refusal says which characters are not taken."""
    with pytest.raises(BadRequest, match="Delta refuses spaces") as caught:
        check_column_name(name)
    assert caught.value.code == "PARSE_SYNTAX_ERROR"


def test_columns_to_partition_by():
    """Any column of the table that is not nested."""
    fields = types.parse_columns("day: date, price: decimal(5,2), tags: array<string>")
    check_partitions(fields, ["day", "price"])
    for name, says in (("week", "is not one of the table's columns"), ("tags", "is nested")):
        with pytest.raises(BadRequest, match=says):
            check_partitions(fields, [name])


def test_columns_of_a_query():
    """A column that a table can have is taken without its comment; another is refused with what to write."""
    assert check_column(Field("a", Primitive("long"), nullable=False, comment="x")) == Field("a", Primitive("long"))
    for field, says in (
        (Field("a b", Primitive("long")), "Give it another name with AS"),
        (Field("a", Primitive("void")), "The column a has a type .* Give it another with CAST"),
        (Field("a", Array(Primitive("void"))), "The column a has a type"),
    ):
        with pytest.raises(BadRequest, match=says):
            check_column(field)
