"""Statements that must never run: each is refused before anything is opened, and what slips past one wall is stopped by the next."""

import json
import operator

import duckdb
import pytest

from headgate.admin.statement_ports import Parameter
from headgate.core.errors import GatewayError
from headgate.storage.query import duckdb_tree
from tests.fakes.principals import user
from tests.fakes.relations import FakeRelations, compile_text

HOSTILE = [
    # files
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM read_csv_auto('/etc/passwd')",
    "SELECT * FROM read_parquet('/etc/*')",
    "SELECT * FROM parquet_scan('x')",
    "SELECT * FROM read_text('/proc/self/environ')",
    "SELECT * FROM read_blob('/etc/shadow')",
    "SELECT * FROM read_json('/etc/passwd')",
    "SELECT * FROM read_files('/etc/passwd')",
    "SELECT * FROM glob('/**')",
    "SELECT * FROM sniff_csv('/etc/passwd')",
    "SELECT * FROM '/etc/passwd'",
    "SELECT * FROM `/etc/passwd`",
    "SELECT * FROM csv.`/etc/passwd`",
    "SELECT * FROM delta.`/srv/warehouse/secret`",
    "SELECT * FROM parquet.`s3://bucket/x`",
    "SELECT * FROM t JOIN read_text('/etc/passwd') x ON true",
    "SELECT * FROM t WHERE a = (SELECT content FROM read_text('/etc/passwd'))",
    "WITH x AS (SELECT * FROM read_text('/etc/passwd')) SELECT * FROM x",
    "SELECT a FROM t UNION ALL SELECT content FROM read_text('/etc/passwd')",
    "SELECT * FROM IDENTIFIER('read_text')('/etc/passwd')",
    # the network and other engines
    "SELECT * FROM postgres_scan('host=x', 'public', 't')",
    "SELECT * FROM sqlite_scan('/data/state.db', 'tokens')",
    "SELECT * FROM iceberg_scan('s3://x')",
    "SELECT * FROM delta_scan('https://x')",
    "SELECT * FROM read_csv('http://169.254.169.254/latest/meta-data')",
    "SELECT http_get('http://x')",
    "SELECT ai_query('m', 'p')",
    # writing and other statements
    "INSERT INTO t VALUES (1)",
    "UPDATE t SET a = 1",
    "DELETE FROM t",
    "MERGE INTO t USING u ON t.a = u.a WHEN MATCHED THEN DELETE",
    "CREATE TABLE x AS SELECT 1",
    "CREATE VIEW v AS SELECT 1",
    "CREATE MACRO f(x) AS x",
    "DROP TABLE t",
    "TRUNCATE TABLE t",
    "COPY (SELECT 1) TO '/tmp/x.csv'",
    "EXPORT DATABASE '/tmp/x'",
    "ATTACH '/data/state.db' AS s",
    "DETACH s",
    "INSTALL httpfs",
    "LOAD '/tmp/evil.duckdb_extension'",
    "PRAGMA database_list",
    "SET memory_limit = '1TB'",
    "RESET memory_limit",
    "CALL pragma_version()",
    "USE secret",
    "CHECKPOINT",
    "VACUUM",
    "EXPLAIN SELECT 1",
    "DESCRIBE t",
    "SHOW TABLES",
    "SUMMARIZE t",
    "EXECUTE IMMEDIATE 'DROP TABLE t'",
    "PREPARE p AS SELECT 1",
    "BEGIN TRANSACTION",
    "KILL 1",
    "SELECT 1 INTO OUTFILE '/tmp/x'",
    "SELECT * INTO x FROM t",
    "SELECT 1; DROP TABLE t",
    "SELECT 1;; SELECT 2",
    "SELECT 1 /* ; */ ; SELECT read_text('/etc/passwd')",
    # the engine's own state
    "SELECT * FROM duckdb_settings()",
    "SELECT * FROM duckdb_secrets()",
    "SELECT * FROM duckdb_functions()",
    "SELECT * FROM duckdb_logs",
    "SELECT * FROM information_schema.tables",
    "SELECT * FROM pg_catalog.pg_tables",
    "SELECT * FROM sqlite_master",
    "SELECT current_setting('memory_limit')",
    "SELECT getenv('HOME')",
    "SELECT getvariable('x')",
    "SELECT current_query()",
    "SELECT version()",
    "SELECT * FROM query('DROP TABLE t')",
    "SELECT * FROM query_table(['t'])",
    "SELECT * FROM pragma_table_info('t')",
    "SELECT * FROM which_secret('x', 's3')",
    "SELECT write_log('x')",
    "SELECT json_execute_serialized_sql('x')",
    "SELECT * FROM json_execute_serialized_sql(json_serialize_sql('select 1'))",
    "SELECT nextval('s')",
    "SELECT setseed(0.5)",
    "SELECT pg_sleep(1000)",
    "SELECT sleep_ms(100000)",
    "SELECT read_text(a) FROM t",
    "SELECT list_transform([1], x -> getenv('HOME'))",
    "SELECT reflect('java.lang.System', 'exit', 1)",
    "SELECT java_method('java.lang.Runtime', 'exec', 'id')",
    "SELECT secret('scope', 'key')",
    # other people's rows
    "SELECT * FROM main.default.secret",
    "SELECT * FROM secret",
    "SELECT (SELECT count(*) FROM secret) FROM t",
    "SELECT * FROM t WHERE EXISTS (SELECT 1 FROM main.default.secret)",
    "WITH secret2 AS (SELECT * FROM secret) SELECT * FROM secret2",
    "SELECT * FROM headgate_t0",
    "SELECT * FROM t LATERAL VIEW explode((SELECT collect_list(a) FROM secret)) x AS y",
    "SELECT * FROM system.ai_gateway.usage",
    "SELECT * FROM t VERSION AS OF (SELECT 1)",
    # shapes that only exist to hurt
    "SELECT " + "(" * 5000 + "1" + ")" * 5000,
    "SELECT " + " + ".join(["1"] * 30000),
    "SELECT '" + "x" * 300_000 + "'",
    "SELECT * FROM t" + ", t" * 30000,
    "SELECT * FROM <catalog>.<schema>.t",
    "",
    ";",
    "-- nothing",
    "\x00",
    "SELECT * FROM t WHERE a = :missing",
    "SELECT * FROM t WHERE a = ?",
    "TRANSFORM (a) USING 'cat' FROM t",
    "SELECT TRANSFORM(a) USING 'cat' AS (b) FROM t",
    "SELECT /*+ REPARTITION(1000000) */ * FROM t FOR UPDATE",
]


