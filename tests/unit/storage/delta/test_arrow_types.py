"""The catalog's types as Arrow types."""

import pytest
from deltalake import Schema

from headgate.catalog import otel_tables, types
from headgate.storage.delta.arrow_types import arrow_schema


def test_every_type_of_the_algebra_agrees_with_delta():
    """delta-rs reads our schema string to the same names in the same order."""
    schema = types.Structure(
        types.parse_columns(
            "a: int, b: map<string,array<struct<x:decimal(10,2),y:timestamp_ntz>>>, c: date, d: binary, e: timestamp, f: boolean, g: smallint"
        )
    )

    assert [field.name for field in Schema.from_json(types.to_delta_json(schema)).fields] == arrow_schema(schema).names


@pytest.mark.parametrize("version", otel_tables.VERSIONS)
@pytest.mark.parametrize("signal", otel_tables.SIGNALS)
def test_the_telemetry_tables_have_arrow_schemas(signal, version):
    """Every column of every OpenTelemetry table."""
    schema = otel_tables.schema(signal, version)

    assert arrow_schema(schema).names == [field.name for field in schema.fields]
