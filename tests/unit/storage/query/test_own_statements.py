"""Headgate's own statements, views and dashboards, through the analysis and DuckDB's binder: each is taken, and its columns have the types that are said."""

import datetime as dt
import functools
import json

import duckdb
import pytest

from headgate.admin.statement_ports import TableSource, ViewSource
from headgate.catalog.names import Name
from headgate.catalog.types import Field, Primitive, Structure
from headgate.storage.query import duckdb_tree, macros
from headgate.storage.query.analysis import kinds
from headgate.storage.query.compiled import Compiled
from headgate.storage.query.duckdb_text import duckdb_type, quoted
from headgate.web.ui.dashboard_folder import DashboardFolder
from headgate.web.ui.filters import read_filters
from headgate.web.ui.relations import RowScope, compose
from tests.fakes import examples
from tests.fakes.principals import user
from tests.fakes.relations import compile_text
from tests.fakes.system_relations import NOTHING_SETTLED, SETTLED, SystemRelations

NOW = dt.datetime(2026, 11, 30, 14, 20, tzinfo=dt.UTC)
ANA = user("ana")
FILTERS = ("", "user=a&agent=codex&model=m&tag=team:x&status=4xx&compare=none")
TILES = [(name, tile) for name, file in sorted(DashboardFolder("").shipped().items()) for tile in file.dashboard.tiles]


@pytest.fixture(scope="module")
def database():
    """A database with every macro."""
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    for statement in macros.statements(" ".join(f"{name}(" for name in macros.NAMES)):
        connection.execute(statement)
    return connection


def check(database: duckdb.DuckDBPyConnection, compiled: Compiled) -> None:
    """Bind a compiled query over empty tables, and compare the types of its columns."""
    views = [read.view for read in compiled.reads]
    for read in compiled.reads:
        columns = ", ".join(f"CAST(NULL AS {duckdb_type(field.type)}) AS {quoted(field.name)}" for field in read.source.schema.fields)
        database.execute(f"CREATE VIEW {quoted(read.view)} AS SELECT {columns} WHERE false")
    try:
        duckdb_tree.check(_tree(database, compiled.sql), views)
        found = [str(kind).replace('"', "").replace("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ") for kind in database.sql(compiled.sql).types]
    finally:
        for view in views:
            database.execute(f"DROP VIEW {quoted(view)}")
    assert found == [_written(column) for column in compiled.columns]


def _tree(database: duckdb.DuckDBPyConnection, sql: str) -> object:
    return json.loads(database.execute("SELECT json_serialize_sql(?)", [sql]).fetchall()[0][0])


def _written(column: Field) -> str:
    return "INTEGER" if column.type == Primitive("void") else kinds.duckdb(column.type).replace('"', "")


@pytest.mark.parametrize("known", [NOTHING_SETTLED, SETTLED], ids=["computed", "settled"])
def test_every_view(database, known):
    """Read whole."""
    relations = SystemRelations(known)
    for name in relations.views:
        check(database, compile_text(f"SELECT * FROM {name.sql}", ANA, relations))


class FlatRelations(SystemRelations):
    """Views are tables with the columns of the view: what is inside of them is checked once, and not again in every tile."""

    def resolve(self, name):
        """A table, also where the name is a view's."""
        found = super().resolve(name)
        return TableSource(name, f"/nowhere/{name}", view_columns(name), made_on_write=True) if isinstance(found, ViewSource) else found


@functools.cache
def view_columns(name: Name) -> Structure:
    """The columns of a view."""
    return Structure(compile_text(f"SELECT * FROM {name.sql}", ANA, SystemRelations(SETTLED)).columns)


@pytest.mark.parametrize(("name", "tile"), TILES, ids=[f"{name}-{tile.name}" for name, tile in TILES])
def test_every_tile(database, name, tile):
    """With every kind of filter, for the reader's own rows; each fourth also without, for everyone's. `make whole`: each, through its views."""
    relations = SystemRelations(SETTLED) if examples.ALL else FlatRelations(SETTLED)
    both = examples.ALL or TILES.index((name, tile)) % 4 == 0
    for query, everyone in ((FILTERS[1], False), (FILTERS[0], True))[: 1 + both]:
        composed = compose(tile.sql, RowScope(filters=read_filters(query, NOW), everyone=everyone, members=("ana",)))
        check(database, compile_text(composed.text, ANA, relations, composed.parameters))
