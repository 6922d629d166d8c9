"""UTC timestamps without a calendar."""

import re

import duckdb
import pytest
import sqlglot

from headgate.admin.statement_ports import TableSource, ViewSource
from headgate.catalog import types
from headgate.catalog.types import Structure
from headgate.storage.query import macros, utc
from tests.fakes.principals import user
from tests.fakes.relations import compile_text

SCHEMA = Structure(types.parse_columns("at: timestamp, day: date, ntz: timestamp_ntz, note: string"))
EMPTY = Structure(())


class _Relations:
    def __init__(self, schema):
        self._schema = schema

    def resolve(self, name):
        """Every name is the one table, or a view of it."""
        return ViewSource(name, "SELECT * FROM t") if name.leaf == "v" else TableSource(name, "/x", self._schema)

    def resolve_inside(self, view, name):
        """See `resolve`."""
        del view
        return self.resolve(name)


def _sql(text, schema=SCHEMA):
    """The compiled text, without the random part of our own names."""
    return re.sub(r"headgate_[0-9a-f]{16}_", "headgate_", compile_text(text, user("ana"), _Relations(schema)).sql)


@pytest.mark.parametrize(
    "expression",
    [
        "date_trunc('DAY', at)",
        "date_trunc('HOUR', t.at)",
        "date_trunc('WEEK', at)",
        "date_trunc('MONTH', at)",
        "CAST(at AS DATE)",
        "date(at)",
        "to_date(at)",
        "hour(at)",
        "minute(at)",
        "year(at)",
        "dayofweek(at)",
    ],
)
def test_the_short_way_gives_the_same_values_of_the_same_type(expression):
    """On either side of the epoch, at the edges of days, and for null."""
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    for statement in macros.statements(expression):
        connection.execute(statement)
    connection.execute('CREATE TABLE headgate_t0 ("at" TIMESTAMPTZ)')
    for value in (
        "1969-12-31 23:59:59.999999+00",
        "1970-01-01 00:00:00+00",
        "2026-11-24 10:26:40.123456+00",
        "2026-11-22 00:00:00+00",
        "2024-02-29 23:59:59+00",
    ):
        connection.execute("INSERT INTO headgate_t0 VALUES (CAST(? AS TIMESTAMPTZ))", [value])
    connection.execute("INSERT INTO headgate_t0 VALUES (NULL)")
    text = f"SELECT {expression} AS x FROM t"
    short, long = _sql(text), _sql(text, EMPTY)

    assert short != long
    found = [connection.execute(f"SELECT typeof(x), CAST(x AS VARCHAR) FROM ({sql})").fetchall() for sql in (short, long)]
    assert found[0] == found[1]


@pytest.mark.parametrize(
    "text",
    [
        "SELECT date_trunc('DAY', day), CAST(note AS DATE), date_trunc('DAY', ntz) FROM t",
        "SELECT date_trunc('DAY', at) FROM (SELECT '2026-01-01' AS at FROM t)",
        "SELECT date_trunc('DAY', at) FROM (SELECT note FROM t) AS x(at)",
        "WITH x(at) AS (SELECT note FROM t) SELECT date_trunc('DAY', at) FROM x",
        "SELECT date_trunc('DAY', note.at) FROM t",
        "SELECT max(at), at > current_timestamp() FROM t",
    ],
)
def test_what_may_be_something_else_is_left_alone(text):
    """Another type, a name given in the query, a field of a struct, another function."""
    assert "make_timestamp" not in _sql(text).lower()


def test_a_view_of_ours_passes_its_columns_on():
    """A dashboard's query over a view is as quick as one over the table."""
    assert "MAKE_TIMESTAMP" in _sql("SELECT date_trunc('DAY', at) FROM v").upper()


def test_a_name_of_two_types_is_left_alone():
    """One table's timestamp may be another's text."""
    given = utc.given_names(sqlglot.parse_one("SELECT at, x AS Other FROM a, b AS c(d)", read="databricks"))

    assert given == {"other", "d"}
    assert utc.timestamp_columns([SCHEMA, Structure(types.parse_columns("at: string"))], given) == frozenset()
    assert utc.timestamp_columns([SCHEMA], given) == {"at"}
    assert utc.timestamp_columns([SCHEMA], {"at"}) == frozenset()
