"""INSERT INTO and CREATE TABLE … AS: who may, and what a column takes."""

import pytest

from headgate.admin import inserts
from headgate.catalog.otel_tables import ddl
from headgate.core.errors import BadRequest, Forbidden, NotFound, Unavailable
from tests.unit.admin.tabling import ADA, Desk

ONE = [(1, 1)]


@pytest.fixture
async def desk():
    """A table of each kind of column."""
    made = Desk()
    await made.run("CREATE TABLE t (id BIGINT NOT NULL, name STRING, price DECIMAL(10,2), day DATE, tags ARRAY<BIGINT>)")
    return made


async def test_values_and_queries(desk):
    """By position, by a list of columns and by name; what is not named is NULL, and the next statement sees the rows."""
    assert await desk.rows("INSERT INTO t VALUES (1, 'a', 2.5, DATE '2026-01-31', array(1, 2))") == ONE
    assert await desk.rows("INSERT INTO TABLE main.default.t (NAME, id) VALUES ('b', 2), (NULL, 3);") == [(2, 2)]
    assert await desk.rows("INSERT INTO t BY NAME SELECT 'c' AS name, 4 AS ID") == ONE
    assert await desk.rows("INSERT INTO t (id) SELECT id + 10 FROM t WHERE id > 2") == [(2, 2)]
    assert await desk.rows("INSERT INTO t (id) (SELECT id FROM t WHERE id > 1000)") == [(0, 0)]
    found = await desk.answer("SELECT id, name FROM t ORDER BY id")
    assert [(row["id"], row["name"]) for row in found] == [(1, "a"), (2, "b"), (3, None), (4, "c"), (13, None), (14, None)]
    (columns,) = {(await desk.run("INSERT INTO t (id) VALUES (99)")).columns}
    assert [field.name for field in columns] == ["num_affected_rows", "num_inserted_rows"]


async def test_who_may(desk):
    """MODIFY on the table, and what the query itself needs. Headgate's own tables take none."""
    await desk.run("CREATE TABLE other (id BIGINT)")
    with pytest.raises(Forbidden, match=r"ada does not have MODIFY on Table 'main.default.t'"):
        await desk.run("INSERT INTO t (id) VALUES (1)", ADA)
    await desk.run("GRANT MODIFY ON TABLE t TO ada")
    assert await desk.rows("INSERT INTO t (id) VALUES (1)", ADA) == ONE
    with pytest.raises(Forbidden, match=r"ada does not have SELECT on Table 'main.default.other'"):
        await desk.run("INSERT INTO t (id) SELECT id FROM other", ADA)
    for table in ("system.ai_gateway.usage", "system.access.audit"):
        with pytest.raises((Forbidden, NotFound), match=r"SYSTEM_CATALOG|cannot be found"):
            await desk.run(f"INSERT INTO {table} SELECT 1")
    await desk.run("CREATE VIEW v AS SELECT 1 AS id")
    with pytest.raises(BadRequest, match="is not a table"):
        await desk.run("INSERT INTO v VALUES (1)")
    with pytest.raises(NotFound):
        await desk.run("INSERT INTO none VALUES (1)")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("INSERT INTO t (name) VALUES ('a')", r"\[DELTA_NOT_NULL_CONSTRAINT_VIOLATED\] The column id"),
        ("INSERT INTO t (id) VALUES (1), (NULL)", "DELTA_NOT_NULL_CONSTRAINT_VIOLATED"),
        ("INSERT INTO t VALUES (1)", r"INSERT_COLUMN_ARITY_MISMATCH.NOT_ENOUGH_DATA_COLUMNS\] 5 columns .* has 1\. Name the columns"),
        ("INSERT INTO t (id) VALUES (1, 2)", "TOO_MANY_DATA_COLUMNS"),
        ("INSERT INTO t (id, nothing) VALUES (1, 2)", r"\[UNRESOLVED_COLUMN\] main.default.t has no column nothing"),
        ("INSERT INTO t (id, ID) VALUES (1, 2)", "named twice"),
        ("INSERT INTO t BY NAME SELECT 1 AS id, 2 AS more", "has no column more"),
        ("INSERT INTO t (id) VALUES ('7')", "The column id is BIGINT and takes no STRING"),
        ("INSERT INTO t (id, day) VALUES (1, 'today')", "The column day is DATE and takes no STRING"),
        ("INSERT INTO t (id, day) VALUES (1, 5)", "The column day is DATE and takes no INT"),
        ("INSERT INTO t (id, tags) VALUES (1, array('x'))", "takes no ARRAY<STRING>"),
        ("INSERT INTO t (id) VALUES (true)", "takes no BOOLEAN"),
        ("INSERT INTO t (id) VALUES (1e30)", "out of range|Could not cast|CAST"),
        ("INSERT INTO t (id, price) VALUES (1, 123456789012)", "Could not cast|out of range|CAST"),
        ("INSERT INTO t (id) VALUES (:x)", "UNBOUND_SQL_PARAMETER"),
    ],
)
async def test_what_does_not_fit(desk, text, says):
    """Each is refused with the column, and nothing is kept."""
    with pytest.raises(BadRequest, match=says):
        await desk.run(text)
    assert await desk.answer("SELECT id FROM t") == []


