"""Statements in Databricks' dialect become values, or are refused."""

import pytest

from headgate.catalog import ddl, statements
from headgate.catalog.names import METASTORE, Name
from headgate.core.errors import BadRequest

T = Name(("main", "default", "t"))
ABC = Name(("a", "b", "c"))
OPUS = Name(("system", "ai", "databricks-claude-opus-4-6"), service=True)
SERVICE, MINE = Name(("a", "b", "c"), service=True), Name(("main", "default", "c"), service=True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT 1;", statements.QueryStatement("SELECT 1;")),
        ("  -- why\n WITH x AS (SELECT 1) SELECT * FROM x", statements.QueryStatement("  -- why\n WITH x AS (SELECT 1) SELECT * FROM x")),
        ("CREATE CATALOG IF NOT EXISTS foo COMMENT 'x'", statements.CreateCatalog(Name(("foo",)), True, "x")),
        ("create schema a.b", statements.CreateSchema(Name(("a", "b")))),
        ("CREATE DATABASE IF NOT EXISTS b COMMENT 'y' LOCATION 's3://x/y'", statements.CreateSchema(Name(("main", "b")), True, "y", "s3://x/y")),
        ("DROP TABLE IF EXISTS a.b.c", statements.Drop(ABC, True)),
        ("DROP SCHEMA a.b CASCADE", statements.Drop(Name(("a", "b")), False, True)),
        ("DROP CATALOG a RESTRICT", statements.Drop(Name(("a",)))),
        ("ALTER TABLE t SET TBLPROPERTIES (a.b = 'c', 'd' = 5)", statements.SetProperties(T, {"a.b": "c", "d": "5"})),
        ("ALTER TABLE t CLUSTER BY (x, y)", statements.SetProperties(T, {"headgate.clusteringColumns": "x,y"})),
        ("ALTER TABLE a.b.c OWNER TO `x y`", statements.SetOwner(ABC, "x y")),
        ("alter schema a.b set owner to ana@example.org", statements.SetOwner(Name(("a", "b")), "ana@example.org")),
        ("DESCRIBE a.b.c", statements.Describe(ABC)),
        ("DESC TABLE EXTENDED a.b.c", statements.Describe(ABC, "EXTENDED")),
        ("DESCRIBE HISTORY a.b.c", statements.Describe(ABC, "HISTORY")),
        ("DESCRIBE DETAIL a.b.c", statements.Describe(ABC, "DETAIL")),
        ("DESCRIBE SCHEMA EXTENDED a.b", statements.Describe(Name(("a", "b")), "EXTENDED")),
        ("DESCRIBE CATALOG a", statements.Describe(Name(("a",)))),
        ("DESCRIBE history", statements.Describe(Name(("main", "default", "history")))),
        ("GRANT EXECUTE ON MODEL SERVICE a.b.c TO `x y`", statements.Grant(("EXECUTE",), SERVICE, "x y")),
        ("grant all privileges, manage on service c to x", statements.Grant(("ALL PRIVILEGES", "MANAGE"), MINE, "x")),
        ("GRANT EXECUTE ON MODEL SERVICE system.ai.databricks-claude-opus-4-6 TO x", statements.Grant(("EXECUTE",), OPUS, "x")),
        ("SHOW GRANTS ON MODEL SERVICE system.ai.`databricks-claude-opus-4-6`", statements.ShowGrants(OPUS)),
        ("REVOKE EXECUTE ON MODEL SERVICE `a`.b.c FROM x", statements.Revoke(("EXECUTE",), SERVICE, "x")),
        ("REVOKE SELECT ON service FROM x", statements.Revoke(("SELECT",), Name(("main", "default", "service")), "x")),
        ("GRANT SELECT ON model.service.t TO x", statements.Grant(("SELECT",), Name(("model", "service", "t")), "x")),
        ("SHOW GRANTS x ON MODEL SERVICE a.b.c", statements.ShowGrants(SERVICE, "x")),
        ("SHOW GRANTS ON service", statements.ShowGrants(Name(("main", "default", "service")))),
        ("SHOW MODEL SERVICES", statements.Show("MODEL SERVICES", Name(("main", "default")))),
        ("SHOW MODEL SERVICES IN a.b LIKE 'x*'", statements.Show("MODEL SERVICES", Name(("a", "b")), "x*")),
        ("DESCRIBE MODEL SERVICE a.b.c", statements.Describe(SERVICE)),
        ("DESC service", statements.Describe(Name(("main", "default", "service")))),
        ("ALTER MODEL SERVICE a.b.c OWNER TO x", statements.SetOwner(SERVICE, "x")),
        ("DROP MODEL SERVICE IF EXISTS a.b.c", statements.Drop(SERVICE, True)),
        ("SHOW CATALOGS", statements.Show("CATALOGS", METASTORE)),
        ("SHOW DATABASES FROM a LIKE 'x*'", statements.Show("SCHEMAS", Name(("a",)), "x*")),
        ("SHOW TABLES", statements.Show("TABLES", Name(("main", "default")))),
        ("SHOW TABLES IN a.b LIKE 'x*|y*'", statements.Show("TABLES", Name(("a", "b")), "x*|y*")),
        ("SHOW COLUMNS IN t", statements.Show("COLUMNS", T)),
        ("SHOW CREATE TABLE a.b.c", statements.Show("CREATE TABLE", ABC)),
        ("SHOW GRANTS ON TABLE a.b.c", statements.ShowGrants(ABC)),
        ("SHOW GRANTS `u@x` ON CATALOG a", statements.ShowGrants(Name(("a",)), "u@x")),
        ("GRANT SELECT, MODIFY ON a.b.c TO `u@x`", statements.Grant(("SELECT", "MODIFY"), ABC, "u@x")),
        (
            "GRANT USE_CATALOG, USE SCHEMA ON CATALOG main TO ana@example.org",
            statements.Grant(("USE CATALOG", "USE SCHEMA"), Name(("main",)), "ana@example.org"),
        ),
        ("GRANT CREATE CATALOG ON METASTORE TO admins", statements.Grant(("CREATE CATALOG",), METASTORE, "admins")),
        ("REVOKE ALL PRIVILEGES ON SCHEMA a.b FROM g", statements.Revoke(("ALL PRIVILEGES",), Name(("a", "b")), "g")),
        ("OPTIMIZE a.b.c", statements.Optimize(ABC)),
        ("OPTIMIZE a.b.c ZORDER BY (x, y.z)", statements.Optimize(ABC, ("x", "y.z"))),
        ("VACUUM a.b.c", statements.Vacuum(ABC)),
        ("VACUUM a.b.c RETAIN 10 HOURS DRY RUN", statements.Vacuum(ABC, 10.0, True)),
        ("USE CATALOG main", statements.UseDefault(Name(("main",)))),
        ("DROP VIEW IF EXISTS a.b.c", statements.Drop(ABC, True, view=True)),
        ("ALTER VIEW t OWNER TO ada", statements.SetOwner(T, "ada")),
        ("ALTER VIEW a.b.c AS SELECT 2", statements.AlterView(ABC, "SELECT 2")),
        ("DESCRIBE VIEW EXTENDED t", statements.Describe(T, "EXTENDED")),
        ("SHOW CREATE VIEW t", statements.Show("CREATE TABLE", T)),
        ("GRANT SELECT ON VIEW a.b.c TO g", statements.Grant(("SELECT",), ABC, "g")),
        ("USE main.x", statements.UseDefault(Name(("main", "x")))),
    ],
)
def test_a_statement_is_read(text, expected):
    """Each statement that is taken becomes the value that says what it means."""
    assert ddl.read(text) == expected


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        ("-- nothing", "empty"),
        ("SELECT 1; DROP TABLE t", "one statement"),
        ("OPTIMIZE t; DROP TABLE x", "one statement"),
        ("SELECT '", "cannot be read"),
        ("EXPLAIN SELECT 1", "EXPLAIN statements are not taken"),
        ("SET x = 1", "not taken"),
        ("CREATE TEMPORARY TABLE t (a INT)", "TEMPORARY"),
        ("CREATE FUNCTION f() RETURN 1", "CATALOG, SCHEMA, TABLE or VIEW"),
        ("CREATE TEMP VIEW v AS SELECT 1", "TEMP views are not taken"),
        ("CREATE OR REPLACE MATERIALIZED VIEW v AS SELECT 1", "MATERIALIZED views are not taken"),
        ("CREATE OR REPLACE VIEW IF NOT EXISTS v AS SELECT 1", "not both"),
        ("CREATE VIEW v TBLPROPERTIES ('a' = 'b') AS SELECT 1", "takes columns in parentheses, COMMENT and AS"),
        ("CREATE VIEW v WITH SCHEMA BINDING AS SELECT 1", "WITH is not understood"),
        ("CREATE VIEW v", "The end of the statement is not understood"),
        ("CREATE VIEW v AS", "A query is expected"),
        ("CREATE VIEW v AS DROP TABLE t", "A query is expected"),
        ("CREATE VIEW v (a, A) AS SELECT 1, 2", "named twice"),
        ("CREATE VIEW v (a.b) AS SELECT 1", "not the name of a column"),
        ("CREATE VIEW v (`a b`) AS SELECT 1", "column name 'a b' is not taken"),
        ("DROP TABLE a.b.c.d", "4 parts"),
        ("DROP TABLE t PURGE", "not understood"),
        ("ALTER TABLE t RENAME TO x", "ALTER TABLE takes"),
        ("ALTER VIEW t SET x", "ALTER VIEW takes AS query or OWNER TO"),
        ("SHOW FUNCTIONS", "SHOW takes"),
        ("SHOW COLUMNS", "takes IN"),
        ("GRANT FLY ON TABLE t TO u", "not known"),
        ("GRANT USE CATALOG ON TABLE t TO u", "granted on a catalog"),
        ("GRANT SELECT ON t", "TO is expected"),
        ("VACUUM t RETAIN x HOURS", "number"),
        ("VACUUM '/etc'", "name is expected"),
        ("OPTIMIZE delta.`/etc/passwd`", "slash"),
        ("DESCRIBE <catalog>.<schema>.t", "Replace the placeholder"),
        ("SELECT " + "x" * 300_000, "at most"),
    ],
)
def test_anything_else_is_refused_in_words(text, says):
    """The refusal says what is taken, or what is wrong."""
    with pytest.raises(BadRequest, match=says):
        ddl.read(text)


@pytest.mark.parametrize("levels", [40, 200, 900])
@pytest.mark.parametrize("form", ["CREATE TABLE t (a {})", "ALTER TABLE t ADD COLUMN a {}"])
@pytest.mark.parametrize(("start", "end"), [("ARRAY<", ">"), ("STRUCT<a:", ">"), ("MAP<INT,", ">")])
def test_types_nested_too_deeply(form, start, end, levels):
    """A type that is nested deeper than is taken is refused as that, and exhausts nothing."""
    with pytest.raises(BadRequest, match="nested") as refused:
        ddl.read(form.format(start * levels + "INT" + end * levels))
    assert refused.value.code == "PARSE_SYNTAX_ERROR"
