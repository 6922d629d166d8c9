"""Spans as columns."""

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from headgate.catalog.otel_tables import OtelKind
from headgate.storage.otlp.otel_rows import Payload, decode


def _row(**fields):
    request = ExportTraceServiceRequest()
    request.resource_spans.add().scope_spans.add().spans.add(**fields)
    return decode(OtelKind("spans", "v1"), [Payload(request.SerializeToString(), 99)]).to_pylist()[0]


@pytest.mark.parametrize(("start", "end", "expected"), [(5, 6, (5, 6)), (0, 6, (6, 6)), (5, 0, (5, 5)), (0, 0, (99, 99))])
def test_missing_times_fall_back(start, end, expected):
    """To the other of the two, and without both to the time of arrival."""
    row = _row(start_time_unix_nano=start, end_time_unix_nano=end)

    assert (row["start_time_unix_nano"], row["end_time_unix_nano"]) == expected


def test_kind_and_status_are_names():
    """As Databricks writes them."""
    row = _row(kind=2, status={"code": 2, "message": "no"})

    assert (row["kind"], row["status"]) == ("SPAN_KIND_SERVER", {"message": "no", "code": "STATUS_CODE_ERROR"})