async def test_what_is_made_to_fit(desk):
    """Numbers become other numbers, digits behind the point are cut off, and everything becomes text; NULL fits every type."""
    await desk.run("CREATE TABLE u (i INT, d DOUBLE, c DECIMAL(5,1), s STRING, n DATE, w ARRAY<BIGINT>, b TIMESTAMP)")
    await desk.run("INSERT INTO u VALUES (-1.9, 3, 2.25, 7, NULL, array(1), DATE '2026-02-01')")
    await desk.run("INSERT INTO u (i, s, w) VALUES (CAST(1.9 AS DOUBLE), true, array(NULL))")
    first, second = await desk.answer("SELECT i, d, CAST(c AS STRING) AS c, s, n, w, CAST(b AS STRING) AS b FROM u")
    assert (first["i"], first["d"], first["s"], first["n"], first["w"]) == (-1, 3.0, "7", None, [1])
    assert first["b"].startswith("2026-02-01 00:00:00")
    assert (second["i"], second["s"], second["w"]) == (1, "true", [None])
    assert await desk.rows("INSERT INTO u (w) SELECT array()") == ONE


async def test_not_null_inside(desk):
    """A field of a struct that is NOT NULL is checked where the struct is there."""
    await desk.run("CREATE TABLE n (s STRUCT<a: INT NOT NULL, b: INT>, l ARRAY<STRUCT<c: INT NOT NULL>>)")
    await desk.run("INSERT INTO n VALUES (named_struct('a', 1, 'b', CAST(NULL AS INT)), array(named_struct('c', 1)))")
    await desk.run("INSERT INTO n VALUES (NULL, NULL)")
    for values in ("named_struct('a', CAST(NULL AS INT), 'b', 1), NULL", "NULL, array(named_struct('c', CAST(NULL AS INT)))"):
        with pytest.raises(BadRequest, match=r"The column (s\.a|l\.element\.c) of main"):
            await desk.run(f"INSERT INTO n VALUES ({values})")


async def test_a_statement_is_bounded(desk, monkeypatch):
    """More rows than the bound are refused as a whole."""
    monkeypatch.setattr(inserts, "ROWS_MAX", 3)
    assert await desk.rows("INSERT INTO t (id) SELECT id FROM range(3)") == [(3, 3)]
    with pytest.raises(BadRequest, match="INSERT_TOO_LARGE"):
        await desk.run("INSERT INTO t (id) SELECT id FROM range(4)")
    assert len(await desk.answer("SELECT id FROM t")) == 3


async def test_telemetry_keeps_its_ways(desk):
    """Rows of telemetry and of logged requests come redacted and checked; INSERT is no way around, nor is a copy that the ledger would count twice."""
    await desk.run(ddl(desk.find("main.default").name.child("logs"), "logs"))
    for text in ("INSERT INTO logs (body) VALUES ('x')", "CREATE TABLE copy AS SELECT * FROM logs"):
        with pytest.raises(BadRequest, match=r"VARIANT|INSERT takes none"):
            await desk.run(text)
    await desk.run("CREATE TABLE mine (request_id STRING)")
    assert await desk.rows("INSERT INTO mine VALUES ('r')") == ONE


async def test_variants_are_refused(desk):
    """Their values would be text by now."""
    await desk.run("CREATE TABLE v (id INT, v VARIANT)")
    assert await desk.rows("INSERT INTO v (id) VALUES (1)") == ONE
    for text in ("INSERT INTO v SELECT 1, parse_json('{\"a\": 1}')", "INSERT INTO v SELECT 1, 'x'", "CREATE TABLE w AS SELECT parse_json('1') AS x"):
        with pytest.raises(BadRequest, match="VARIANT"):
            await desk.run(text)