def test_there_are_enough_of_them():
    """The list only grows."""
    assert len(HOSTILE) >= 100


@pytest.mark.parametrize("text", HOSTILE, ids=operator.itemgetter(slice(60)))
def test_a_hostile_statement_is_refused(text):
    """With an error that may reach the client, before any file is opened."""
    with pytest.raises(GatewayError):
        compile_text(text, user("mallory"), FakeRelations())


# As if sqlglot had been talked into writing it: DuckDB's own reading of the text is held against the second list.
PAST_THE_FIRST_WALL = [
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM '/etc/passwd'",
    "FROM '/etc/passwd'",
    "SELECT * FROM main.headgate_t0",
    "SELECT * FROM memory.main.headgate_t0",
    "SELECT * FROM duckdb_settings()",
    "SELECT * FROM duckdb_views",
    "SELECT * FROM sqlite_master",
    "SELECT * FROM information_schema.tables",
    "SELECT * FROM query('select 1')",
    "SELECT * FROM query_table('headgate_t0')",
    "SELECT current_setting('memory_limit')",
    "SELECT getvariable('x')",
    "SELECT write_log('x')",
    "SELECT list_transform([1], lambda x: current_setting('threads'))",
    "SELECT main.lower('x')",
    "SELECT system.main.lower('x')",
    "SELECT (SELECT content FROM read_text('x'))",
    "SELECT * FROM headgate_t0 WHERE a IN (SELECT 1 FROM glob('*'))",
    "WITH x AS MATERIALIZED (FROM glob('*')) SELECT * FROM x",
    "SELECT * FROM (DESCRIBE headgate_t0)",
    "SELECT * FROM (SHOW TABLES)",
    "SELECT * FROM (SUMMARIZE headgate_t0)",
    "DESCRIBE headgate_t0",
    "SHOW TABLES",
    "PIVOT headgate_t0 ON a",
    "CREATE TABLE x (a INT)",
    "DROP VIEW headgate_t0",
    "COPY (SELECT 1) TO 'x'",
    "SET threads = 1",
    "PRAGMA version",
    "SELECT 1; SELECT 2",
    "SELECT sum(a) OVER (ORDER BY getvariable('x')) FROM headgate_t0",
    "SELECT a FROM headgate_t0 ORDER BY read_text('x')",
    "SELECT count(*) FILTER (WHERE getvariable('x') = 1) FROM headgate_t0",
    "VALUES (current_query())",
    "SELECT $1",
    "SELECT x'00' COLLATE nocase",
]


@pytest.mark.parametrize("sql", PAST_THE_FIRST_WALL)
def test_duckdbs_own_reading_is_checked_too(sql):
    """A text that DuckDB reads differently from sqlglot is stopped in the worker."""
    tree = json.loads(duckdb.connect().execute("SELECT json_serialize_sql(?)", [sql]).fetchall()[0][0])

    with pytest.raises(duckdb_tree.Disallowed):
        duckdb_tree.check(tree, ["headgate_t0"])


@pytest.mark.parametrize("value", ["'", "\\", "\\'; DROP TABLE t; --", "''); SELECT 1; --", "\x00", "$$", "a\nb", "😀"])
def test_a_parameter_is_a_value_and_nothing_else(value):
    """Whatever stands in it comes out of DuckDB as it went in."""
    compiled = compile_text("SELECT :p AS p", user("ana"), FakeRelations(), (Parameter("p", value),))

    if "\x00" in value:
        return  # DuckDB refuses the text as a whole
    assert duckdb.connect().execute(compiled.sql).fetchall() == [(value,)]


@pytest.mark.parametrize("kind", ["STRUCT<a: INT>", "VARIANT", "BLOB", "INT; DROP TABLE t", "x"])
def test_a_parameters_type_is_one_of_the_scalar_types(kind):
    """The type is no place for SQL either."""
    with pytest.raises(GatewayError):
        compile_text("SELECT :p", user("ana"), FakeRelations(), (Parameter("p", "1", kind),))


def test_who_asks_is_a_literal():
    """A principal's name is quoted, whatever it is."""
    compiled = compile_text("SELECT current_user()", user("o'brien'); --"), FakeRelations())

    assert duckdb.connect().execute(compiled.sql).fetchall() == [("o'brien'); --",)]
