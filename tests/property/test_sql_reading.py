"""Whatever a statement's text is, it is understood or refused: no error of the parser's own comes out."""

import contextlib
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.catalog import ddl
from headgate.catalog.names import DEFAULTS
from headgate.core.errors import GatewayError
from tests.fakes.examples import examples
from tests.fakes.principals import user
from tests.fakes.relations import FakeRelations, compile_text

ANA = user("ana")
# Each was once an error of another class.
STUMBLED_OVER = [
    "SELECT percentile(",
    "SELECT percentile(a) FROM t",
    "SELECT date_trunc(",
    "SELECT map( MOD",
    "SELECT 1BD IN",
    "SELECT $$ 1BD IN",
    "VACUUM t RETAIN 1e HOURS",
    "CREATE TABLE t (a INT) USING PARTITIONED BY (a)",
    "CREATE TABLE t (a IN MAP<STRING, INT>)",
    "VACUUM t RETAIN 1e999 HOURS",
    f"CREATE TABLE t (a {'ARRAY<' * 200}INT{'>' * 200})",
    f"ALTER TABLE t ADD COLUMN a {'ARRAY<' * 200}INT{'>' * 200}",
    f"SELECT from_json(a, '{'ARRAY<' * 200}INT{'>' * 200}') FROM t",
    f"SELECT {'-' * 2}(" + "(" * 3000,
    f"SELECT {'NOT ' * 5000} a FROM t",
    f"SELECT a{'[0]' * 3000} FROM t",
]
WHOLE = [
    "SELECT a FROM t WHERE b IN ( SELECT 1 )",
    "CREATE TABLE x ( a ARRAY< STRUCT< b : DECIMAL( 10 , 2 ) >> NOT NULL , b MAP< STRING , INT > ) USING DELTA PARTITIONED BY ( c )",
    "ALTER TABLE t ADD COLUMN ( a INT , b STRUCT< x : INT > )",
    "SHOW TABLES IN main.default LIKE 'a*'",
    "SELECT t.a:b.c::int , from_json( a , 'x INT' ) FROM t LATERAL VIEW explode( a ) e AS x",
    "GRANT SELECT ON TABLE t TO `x@y`",
    "VACUUM t RETAIN 5 HOURS DRY RUN",
    "OPTIMIZE t ZORDER BY ( a )",
    "SELECT date_trunc( 'DAY' , a ) , extract( DAY FROM a ) , INTERVAL 7 DAYS , percentile( a , 0.5 ) OVER ( PARTITION BY b ) FROM t@v3",
    "WITH RECURSIVE x AS ( SELECT 1 UNION ALL SELECT * FROM x ) SELECT * FROM x PIVOT( sum( a ) FOR b IN ( 'x' , 'y' ) )",
    "SELECT variant_get( a , '$.b' , 'INT' ) , slice( a , 1 , 2 ) , filter( a , x -> x > 1 ) FROM t TABLESAMPLE ( 10 PERCENT )",
]
PIECES = sorted({
    *itertools.chain.from_iterable(text.split() for text in WHOLE),
    "'",
    '"',
    "`",
    "``",
    "\\",
    "--",
    "/*",
    "$$",
    "1e",
    "1BD",
    "X'zz'",
    ";",
    "?",
    ":p",
    "@v1",
    "\0",
    "é",
})


def _outcome(text):
    """Every way that a text takes. A refusal is fine; any other error fails the test."""
    for way in (lambda: ddl.read(text, DEFAULTS), lambda: compile_text(text, ANA, FakeRelations())):
        with contextlib.suppress(GatewayError):
            way()


@pytest.mark.parametrize("text", STUMBLED_OVER, ids=range(len(STUMBLED_OVER)))
def test_what_the_parser_once_stumbled_over_is_refused(text):
    """In words, as any statement that cannot be read."""
    _outcome(text)


@st.composite
def _spoilt(draw):
    """A statement with some of its words taken out, put in or exchanged."""
    words = draw(st.sampled_from(WHOLE)).split()
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, len(words)))
        words[place : place + draw(st.integers(0, 2))] = draw(st.lists(st.sampled_from(PIECES), max_size=2))
    return " ".join(words)


@examples(200)
@given(text=st.one_of(_spoilt(), st.text(max_size=40)))
def test_a_text_is_understood_or_refused(text):
    """Spoilt statements, and any text at all."""
    _outcome(text)
