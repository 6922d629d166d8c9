"""The OpenTelemetry tables' exact schemas."""

import pytest

from headgate.catalog import ddl, otel_tables, types
from headgate.catalog.names import Name
from headgate.catalog.otel_tables import OtelKind
from headgate.catalog.types import Structure

NAME = Name(("main", "default", "cc_otel"))
# The page's own statement for logs, as printed, with its names filled in.
PAGE_LOGS = """CREATE TABLE main.default.cc_otel_logs (
  event_name STRING, trace_id STRING, span_id STRING, time_unix_nano LONG, observed_time_unix_nano LONG, severity_number STRING, severity_text STRING,
  body STRING, attributes MAP<STRING, STRING>, dropped_attributes_count INT, flags INT,
  resource STRUCT<attributes: MAP<STRING, STRING>, dropped_attributes_count: INT>, resource_schema_url STRING,
  instrumentation_scope STRUCT<name: STRING, version: STRING, attributes: MAP<STRING, STRING>, dropped_attributes_count: INT>, log_schema_url STRING
) USING DELTA TBLPROPERTIES ('otel.schemaVersion' = 'v1')"""


@pytest.mark.parametrize("version", otel_tables.VERSIONS)
@pytest.mark.parametrize("signal", otel_tables.SIGNALS)
def test_our_own_ddl_creates_a_table_that_is_recognised(signal, version):
    """The DDL in a 404 leads to the table that the export needs."""
    made = ddl.read(otel_tables.ddl(NAME, signal, version))

    assert otel_tables.recognise(made.schema) == OtelKind(signal, version)
    assert made.properties["otel.schemaVersion"] == version
    assert otel_tables.creation(NAME, signal, version).schema == otel_tables.schema(signal, version)
    assert types.from_delta_json(types.to_delta_json(made.schema)) == made.schema


def test_the_pages_statement_is_recognised():
    """The page's table of logs is ours."""
    assert otel_tables.recognise(ddl.read(PAGE_LOGS).schema) == OtelKind("logs", "v1")


def test_leaf_counts_of_the_page():
    """The metrics table has 94 fields in all and the logs table 21, as the page's has."""

    def count(kind):
        match kind:
            case types.Structure(fields):
                return sum(1 + count(field.type) for field in fields)
            case types.Array(element):
                return count(element)
            case _:
                return 0

    assert count(otel_tables.schema("metrics")) == 94
    assert count(otel_tables.schema("logs")) == 21


def test_order_case_and_comments_do_not_matter_but_columns_do():
    """A table with the same columns in another order is recognised; one without a column is not, and says so."""
    fields = otel_tables.schema("spans").fields
    turned = Structure(tuple(types.Field(field.name.upper(), field.type, True, "why") for field in reversed(fields)))

    assert otel_tables.recognise(turned) == OtelKind("spans", "v1")
    assert otel_tables.recognise(Structure(fields[1:])) is None
    assert otel_tables.differences(Structure((*fields[1:], types.Field("x", types.Primitive("long")))), OtelKind("spans", "v1")) == [
        "column trace_id is missing (string)",
        "column x is not known",
    ]


def test_v2_has_its_four_columns_first_and_variant_bags():
    """Schema v2 as the newer documentation has it."""
    logs = {field.name: types.text(field.type) for field in otel_tables.schema("logs", "v2").fields}
    metrics = otel_tables.schema("metrics", "v2")

    assert list(logs)[:4] == ["record_id", "time", "date", "service_name"]
    assert logs["body"] == logs["attributes"] == "variant"
    assert [field.name for field in metrics.fields][4:7] == ["start_time_unix_nano", "time_unix_nano", "name"]
    assert "start_time_unix_nano" not in types.text(next(field.type for field in metrics.fields if field.name == "sum"))
