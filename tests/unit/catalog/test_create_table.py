"""`CREATE TABLE` and added columns."""

import pytest

from headgate.catalog import create_table, types
from headgate.catalog.names import Name
from headgate.core.errors import BadRequest

DEFAULTS = ("main", "default")


def test_a_table_with_everything_on_it():
    """Columns, nested types, partitions, clustering, comment, location, properties and both modes."""
    made = create_table.read(
        """CREATE OR REPLACE TABLE `a-b`.s.t (
            id LONG NOT NULL COMMENT 'the id', price DECIMAL(10, 2), tags MAP<STRING, ARRAY<STRUCT<x: INT COMMENT 'in', y: TIMESTAMP_NTZ>>>, extra VARIANT, day DATE
        ) USING DELTA PARTITIONED BY (day) COMMENT 'it\\'s ' 'so' LOCATION 's3://bucket/t' TBLPROPERTIES ('otel.schemaVersion' = 'v1', delta.appendOnly = true)""",
        DEFAULTS,
    )

    assert made.name == Name(("a-b", "s", "t"))
    assert [(field.name, types.text(field.type), field.nullable, field.comment) for field in made.schema.fields] == [
        ("id", "bigint", False, "the id"),
        ("price", "decimal(10,2)", True, ""),
        ("tags", "map<string,array<struct<x:int,y:timestamp_ntz>>>", True, ""),
        ("extra", "variant", True, ""),
        ("day", "date", True, ""),
    ]
    assert made.partitioned_by == ("day",)
    assert made.properties == {"otel.schemaVersion": "v1", "delta.appendOnly": "true"}
    assert (made.comment, made.location, made.or_replace, made.if_not_exists) == ("it's so", "s3://bucket/t", True, False)


def test_clustering_is_remembered_as_a_property():
    """`CLUSTER BY` never becomes a table feature."""
    made = create_table.read("CREATE TABLE IF NOT EXISTS t (a INT, b STRING) CLUSTER BY (a, b)", DEFAULTS)

    assert made.if_not_exists
    assert made.properties == {"headgate.clusteringColumns": "a,b"}
    assert create_table.read("CREATE TABLE t (a INT) CLUSTER BY AUTO", DEFAULTS).properties == {}


def test_a_partition_may_bring_its_own_type():
    """Hive's form of `PARTITIONED BY` adds a column."""
    made = create_table.read("CREATE TABLE t (a INT) PARTITIONED BY (d DATE)", DEFAULTS)

    assert [field.name for field in made.schema.fields] == ["a", "d"]
    assert made.partitioned_by == ("d",)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("CREATE TABLE t", "columns in parentheses"),
        ("CREATE TABLE t (a INT) USING PARQUET", "USING DELTA"),
        ("CREATE TABLE t (a INT, A STRING)", "named twice"),
        ("CREATE TABLE t (a INT, PRIMARY KEY (a))", "not a column"),
        ("CREATE TABLE t (a INT DEFAULT 5)", "not taken on the column a"),
        ("CREATE TABLE t (a INT GENERATED ALWAYS AS IDENTITY)", "not taken on the column a"),
        ("CREATE TABLE t (a INTERVAL DAY)", "not supported"),
        ("CREATE TABLE t (a GEOGRAPHY)", "not supported"),
        ("CREATE TABLE t (`a b` INT)", "Delta refuses"),
        ("CREATE TABLE t (a INT) PARTITIONED BY (b)", "not one of the table's columns"),
        ("CREATE TABLE t (a ARRAY<INT>) PARTITIONED BY (a)", "nested"),
        ("CREATE TABLE t (a INT) TBLPROPERTIES (delta.enableRowTracking = true)", "cannot be set"),
        ("CREATE TABLE t (a " + "ARRAY<" * 40 + "INT" + ">" * 40 + ")", "not understood|deeply"),
        ("CREATE TABLE t (a " + "ARRAY<" * 4000 + "INT" + ">" * 4000 + ")", "deeply|not understood"),
        ("CREATE TABLE t (a INT", "CREATE TABLE|Expecting"),
    ],
)
def test_what_is_not_taken_is_refused_by_name(text, says):
    """Nothing in a statement is dropped silently."""
    with pytest.raises(BadRequest, match=says):
        create_table.read(text, DEFAULTS)


def test_columns_are_added_at_the_end_and_nullable():
    """One or several columns, with comments."""
    one = create_table.read_added("ALTER TABLE t ADD COLUMN x INT")
    two = create_table.read_added("ALTER TABLE t ADD COLUMNS (x STRUCT<a: INT>, y STRING COMMENT 'c')")

    assert [field.name for field in one] == ["x"]
    assert [(field.name, types.text(field.type), field.comment) for field in two] == [("x", "struct<a:int>", ""), ("y", "string", "c")]


@pytest.mark.parametrize(
    "text",
    [
        "ALTER TABLE t ADD COLUMN x INT NOT NULL",
        "ALTER TABLE t ADD COLUMN x INT AFTER y",
        "ALTER TABLE t ADD COLUMN a.b INT",
        "ALTER TABLE t ADD COLUMN x INT, DROP COLUMN y",
    ],
)
def test_other_additions_are_refused(text):
    """Required, placed and nested additions would change rows already written."""
    with pytest.raises(BadRequest):
        create_table.read_added(text)
