"""What the parser leaves as it was written."""

import pytest
from sqlglot import exp, parse_one
from sqlglot.errors import ParseError

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


@pytest.mark.parametrize("sql", ["SELECT 1,", "SELECT array(1, 2,)", "SELECT a, FROM t", "SELECT 'x' AS \"y\"", "SELECT 0x1F"])
def test_what_databricks_does_not_read(sql):
    """A comma too many, a name in quotes, and bytes behind 0x: sqlglot would read them."""
    with pytest.raises(ParseError):
        parse_one(sql, read=QueryDialect)


@pytest.mark.parametrize("sql", ["SELECT struct('2026' AS x)", "SELECT X'1F'", "SELECT a, b FROM t", "SELECT f()", "SELECT 'x' AS `y z`"])
def test_what_looks_like_it(sql):
    """A text under a name, bytes as Databricks writes them, lists without an end."""
    assert parse_one(sql, read=QueryDialect) is not None


@pytest.mark.parametrize(
    ("sql", "same"),
    [
        ("1 | 4 & 2 ^ 3", "1 | ((4 & 2) ^ 3)"),
        ("'1' || 1 + 2", "('1' || 1) + 2"),
        ("a = b < c", "(a = b) < c"),
        ("a = b IS NULL", "(a = b) IS NULL"),
        ("a >> b >> c", "(a >> b) >> c"),
        ("a << b + c & d", "(a << (b + c)) & d"),
    ],
)
def test_which_operator_binds_tighter(sql, same):
    """As Databricks' grammar has it; the library knows fewer levels."""
    written, grouped = parse_one(sql, read=QueryDialect), parse_one(same, read=QueryDialect)
    for tree in (written, grouped):
        for paren in list(tree.find_all(exp.Paren)):
            paren.replace(paren.this)

    assert written == grouped


@pytest.mark.parametrize(
    ("sql", "kind"), [("-1::STRING", exp.Cast), ("-a::STRING", exp.Neg), ("-(1)::STRING", exp.Neg), ("-1", exp.Neg), ("-1L", exp.Neg)]
)
def test_a_sign_is_a_part_of_a_number(sql, kind):
    """And of nothing else."""
    assert isinstance(parse_one(sql, read=QueryDialect), kind)


def test_any_word_is_a_name():
    """Behind AS; FROM with nothing behind it is one without AS too."""
    assert parse_one("SELECT 1 AS select", read=QueryDialect).expressions[0].alias == "select"
    assert parse_one("SELECT 1 FROM", read=QueryDialect).expressions[0].alias == "FROM"


@pytest.mark.parametrize("sql", ["SELECT a IN (1) = true", "SELECT a IS NULL = true", "SELECT 1 < < 2"])
def test_nothing_follows_a_predicate(sql):
    """Nor are two tokens with a space between them one operator."""
    with pytest.raises(ParseError):
        parse_one(sql, read=QueryDialect)
