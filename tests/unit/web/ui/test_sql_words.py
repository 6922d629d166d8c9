"""The words of a statement, without a parser."""

import pytest

from headgate.web.ui.sql_words import read_words, with_values


def test_words():
    """Texts and comments are skipped; quoted names count without their quotes."""
    words = read_words("SELECT a.`Model`, 'usage :x' AS b -- before :y\nFROM Usage /* lines */ WHERE t > :Range_From AND c::INT = 1")
    assert {"model", "usage", "a", "b"} <= words.names
    assert not words.names & {"before", "lines", "x"}
    assert (words.first, words.parameters, words.starred, words.error) == ("select", {"range_from"}, set(), "")


@pytest.mark.parametrize(
    ("sql", "every"),
    [
        ("SELECT * FROM t", True),
        ("SELECT t.* FROM t", True),
        ("SELECT count(*), a * b FROM t", False),
        ("SELECT a, * FROM t", True),
        ("SELECT *", True),
        ("SELECT (SELECT *) FROM t", True),
        ("WITH a AS (SELECT x FROM t), `B` AS (SELECT y FROM t) SELECT * FROM a, b", False),
        ("WITH a AS (SELECT x FROM t), b AS (SELECT y FROM t) SELECT x + (y) AS z, * FROM A, b ORDER BY z", False),
        ("WITH a AS (SELECT x FROM t) SELECT a.*, x FROM a, t", False),
        ("WITH a AS (SELECT x FROM t) SELECT a.*, t.* FROM a, t", True),
        ("WITH a AS (SELECT x FROM t) SELECT * FROM a, t", True),
        ("WITH a AS (SELECT x FROM t) SELECT * FROM a JOIN t", True),
        ("WITH a AS (SELECT x FROM t) SELECT * FROM (SELECT * FROM t)", True),
        ("WITH a AS (SELECT * FROM t) SELECT * FROM a", True),
        ("WITH a AS (SELECT x FROM t) SELECT x FROM (SELECT * FROM a) AS b", False),
        ("WITH t AS (SELECT * FROM t) SELECT x FROM t", True),
    ],
)
def test_a_star_for_all_columns(sql, every):
    """It is told from a product and from count(*), and from one over what the statement itself defines."""
    assert read_words(sql).every_column("t") is every


@pytest.mark.parametrize(
    ("sql", "error", "line"),
    [
        ("", "The SQL is empty.", 0),
        ("DELETE FROM t", "The SQL begins with `DELETE`. A tile's SQL reads: it begins with SELECT or WITH.", 0),
        ("SELECT 1;\n", "A tile has one statement: leave the semicolon out.", 0),
        ("SELECT\n'a", "A ' is not closed.", 1),
        ("SELECT\n\n(1 + 2", "A `(` is not closed.", 2),
        ("SELECT 1)", "A `)` closes nothing.", 0),
        ("SELECT (1]", "A `]` closes nothing.", 0),
    ],
)
def test_what_is_wrong(sql, error, line):
    """As far as it can be seen without running it, with the line."""
    words = read_words(sql)
    assert (words.error, words.error_line) == (error, line)


def test_values_in_place_of_parameters():
    """Outside of texts and comments alone; an unknown one stays."""
    text = "SELECT :a, ':a', c::INT, :b -- :a"
    assert with_values(text, {"a": "'1'"}) == "SELECT '1', ':a', c::INT, :b -- :a"


def test_what_may_be_read():
    """A word that only follows an AS is a new name; one that is anywhere else may be a relation."""
    words = read_words("SELECT count(*) AS usage, b AS `lines` FROM before, sessions AS s JOIN tools USING (lines)")
    assert {"before", "sessions", "tools", "lines"} <= words.read
    assert not {"usage", "s"} & words.read
    assert {"usage", "s"} <= words.names
