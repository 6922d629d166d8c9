"""What the parser leaves as it was written."""

import pytest
from sqlglot import exp, parse_one

from headgate.storage.query.query_parser import LITERAL, QueryDialect


def test_a_typed_literal_is_no_cast():
    """`DATE'…'` is marked; a cast of a text is not."""
    assert parse_one("DATE'2026-01-31'", read=QueryDialect).args["typed"] is True
    assert "typed" not in parse_one("CAST('2026-01-31' AS DATE)", read=QueryDialect).args


def test_what_follows_a_typed_literal_is_of_the_whole():
    """`DATE'…'::STRING` casts the day, not the text."""
    tree = parse_one("DATE'2026-01-31'::STRING", read=QueryDialect)

    assert tree.args["to"].this == exp.DType.TEXT
    assert tree.this.args["typed"] is True


def test_a_function_stays_as_it_was_written():
    """The library has a class for it, and would write it for another engine."""
    assert isinstance(parse_one("date_trunc('DAY', x)", read=QueryDialect), exp.Anonymous)


@pytest.mark.parametrize(
    ("sql", "kind", "written"),
    [
        ("1L", exp.DType.BIGINT, "L"),
        ("1.5bd", exp.DType.DECIMAL, "BD"),
        ("1e3D", exp.DType.DOUBLE, "D"),
        ("1::BIGINT", exp.DType.BIGINT, None),
        ("CAST(1 AS BIGINT)", exp.DType.BIGINT, None),
    ],
)
def test_the_suffix_of_a_number_is_marked(sql, kind, written):
    """A cast with the suffix that was written; a cast in so many words has no mark."""
    tree = QueryDialect().parse(sql)[0]

    assert isinstance(tree, exp.Cast)
    assert (tree.args["to"].this, tree.meta.get(LITERAL)) == (kind, written)
