"""Databricks' meaning of a statement, computed by DuckDB."""

import datetime as dt
import decimal

import duckdb
import pytest

from headgate.core.errors import BadRequest
from headgate.storage.query import macros
from tests.fakes.principals import user
from tests.fakes.relations import FakeRelations, compile_text

ANA = user("ana", "team")


def _value(expression):
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    text = expression if expression.startswith(("SELECT", "WITH")) else f"SELECT {expression}"
    sql = compile_text(text, ANA, FakeRelations()).sql
    for statement in macros.statements(sql):
        connection.execute(statement)
    return connection.execute(sql).fetchall()[0][0]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("current_user()", "ana"),
        ("session_user()", "ana"),
        ("current_catalog()", "main"),
        ("current_schema()", "default"),
        ("current_database()", "default"),
        ("is_account_group_member('team')", True),
        ("is_member('others')", False),
        ("is_member('account users')", True),
        ("is_account_group_member('account users')", True),
        ("BIGINT('7')", 7),
        ("string(7)", "7"),
        ("int('7') + 1", 8),
        ("nvl(NULL, 5)", 5),
        ("ifnull(NULL, 5)", 5),
        ("isnull(NULL)", True),
        ("isnotnull(NULL)", False),
        ("try_divide(1, 0)", None),
        ("1 / 2", 0.5),
        ("7 div 2", 3),
        ("pmod(-7, 3)", 2),
        ("bround(2.5)", 2),
        ("if(1 > 2, 'a', 'b')", "b"),
        ("NULL <=> NULL", True),
        ("concat_ws('-', 'a', 'b')", "a-b"),
        ("'abc' RLIKE 'b.'", True),
        ("split('a,b', ',')[1]", "b"),
        ("regexp_extract('foo-17', '(\\\\d+)', 1)", "17"),
        ("substring('abc', 2, 1)", "b"),
        ("initcap('ab cd')", "Ab Cd"),
        ("date_format(timestamp_seconds(0), 'yyyy-MM-dd HH:mm:ss')", "1970-01-01 00:00:00"),
        ("unix_timestamp(timestamp_millis(5500))", 5),
        ("unix_timestamp(timestamp_micros(7000000))", 7),
        ("unix_millis(timestamp_millis(5500))", 5500),
        ("unix_timestamp() > 1700000000", True),
        ("unix_timestamp('1970-01-01 00:01:00')", 60),
        ("from_unixtime(60)", "1970-01-01 00:01:00"),
        ("dayofweek(DATE '2026-11-22')", 1),
        ("weekday(DATE '2026-11-23')", 0),
        ("date_add(DATE '2026-01-31', 1)", dt.date(2026, 2, 1)),
        ("date_sub(DATE '2026-02-01', 1)", dt.date(2026, 1, 31)),
        ("datediff(DATE '2026-02-01', DATE '2026-01-30')", 2),
        ("timestampdiff(HOUR, TIMESTAMP '2026-01-01 00:59:00', TIMESTAMP '2026-01-01 02:00:00')", 1),
        ("timestampdiff(MONTH, TIMESTAMP '2026-01-31 00:00:00', TIMESTAMP '2026-02-01 00:00:00')", 0),
        ("date_trunc('MONTH', DATE '2026-01-31')", dt.datetime(2026, 1, 1)),  # ruff: ignore[call-datetime-without-tzinfo] - a time without a zone
        ("year(DATE '2026-01-31')", 2026),
        ("CAST('2026-01-31' AS DATE) + INTERVAL 1 DAY > DATE '2026-01-31'", True),
        ('get_json_object(\'{"a": {"b": "x"}}\', \'$.a.b\')', "x"),
        ('from_json(\'{"a": 5, "b": ["x"]}\', \'a INT, b ARRAY<STRING>\').b[0]', "x"),
        ("from_json('{\"a\": 5}', 'STRUCT<a: BIGINT>').a", 5),
        ("variant_get(parse_json('{\"a\": {\"b\": 5}}'), '$.a.b', 'int')", 5),
        ("try_variant_get(parse_json('{\"a\": \"x\"}'), '$.a', 'int')", None),
        ("size(array(1, 2))", 2),
        ("array_contains(array(1, 2), 2)", True),
        ("exists(array(1, 2), x -> x > 1)", True),
        ("exists(array(1, 2), x -> x > 2)", False),
        ("forall(array(1, 2), x -> x > 1)", False),
        ("transform(array(1, 2), x -> x + 1)[1]", 3),
        ("filter(array(1, 2), x -> x > 1)[0]", 2),
        ("aggregate(array(1, 2, 3), 0, (a, x) -> a + x)", 6),
        ("array_join(slice(array(1, 2, 3, 4), 2, 2), ',')", "2,3"),
        ("element_at(map('a', 1), 'a')", 1),
        ("map('a', 1)['a']", 1),
        ("map_keys(map('a', 1))[0]", "a"),
        ("named_struct('a', 1).a", 1),
        ("array_join(sort_array(array(3, 1)), ',')", "1,3"),
        ("array_join(sequence(1, 3), ',')", "1,2,3"),
        ("CAST(1.005 AS DECIMAL(10, 2))", decimal.Decimal("1.01")),
        ("SELECT percentile(x, 0.5) FROM VALUES (1), (2) AS t(x)", 1.5),
        ("SELECT median(x) FROM VALUES (1), (2) AS t(x)", 1.5),
        ("SELECT count_if(x > 1) FROM VALUES (1), (2) AS t(x)", 1),
        ("SELECT max_by(y, x) FROM VALUES (1, 'a'), (2, 'b') AS t(x, y)", "b"),
        ("SELECT sum(id) FROM range(4)", 6),
        ("SELECT sum(id) FROM range(1, 4)", 6),
        ("SELECT v FROM VALUES (map('a', 5)) AS t(m) LATERAL VIEW explode(m) e AS k, v", 5),
        ("SELECT k FROM VALUES (array(7)) AS t(m) LATERAL VIEW explode(m) e AS k", 7),
        ("SELECT p FROM VALUES (array(7)) AS t(m) LATERAL VIEW posexplode(m) e AS p, c", 0),
        ("SELECT count(*) FROM VALUES (array()), (array(7)) AS t(m) LATERAL VIEW explode(m) e AS k", 1),
        ("SELECT count(*) FROM VALUES (array()), (array(7)) AS t(m) LATERAL VIEW OUTER explode(m) e AS k", 2),
        ("SELECT max(rn) FROM (SELECT row_number() OVER (ORDER BY x) rn FROM VALUES (5), (6) AS t(x) QUALIFY rn = 1)", 1),
        ("WITH a AS (SELECT 1 x), b AS (SELECT x + 1 y FROM a) SELECT y FROM b", 2),
    ],
)
def test_the_same_words_mean_the_same(expression, expected):
    """Each difference between the two dialects is settled in favour of Databricks."""
    assert _value(expression) == expected


def test_json_paths_after_a_colon():
    """`column:path` gives text, whatever the column is."""
    assert _value('SELECT j:a.b FROM VALUES (\'{"a": {"b": "x"}}\') AS t(j)') == "x"
    assert _value("SELECT j:a::int + 1 FROM VALUES ('{\"a\": 5}') AS t(j)") == 6


@pytest.mark.parametrize(
    "expression",
    [
        "a FROM t SORT BY a",
        "a FROM t CLUSTER BY a",
        "a FROM t DISTRIBUTE BY a",
        "unix_timestamp('x', 'yyyy')",
        "from_json('x', a) FROM t",
        "exists(array(1))",
        "bigint(1, 2)",
        "sha2('a', 512)",
    ],
)
def test_what_cannot_be_meant_is_refused(expression):
    """A clause or argument that would be lost is an error, never another answer."""
    with pytest.raises(BadRequest):
        compile_text(f"SELECT {expression}", ANA, FakeRelations())
