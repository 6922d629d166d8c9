"""Metrics as columns."""

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

from headgate.catalog.otel_tables import OtelKind
from headgate.storage.otlp.otel_rows import Payload, decode


def test_one_row_a_point_and_kinds_side_by_side():
    """Points of several metrics and payloads keep their names and resources; a metric without data gives no row."""
    payloads = []
    for service in ("one", "two"):
        request = ExportMetricsServiceRequest()
        metrics = request.resource_metrics.add(schema_url=service).scope_metrics.add().metrics
        metrics.add(name=f"{service}.sum", unit="s").sum.data_points.add(time_unix_nano=1)
        metrics.add(name=f"{service}.histogram").histogram.data_points.add(time_unix_nano=2)
        metrics.add(name=f"{service}.sum", unit="s").sum.data_points.add()
        metrics.add(name="nothing")
        payloads.append(Payload(request.SerializeToString(), 90 + len(payloads)))

    rows = decode(OtelKind("metrics", "v1"), payloads).to_pylist()

    assert sorted(
        (row["resource_schema_url"], row["name"], row["metric_type"], (row["sum"] or row["histogram"])["time_unix_nano"]) for row in rows
    ) == [
        ("one", "one.histogram", "histogram", 2),
        ("one", "one.sum", "sum", 1),
        ("one", "one.sum", "sum", 90),
        ("two", "two.histogram", "histogram", 2),
        ("two", "two.sum", "sum", 1),
        ("two", "two.sum", "sum", 91),
    ]
