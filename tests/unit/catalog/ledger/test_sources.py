"""Many tables as one relation, in text."""

import pytest
import sqlglot
from sqlglot import exp

from headgate.catalog.ledger import sources
from headgate.catalog.ledger.sources import EVER, OtelTable, Stretch
from headgate.catalog.names import Name
from headgate.catalog.otel_tables import OtelKind


def table(leaf, signal="logs", version="v1", schema="observed"):
    """A table of the catalog."""
    return OtelTable(Name(("main", schema, leaf)), OtelKind(signal, version))


def columns(text):
    """The names of the columns of each part of a union."""
    tree = sqlglot.parse_one(text, read="databricks")
    return [[column.alias_or_name for column in select.selects] for select in tree.find_all(exp.Select)]


@pytest.mark.parametrize("signal", ["logs", "metrics"])
def test_every_form_has_the_same_columns(signal):
    """Both versions, and no table at all, give the same columns in the same order."""
    parts = columns(sources.union([table("a", signal), table("b", signal, "v2")], signal)) + columns(sources.union([], signal))

    assert len(parts) == 3
    assert parts[0] == parts[1] == parts[2]


def test_only_the_tables_of_a_signal_each_once():
    """Tables of other signals are left out, a table that is named twice is read once, and the order is that of the names."""
    tables = [table("b"), table("spans", "spans"), table("a", version="v2"), table("b"), table("points", "metrics")]
    text = sources.union(tables, "logs")

    assert [found.name for found in sqlglot.parse_one(text, read="databricks").find_all(exp.Table)] == ["a", "b"]
    assert text == sources.union(list(reversed(tables)), "logs")


def test_names_are_quoted():
    """A name that is no plain word stands in backquotes, whatever it holds."""
    text = sources.union([table("my-logs", schema="näh{records}")], "logs")

    assert "FROM main.`näh{records}`.`my-logs`" in text


def test_places_are_filled_at_once():
    """What fills a place is never read for places; braces that name none stay."""
    assert sources.filled("{a} {b} {c} {", {"a": "{b}", "b": "x"}) == "{b} x {c} {"


def test_a_horizon():
    """The last days are a condition, of which a day more is read than shown; all time is no text."""
    last = Stretch(days=7)

    assert last.read("WHERE", "at") == "WHERE at >= current_timestamp() - INTERVAL 8 DAYS"
    assert last.read_ns("AND", "at_ns") == "AND at_ns >= unix_micros(current_timestamp() - INTERVAL 8 DAYS) * 1000"
    assert last.shown("WHERE", "at") == "WHERE at >= current_timestamp() - INTERVAL 7 DAYS"
    assert not last.own("AND", "at_us")
    assert not any((EVER.read("WHERE", "at"), EVER.read_ns("AND", "at_ns"), EVER.shown("WHERE", "at"), EVER.own("AND", "at_us")))


def test_a_stretch_with_ends():
    """It owns what is between its ends, and reads more at both; without an end it has one condition."""
    day = Stretch(start_us=50_000_000, end_us=90_000_000, margin_s=10)

    assert day.read("WHERE", "at") == "WHERE at >= timestamp_micros(40000000) AND at < timestamp_micros(100000000)"
    assert day.read_ns("AND", "at_ns") == "AND at_ns >= 40000000000 AND at_ns < 100000000000"
    assert day.shown("WHERE", "at") == "WHERE at >= timestamp_micros(50000000) AND at < timestamp_micros(90000000)"
    assert day.own("AND", "at_us") == "AND at_us >= 50000000 AND at_us < 90000000"
    assert day.widened == Stretch(start_us=40_000_000, end_us=100_000_000)
    assert Stretch(start_us=50_000_000).own("AND", "at_us") == "AND at_us >= 50000000"


def test_a_list_of_texts():
    """Texts are quoted, and none is broken over two lines."""
    listed = sources.listed([f"name.of.event_{number}" for number in range(30)])

    assert listed.startswith("'name.of.event_0', 'name.of.event_1'")
    assert max(map(len, listed.splitlines())) <= 120
    assert [part.strip() for part in listed.split(",")] == [f"'name.of.event_{number}'" for number in range(30)]
