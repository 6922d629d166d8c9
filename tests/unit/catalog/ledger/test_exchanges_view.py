"""Exchanges beside their reports, as text."""

import re

import sqlglot

from headgate.catalog.ledger import exchanges_view
from headgate.catalog.usage_table import USAGE

TEXT = exchanges_view.text(USAGE.name, "system.ai_gateway.client_requests")


def test_names_stand_where_they_belong():
    """No place is left open."""
    assert not re.findall(r"\{\w+\}", TEXT)
    assert "FROM system.ai_gateway.client_requests" in TEXT


def test_every_column_of_the_usage_table_exists():
    """What is taken from a usage row is a column of it, with the same type."""
    usage = {field.name: field.type for field in USAGE.schema.fields}
    ours = {field.name: field.type for field in exchanges_view.SCHEMA.fields}
    taken = set(re.findall(r"\bu\.(\w+)", TEXT))

    assert taken <= set(usage)
    assert {name for name in taken & set(ours) if ours[name] != usage[name]} == set()


def test_both_halves_have_the_same_columns():
    """What passed and what did not are told in the same columns, in order."""
    union = sqlglot.parse_one(TEXT, read="databricks")
    names = [field.name for field in exchanges_view.SCHEMA.fields]

    assert [column.alias_or_name for column in union.left.selects] == names
    assert [column.alias_or_name for column in union.right.selects] == names


def test_rounds_end():
    """Pairs are made in a stated number of rounds, and every round's pairs are kept."""
    rounds = re.findall(r"^(round\d) AS", TEXT, re.MULTILINE)

    assert rounds == ["round1", "round2", "round3"]
    assert all(f"SELECT * FROM {name}" in TEXT for name in rounds)
