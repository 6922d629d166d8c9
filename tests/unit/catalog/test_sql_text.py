"""The cursor over a statement's tokens."""

import pytest

from headgate.catalog import sql_text
from headgate.catalog.names import Name
from headgate.catalog.sql_text import StatementCursor, split, tokenize
from headgate.core.errors import BadRequest


def _cursor(text):
    return StatementCursor(tokenize(text), ("main", "default"))


def test_words_are_skipped_only_as_a_whole_and_never_when_quoted():
    """A half match moves nothing; a quoted identifier is no keyword."""
    cursor = _cursor("IF NOT EXISTS `IF` x")

    assert not cursor.skip("IF EXISTS")
    assert cursor.skip("IF NOT EXISTS")
    assert not cursor.skip("IF")
    assert cursor.take_word() == "IF"
    assert cursor.take_name(3) == Name(("main", "default", "x"))
    assert cursor.done


def test_the_end_is_noticed():
    """Running out of tokens is a refusal, as is something left over."""
    with pytest.raises(BadRequest, match="too early"):
        cursor = _cursor("x")
        cursor.take_word()
        cursor.take_word()
    with pytest.raises(BadRequest, match="not understood here"):
        _cursor("x").finish()


def test_lists_and_properties():
    """Columns in parentheses, and keys with values of any form."""
    assert _cursor("(a, b.c, `d`)").take_list() == ("a", "b.c", "d")
    assert _cursor("('a.b' = 'c', d.e 5)").take_properties() == {"a.b": "c", "d.e": "5"}
    assert _cursor("()").take_properties() == {}
    with pytest.raises(BadRequest):
        _cursor("('a' = 'b' 'c' = 'd')").take_properties()


@pytest.mark.parametrize(
    ("script", "statements"),
    [
        ("", []),
        (" ; ;\n", []),
        ("SELECT 1", ["SELECT 1"]),
        ("SELECT 1;", ["SELECT 1"]),
        ("-- first\nSELECT ';' ; /* ; */ SELECT `a;b` FROM t -- last;\n;", ["SELECT ';'", "SELECT `a;b` FROM t"]),
        ("SHOW TABLES; VACUUM t RETAIN 5 HOURS", ["SHOW TABLES", "VACUUM t RETAIN 5 HOURS"]),
        ("SELECT 'é€😀'; SELECT 2", ["SELECT 'é€😀'", "SELECT 2"]),
    ],
)
def test_split(script, statements):
    """A script falls into its statements where a semicolon stands outside strings, quotes and comments."""
    assert split(script) == statements


def test_a_script_that_cannot_be_read():
    """An open string is refused."""
    with pytest.raises(BadRequest):
        split("SELECT 'open")


def test_the_compiled_parser_is_named(monkeypatch):
    """Where nothing can be read because of it, the refusal says so."""
    assert not sql_text.is_compiled()
    monkeypatch.setattr(sql_text.parser, "__file__", "/site-packages/sqlglot/parser.cpython-311-x86_64-linux-gnu.so")
    monkeypatch.setattr(sql_text.sqlglot, "parse", lambda *_args, **_options: 1 / 0)

    with pytest.raises(BadRequest, match="pip uninstall sqlglotc"):
        sql_text.parse("SELECT 1")
