"""Names of columns that Delta takes, and those that it does not."""

import pytest

from headgate.catalog import types
from headgate.catalog.column_names import check_column_name, check_partitions
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
