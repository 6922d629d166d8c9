"""OTLP requests on the wire."""

import json

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsPartialSuccess,
    ExportMetricsServiceRequest,
    ExportMetricsServiceResponse,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from headgate.core.errors import BadRequest, UnsupportedMedia
from headgate.telemetry.otlp import export_body
from headgate.telemetry.otlp.messages import Export


def _metrics(*kinds):
    request = ExportMetricsServiceRequest()
    scope = request.resource_metrics.add().scope_metrics.add()
    for kind in kinds:
        metric = scope.metrics.add(name=f"m_{kind}")
        if kind:
            getattr(metric, kind).data_points.add()
            getattr(metric, kind).data_points.add()
    return request.SerializeToString()


def test_a_protobuf_export_is_kept_byte_for_byte():
    """What passes is not written anew."""
    body = _metrics("sum", "gauge", "histogram")

    export = export_body.read("metrics", "application/x-protobuf", body)

    assert export == Export("metrics", body, 6, bytes_unfolded=6 * len(body))


def test_metrics_without_data_are_counted_out_with_the_reason():
    """A metric of a kind that is not known becomes no row, and the sender hears of it."""
    export = export_body.validate("metrics", _metrics("sum", "", ""))

    assert (export.accepted, export.rejected) == (2, 2)
    assert "first is 'm_'" in export.reason
    answer = ExportMetricsServiceResponse.FromString(export_body.answer(export, export_body.PROTOBUF))
    assert answer.partial_success == ExportMetricsPartialSuccess(rejected_data_points=2, error_message=export.reason)
    assert json.loads(export_body.answer(export, export_body.JSON)) == {"partialSuccess": {"rejectedDataPoints": "2", "errorMessage": export.reason}}


def test_a_whole_success_is_an_empty_message():
    """Nothing to say is said with nothing, in either encoding."""
    export = export_body.validate("logs", b"")

    assert export_body.answer(export, export_body.PROTOBUF) == b""
    assert export_body.answer(export, export_body.JSON) == b"{}"


def test_failures_are_status_messages_in_the_encoding_of_the_request():
    """The specification asks for `google.rpc.Status`."""
    assert json.loads(export_body.failure(7, "no MODIFY", export_body.JSON)) == {"code": 7, "message": "no MODIFY"}
    assert export_body.failure(7, "no", export_body.PROTOBUF) == b"\x08\x07\x12\x02no"


def test_spans_are_counted():
    """A span with ids of the wrong length is kept; the sender is told."""
    request = ExportTraceServiceRequest()
    spans = request.resource_spans.add().scope_spans.add().spans
    spans.add(trace_id=bytes(16), span_id=bytes(8))
    spans.add(trace_id=b"x", span_id=bytes(8))

    export = export_body.validate("spans", request.SerializeToString())

    assert (export.accepted, export.rejected) == (2, 0)
    assert "wrong length" in export.reason


@pytest.mark.parametrize("body", [b"\xff", b"\x0a\xff\xff", b"\x0a\x02\x0a", _metrics("sum")[:-3]])
def test_malformed_bodies_are_refused(body):
    """Half a message is a 400, never half a batch."""
    with pytest.raises(BadRequest):
        export_body.validate("metrics", body)


def test_text_that_is_no_utf8_is_mended():
    """A string of bytes cannot be kept in a STRING column, and must not cost what it stands beside."""
    payload = export_body.validate("logs", b"\x0a\x07\x1a\x05\xff\xfe\xfd\xfc\xfb").payload
    assert ExportLogsServiceRequest.FromString(payload).resource_logs[0].schema_url == "\ufffd" * 5


def test_other_content_types_are_refused():
    """415 names what is taken."""
    with pytest.raises(UnsupportedMedia, match="application/x-protobuf or application/json"):
        export_body.read("logs", "text/plain", b"")
    with pytest.raises(UnsupportedMedia, match="missing"):
        export_body.read("logs", "", b"")
