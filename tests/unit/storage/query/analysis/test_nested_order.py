"""The order of arrays and structs, as DuckDB finds it by their keys."""

import duckdb
import pytest

from headgate.catalog.types import Array, Field, Structure
from headgate.storage.query.analysis import kinds, nested_order

PAIR = Structure((Field("a", kinds.INT), Field("b", kinds.STRING)))


@pytest.mark.parametrize(
    ("less", "more", "kind"),
    [
        ("[NULL]", "[1]", Array(kinds.INT)),
        ("[1]", "[1, NULL]", Array(kinds.INT)),
        ("[1, NULL]", "[1, 2]", Array(kinds.INT)),
        ("{'a': NULL, 'b': 'z'}", "{'a': 1, 'b': 'a'}", PAIR),
        ("{'a': 1, 'b': NULL}", "{'a': 1, 'b': 'a'}", PAIR),
        ("[{'a': NULL, 'b': 'z'}]", "[{'a': 1, 'b': 'a'}]", Array(PAIR)),
        ("1", "2", kinds.INT),
    ],
)
def test_null_inside_comes_first(less, more, kind):
    """An element or field that is NULL is the least one, and a shorter array comes before a longer one."""
    first, second = (nested_order.key(f"CAST({text} AS {kinds.duckdb(kind)})", kind) for text in (less, more))

    assert duckdb.sql(f"SELECT {first} < {second}, {first} > {second}").fetchall() == [(True, False)]


def test_a_value_that_is_null_has_no_key():
    """So that an aggregate leaves it out."""
    assert duckdb.sql(f"SELECT {nested_order.key('CAST(NULL AS STRUCT(a INTEGER, b VARCHAR))', PAIR)}").fetchall() == [(None,)]


def test_what_has_parts():
    """Arrays and structs, and nothing else."""
    assert [nested_order.is_nested(kind) for kind in (Array(kinds.INT), PAIR, kinds.STRING)] == [True, True, False]
