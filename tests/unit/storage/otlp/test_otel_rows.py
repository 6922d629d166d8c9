"""Acknowledged exports as rows of a table."""

import uuid

import deltalake
import duckdb
import pytest
from deltalake import DeltaTable, Schema
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

from headgate.catalog import otel_tables, types
from headgate.catalog.otel_tables import OtelKind
from headgate.storage.otlp.otel_rows import Payload, decode


def _payload(points=2):
    request = ExportMetricsServiceRequest()
    resource = request.resource_metrics.add()
    resource.resource.attributes.append(KeyValue(key="service.name", value=AnyValue(string_value="claude-code")))
    metrics = resource.scope_metrics.add().metrics
    for number in range(points):
        point = metrics.add(name="claude_code.token.usage").sum.data_points.add(
            time_unix_nano=1763980000_000_000_000 + number, as_double=number + 0.5
        )
        point.attributes.append(KeyValue(key="model", value=AnyValue(string_value="opus")))
    metrics.add(name="e").exponential_histogram.data_points.add(positive={"offset": 1, "bucket_counts": [1]})
    return Payload(request.SerializeToString(), 5)


@pytest.mark.parametrize(
    ("version", "model"),
    [("v1", "sum.attributes['model']"), ("v2", "variant_bytes_to_variant(sum.attributes.metadata || sum.attributes.value)::json->>'model'")],
)
def test_rows_go_into_a_delta_table_and_are_read_by_another_engine(tmp_path, version, model):
    """The exact table of the page, appended to twice by delta-rs, read by DuckDB."""
    table = DeltaTable.create(str(tmp_path), schema=Schema.from_json(types.to_delta_json(otel_tables.schema("metrics", version))))
    for _ in range(2):
        deltalake.write_deltalake(table, decode(OtelKind("metrics", version), [_payload()], b"s"), mode="append")

    files = [uri.removeprefix("file://") for uri in table.file_uris()]
    got = duckdb.sql(
        f"SELECT {model}, count(*), sum(sum.value), count(exponential_histogram) FROM read_parquet({files}) GROUP BY 1 ORDER BY 1"
    ).fetchall()

    assert got == [("opus", 4, 4.0, 0), (None, 2, None, 2)]


def test_an_empty_batch_is_an_empty_table():
    """Nothing is a table with the right columns and no rows."""
    for signal in otel_tables.SIGNALS:
        for version in otel_tables.VERSIONS:
            assert decode(OtelKind(signal, version), []).num_rows == 0


def test_record_ids_are_uuids_that_a_second_decoding_gives_again():
    """A batch decoded after a crash has the ids it had before; another batch has others."""
    kind = OtelKind("metrics", "v2")
    ids = decode(kind, [_payload()], b"a").column("record_id").to_pylist()

    assert ids == decode(kind, [_payload()], b"a").column("record_id").to_pylist()
    assert not set(ids) & set(decode(kind, [_payload()], b"b").column("record_id").to_pylist())
    assert [uuid.UUID(value).version for value in ids] == [7] * 3
    assert len(set(ids)) == 3
    assert decode(kind, [_payload()]).column("service_name").to_pylist() == ["claude-code"] * 3