async def test_a_table_of_a_query(desk):
    """Its columns are those of the query, its rows too; partitions, comment and properties as stated."""
    await desk.run("INSERT INTO t (id, name, price) VALUES (1, 'a', 2.5), (2, 'b', 3)")
    made = await desk.run("CREATE TABLE c USING DELTA PARTITIONED BY (name) COMMENT 'as' AS SELECT id, name, price * 2 AS twice FROM t WHERE id > 1")
    assert made.rows == ((1, 1),)
    assert await desk.answer("SELECT id, name FROM c") == [{"id": 2, "name": "b"}]
    entry = desk.find("main.default.c")
    assert (entry.comment, entry.table.partitioned_by, [field.name for field in entry.table.schema.fields]) == (
        "as",
        ("name",),
        ["id", "name", "twice"],
    )
    assert (await desk.run("CREATE TABLE IF NOT EXISTS c AS SELECT 5 AS x")).rows == ()
    assert await desk.rows("CREATE TABLE empty AS SELECT 1 AS x WHERE false") == [(0, 0)]
    for text, says in (
        ("CREATE TABLE c AS SELECT 5 AS x", "exists already"),
        ("CREATE TABLE d AS SELECT 1 AS x, 2 AS x", "two columns x"),
        ("CREATE TABLE d AS SELECT 1 + 1", "Give it another name with AS"),
        ("CREATE TABLE d AS SELECT NULL AS x", "The column x has a type that no column of a table or view has"),
        ("CREATE TABLE d AS SELECT array() AS x", "Give it another with CAST"),
        ("CREATE TABLE d PARTITIONED BY (y) AS SELECT 1 AS x", "not one of the table's columns"),
    ):
        with pytest.raises(BadRequest, match=says):
            await desk.run(text)
    with pytest.raises(Forbidden, match="CREATE TABLE"):
        await desk.run("CREATE TABLE d AS SELECT 1 AS x", ADA)


async def test_a_table_in_place_of_another(desk):
    """OR REPLACE asks its query first, which may read the table itself; who only creates tables may not."""
    await desk.run("INSERT INTO t (id) VALUES (1), (2)")
    await desk.run("GRANT CREATE TABLE ON SCHEMA main.default TO ada")
    with pytest.raises(Forbidden, match="MANAGE"):
        await desk.run("CREATE OR REPLACE TABLE t AS SELECT 1 AS x", ADA)
    assert await desk.rows("CREATE OR REPLACE TABLE t COMMENT 'new' AS SELECT id FROM t WHERE id > 1") == ONE
    assert [field.name for field in desk.find("main.default.t").table.schema.fields] == ["id"]
    assert desk.find("main.default.t").comment == "new"
    assert await desk.answer("SELECT * FROM t") == [{"id": 2}]


@pytest.mark.parametrize("text", ["SELECT 1 AS x", "SELECT CAST('x' AS INT) AS x", "SELECT nothing AS x", "SELECT id FROM range(4) r"])
async def test_a_failed_replacement_leaves_the_old_table(desk, text, monkeypatch):
    """Whether the query fails, has too many rows, or its rows cannot be written."""
    monkeypatch.setattr(inserts, "ROWS_MAX", 3)
    await desk.run("INSERT INTO t (id, name) VALUES (1, 'a'), (2, 'b')")
    before = desk.find("main.default.t")
    desk.files.is_full = True
    with pytest.raises((BadRequest, Unavailable)):
        await desk.run(f"CREATE OR REPLACE TABLE t AS {text}")
    assert desk.find("main.default.t") == before
    assert [row["name"] for row in await desk.answer("SELECT name FROM t")] == ["a", "b"]


async def test_no_half_made_table(desk):
    """Where the rows cannot be written, the table is not there either."""
    desk.files.is_full = True
    with pytest.raises(Unavailable):
        await desk.run("CREATE TABLE c AS SELECT 1 AS x")
    assert desk.find("main.default.c") is None
    desk.files.is_full = False
    assert await desk.rows("CREATE TABLE c AS SELECT 1 AS x") == ONE


async def test_nobody_sees_a_table_without_its_rows(desk, monkeypatch):
    """The catalog knows it when its files have them: what ends in between leaves files that no name leads to."""
    seen, begun = [], desk.files.on_rows

    def filled(new):
        seen.append(desk.find("main.default.c"))
        begun(new)

    monkeypatch.setattr(desk.files, "on_rows", filled)
    await desk.run("CREATE TABLE c AS SELECT 1 AS x")

    assert seen == [None]
    assert await desk.answer("SELECT x FROM c") == [{"x": 1}]
