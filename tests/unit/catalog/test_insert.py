"""INSERT INTO becomes a value; other ways to write rows are refused by name."""

import pytest

from headgate.catalog import ddl, insert
from headgate.catalog.names import Name
from headgate.catalog.statements import CreateTable, CreateTableAs, InsertRows
from headgate.catalog.types import Structure
from headgate.core.errors import BadRequest

T = Name(("main", "default", "t"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("INSERT INTO t VALUES (1, 'a');", InsertRows(T, "VALUES (1, 'a')")),
        ("insert into table main.default.t (a, `B`) select 1, 2", InsertRows(T, "select 1, 2", ("a", "B"))),
        ("INSERT INTO t (SELECT 1)", InsertRows(T, "(SELECT 1)")),
        ("INSERT INTO t BY NAME SELECT 1 AS a -- end", InsertRows(T, "SELECT 1 AS a", by_name=True)),
        ("INSERT INTO t (a) WITH c AS (SELECT 1) SELECT * FROM c", InsertRows(T, "WITH c AS (SELECT 1) SELECT * FROM c", ("a",))),
        ("INSERT INTO t TABLE u", InsertRows(T, "TABLE u")),
        ("CREATE TABLE t AS SELECT 1 AS a", CreateTableAs(CreateTable(name=T, schema=Structure(())), "SELECT 1 AS a")),
        (
            "create or replace table t using delta partitioned by (p) comment 'as' as (select 1 as p)",
            CreateTableAs(CreateTable(name=T, schema=Structure(()), partitioned_by=("p",), comment="as", or_replace=True), "(select 1 as p)"),
        ),
    ],
)
def test_a_statement_is_read(text, expected):
    """The table, the columns, and the query as it is written."""
    assert ddl.read(text) == expected


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("INSERT OVERWRITE t SELECT 1", "INSERT OVERWRITE is not taken: rows are only added. CREATE OR REPLACE TABLE … AS SELECT"),
        ("INSERT INTO t PARTITION (p = 1) SELECT 2", "INSERT INTO … PARTITION is not taken: the query gives every column"),
        ("INSERT INTO t REPLACE WHERE a = 1 SELECT 2", "INSERT INTO … REPLACE is not taken"),
        ("INSERT t VALUES (1)", "INTO is expected"),
        ("INSERT INTO t", "the end of the statement"),
        ("INSERT INTO t (a, b) SET x", "VALUES or a query is expected"),
        ("CREATE TABLE t (a INT) AS SELECT 1", "takes no types"),
        ("CREATE TABLE t LOCATION '/x' AS SELECT 1", "takes no LOCATION"),
        ("CREATE TABLE t AS", "cannot be read|needs its columns|is not understood|Expected"),
    ],
)
def test_what_is_not_taken(text, says):
    """Each is refused with what to do instead."""
    with pytest.raises(BadRequest, match=says):
        ddl.read(text)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("DELETE FROM t WHERE a = 1", "DELETE"),
        ("UPDATE t SET a = 1", "UPDATE"),
        ("MERGE INTO t USING u ON t.a = u.a WHEN MATCHED THEN DELETE", "MERGE"),
        ("TRUNCATE TABLE t", "TRUNCATE"),
        ("COPY INTO t FROM '/x' FILEFORMAT = PARQUET", "COPY INTO"),
    ],
)
def test_rows_are_only_added(text, name):
    """The statements that change rows are refused by their names, with the statement that comes nearest."""
    with pytest.raises(BadRequest, match=f"{name} is not taken: .*(CREATE|INSERT)"):
        ddl.read(text)
    assert name.split()[0] in insert.REFUSED_HEADS
