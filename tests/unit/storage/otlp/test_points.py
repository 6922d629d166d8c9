"""Data points of the five kinds."""

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

from headgate.catalog.otel_tables import OtelKind
from headgate.storage.otlp import points
from headgate.storage.otlp.otel_rows import Payload, decode


def _row(kind, **point):
    request = ExportMetricsServiceRequest()
    getattr(request.resource_metrics.add().scope_metrics.add().metrics.add(name="m"), kind).data_points.add(time_unix_nano=1, **point)
    row = decode(OtelKind("metrics", "v1"), [Payload(request.SerializeToString(), 99)]).to_pylist()[0]
    assert row["metric_type"] == kind
    assert [other for other in points.KINDS if row[other] is not None] == [kind]
    return row[kind]


def test_numbers():
    """Integers become doubles, zero stays zero, and no value is null."""
    values = [_row("sum", as_int=5), _row("gauge", as_double=0.0), _row("gauge", as_int=0), _row("gauge")]

    assert [repr(row["value"]) for row in values] == ["5.0", "0.0", "0.0", "None"]


def test_histograms():
    """Optional sum, minimum and maximum are null where they were not sent."""
    row = _row("histogram", count=3, bucket_counts=[1, 2], explicit_bounds=[0.5], sum=1.5)

    assert (row["count"], row["bucket_counts"], row["explicit_bounds"], row["sum"], row["min"]) == (3, [1, 2], [0.5], 1.5, None)


def test_exponential_histograms():
    """A side without buckets is null."""
    row = _row("exponential_histogram", scale=-1, positive={"offset": -2, "bucket_counts": [7]})

    assert (row["scale"], row["positive_bucket"], row["negative_bucket"]) == (-1, {"offset": -2, "bucket_counts": [7]}, None)


def test_summaries():
    """Quantiles in order."""
    assert _row("summary", quantile_values=[{"quantile": 0.5, "value": 2}])["quantile_values"] == [{"quantile": 0.5, "value": 2.0}]


def test_exemplars():
    """With the trace they belong to."""
    row = _row("sum", exemplars=[{"as_int": 5, "trace_id": b"\xaa" * 16}])

    assert [(item["value"], item["trace_id"]) for item in row["exemplars"]] == [(5.0, "aa" * 16)]
