"""Where the ledger begins, as text."""

import sqlglot

from headgate.catalog.ledger.extent import extent_text
from headgate.catalog.ledger.sources import OtelTable
from headgate.catalog.names import Name
from headgate.catalog.otel_tables import OtelKind
from headgate.catalog.usage_table import USAGE


def test_every_side_is_counted():
    """Usage, log records and points of metrics, none older than what is asked about."""
    tables = [OtelTable(Name(("main", "default", signal)), OtelKind(signal, "v1")) for signal in ("logs", "metrics", "spans")]
    text = extent_text(USAGE.name, tables, 5)

    assert len(sqlglot.parse(text, read="databricks")) == 1
    assert all(name in text for name in (USAGE.name.sql, "main.default.logs", "main.default.metrics", "timestamp_micros(5)", ">= 5000"))
    assert "spans" not in text
