"""The views of the joined ledger as a whole."""

import pytest
import sqlglot
from sqlglot import exp

from headgate.catalog.ledger.sources import OtelTable
from headgate.catalog.ledger.views import ledger_views
from headgate.catalog.names import Name
from headgate.catalog.otel_tables import OtelKind
from headgate.catalog.usage_table import USAGE

KINDS = (("logs", "v1"), ("logs", "v2"), ("metrics", "v1"), ("metrics", "v2"), ("spans", "v1"))
TABLES = [OtelTable(Name(("main", "default", f"t{number}")), OtelKind(*kind)) for number, kind in enumerate(KINDS)]


def read_by(view):
    """The tables and views that a view names, its own expressions apart."""
    tree = sqlglot.parse_one(view.text, read="databricks")
    own = {cte.alias_or_name for cte in tree.find_all(exp.CTE)}
    return {
        ".".join(part.name for part in table.parts)
        for table in tree.find_all(exp.Table)
        if table.name and (table.args.get("db") or table.name not in own)
    }


def test_the_views_stand_beside_the_usage_table():
    """They are where a reader of the usage table looks for them."""
    names = [str(view.name) for view in ledger_views(USAGE.name, TABLES)]

    assert names == [
        f"system.ai_gateway.{leaf}" for leaf in ("client_requests", "client_tools", "client_sessions", "exchanges", "coverage", "sessions")
    ]


def test_each_reads_what_stands_before_it():
    """In the order given, each view reads only tables and views that are there already; spans are read by none."""
    known = {str(table.name) for table in TABLES} | {str(USAGE.name)}
    read = set()
    for view in ledger_views(USAGE.name, TABLES):
        read |= read_by(view)
        assert read_by(view) <= known
        known.add(str(view.name))

    assert read & {str(table.name) for table in TABLES} == {"main.default.t0", "main.default.t1", "main.default.t2", "main.default.t3"}


@pytest.mark.parametrize("tables", [(), TABLES])
@pytest.mark.parametrize("days", [0, 30])
def test_the_text_is_one_readable_statement(tables, days):
    """It parses, is short enough to be read, fits the reader's screen, and says at its head what it is."""
    for view in ledger_views(USAGE.name, tables, days):
        lines = view.text.splitlines()
        assert len(sqlglot.parse(view.text, read="databricks")) == 1
        assert lines[0].startswith("-- ")
        assert len(lines) <= 150
        assert max(map(len, lines)) <= 150
        assert view.comment.endswith(".")


def test_columns_have_names_of_their_own():
    """No view has a column twice, and each statement gives as many columns as the view has."""
    for view in ledger_views(USAGE.name, TABLES):
        names = [field.name for field in view.schema.fields]
        tree = sqlglot.parse_one(view.text, read="databricks")
        select = tree.find(exp.Select)
        assert len(set(names)) == len(names)
        assert [column.alias_or_name for column in select.selects] == names


def test_a_horizon_is_in_the_text():
    """With days, tables are read back to one day more than is shown; without, the text names no time."""
    assert all("current_timestamp" not in view.text for view in ledger_views(USAGE.name, TABLES))
    bounded = {view.name.leaf: view.text for view in ledger_views(USAGE.name, TABLES, 30)}

    assert "INTERVAL 31 DAYS" in bounded["client_requests"]
    assert "INTERVAL 31 DAYS" in bounded["client_tools"]
    assert bounded["client_sessions"].count("INTERVAL 31 DAYS") == 2
    assert (bounded["exchanges"].count("INTERVAL 31 DAYS"), bounded["exchanges"].count("INTERVAL 30 DAYS")) == (2, 2)
    assert "INTERVAL 30 DAYS" in bounded["sessions"]


def test_the_same_tables_give_the_same_text():
    """Whoever keeps the views sees by their text whether anything has changed."""
    assert ledger_views(USAGE.name, TABLES) == ledger_views(USAGE.name, list(reversed(TABLES)))
