"""OTLP/JSON becomes the same protobuf."""

import json

import pytest
from google.protobuf import json_format
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from headgate.core.errors import BadRequest
from headgate.telemetry.otlp import json_export


def _read(kind, value):
    return kind.FromString(json_export.to_protobuf(kind.DESCRIPTOR, json.dumps(value).encode())[0])


def _log(record):
    return (
        _read(ExportLogsServiceRequest, {"resourceLogs": [{"scopeLogs": [{"logRecords": [record]}]}]}).resource_logs[0].scope_logs[0].log_records[0]
    )


def _point(point):
    body = {"resourceMetrics": [{"scopeMetrics": [{"metrics": [{"name": "m", "sum": {"dataPoints": [point]}}]}]}]}
    return _read(ExportMetricsServiceRequest, body).resource_metrics[0].scope_metrics[0].metrics[0].sum.data_points[0]


def test_ids_are_hex():
    """Protobuf's own JSON would read them as base64."""
    span = {
        "traceId": "0AF7651916CD43DD8448EB211C80319C",
        "spanId": "b7ad6b7169203331",
        "parentSpanId": "",
        "kind": 2,
        "status": {"code": "STATUS_CODE_ERROR"},
    }
    got = _read(ExportTraceServiceRequest, {"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}).resource_spans[0].scope_spans[0].spans[0]

    assert got.trace_id.hex() == "0af7651916cd43dd8448eb211c80319c"
    assert got.span_id.hex() == "b7ad6b7169203331"
    assert (got.parent_span_id, got.kind, got.status.code) == (b"", 2, 2)


@pytest.mark.parametrize("value", [1763980000000000001, "1763980000000000001"])
def test_64_bit_numbers_are_strings_or_numbers(value):
    """Gemini CLI sends times as strings and counts as numbers."""
    assert _point({"timeUnixNano": value, "asInt": value}).time_unix_nano == 1763980000000000001


@pytest.mark.parametrize(("value", "expected"), [(1, 1.0), ("1.5", 1.5), ("Infinity", float("inf")), (-2.5, -2.5), ("1e3", 1000.0)])
def test_doubles_are_numbers_or_words(value, expected):
    """The words are protobuf's."""
    assert _point({"asDouble": value}).as_double == expected


def test_any_values_of_every_kind():
    """Strings, numbers, booleans, bytes, lists, lists of pairs, and nothing at all."""
    record = _log({
        "body": {"kvlistValue": {"values": [{"key": "a", "value": {"arrayValue": {"values": [{"intValue": "7"}, {"boolValue": True}, {}]}}}]}},
        "attributes": [
            {"key": "empty", "value": {}},
            {"key": "bytes", "value": {"bytesValue": "aGk="}},
            {"key": "urlsafe", "value": {"bytesValue": "_-8"}},
            {"key": "double", "value": {"doubleValue": 0.5}},
            {"key": "text", "value": {"stringValue": "ü"}},
            {"key": "null", "value": None},
        ],
        "severityNumber": 9,
        "eventName": "x",
    })

    assert record.body.kvlist_value.values[0].value.array_value.values[0].int_value == 7
    values = {item.key: item.value for item in record.attributes}
    assert values["empty"].WhichOneof("value") is None
    assert values["bytes"].bytes_value == b"hi"
    assert values["urlsafe"].bytes_value == b"\xff\xef"
    assert (values["double"].double_value, values["text"].string_value) == (0.5, "ü")
    assert not next(item for item in record.attributes if item.key == "null").HasField("value")


def test_unknown_fields_and_original_names():
    """A newer sender's fields are ignored; `snake_case` names are understood."""
    assert _log({"severity_text": "INFO", "brandNew": {"x": [1]}}).severity_text == "INFO"


def test_the_rest_reads_as_protobufs_own_json_does():
    """Apart from ids, the official reader agrees byte for byte on a message with every kind of metric."""
    point = {
        "startTimeUnixNano": "1",
        "timeUnixNano": "2",
        "count": "3",
        "sum": 1.5,
        "bucketCounts": ["1", "2"],
        "explicitBounds": [0.5],
        "flags": 1,
        "min": 0,
        "max": 2,
    }
    body = {
        "resourceMetrics": [
            {
                "schemaUrl": "u",
                "resource": {"droppedAttributesCount": 2},
                "scopeMetrics": [
                    {
                        "scope": {"name": "s", "version": "1"},
                        "metrics": [
                            {"name": "h", "histogram": {"aggregationTemporality": 1, "dataPoints": [point]}},
                            {
                                "name": "e",
                                "exponentialHistogram": {
                                    "dataPoints": [{"scale": -3, "zeroCount": "4", "positive": {"offset": -2, "bucketCounts": ["1"]}}]
                                },
                            },
                            {"name": "q", "summary": {"dataPoints": [{"quantileValues": [{"quantile": 0.5, "value": 2}]}]}},
                        ],
                    }
                ],
            }
        ]
    }

    assert _read(ExportMetricsServiceRequest, body) == json_format.ParseDict(body, ExportMetricsServiceRequest())


@pytest.mark.parametrize(
    ("record", "says"),
    [
        ({"traceId": "xyz"}, "traceId is not hex"),
        ({"traceId": 5}, "traceId is a string"),
        ({"timeUnixNano": "soon"}, "whole number"),
        ({"timeUnixNano": 1.5}, "whole number"),
        ({"timeUnixNano": -1}, "out of range"),
        ({"timeUnixNano": True}, "whole number"),
        ({"timeUnixNano": 1 << 64}, "out of range|not JSON"),
        ({"severityNumber": "LOUD"}, "whole number"),
        ({"severityText": 5}, "severityText is a string"),
        ({"attributes": {}}, "attributes is an array"),
        ({"attributes": [5]}, "KeyValue is an object"),
        ({"attributes": [{"key": "a", "value": {"boolValue": "yes"}}]}, "true or false"),
        ({"attributes": [{"key": "a", "value": {"doubleValue": "much"}}]}, "is a number"),
        ({"attributes": [{"key": "a", "value": {"bytesValue": "!"}}]}, "base64"),
    ],
)
def test_malformed_values_are_refused_by_name(record, says):
    """The sender learns which field is wrong."""
    with pytest.raises(BadRequest, match=says):
        _log(record)


def test_depth_is_bounded():
    """A body of brackets is refused, not followed to the end of the stack."""
    value = {"stringValue": "x"}
    for _ in range(100):
        value = {"arrayValue": {"values": [value]}}
    with pytest.raises(BadRequest, match="nested deeper"):
        _log({"body": value})
    for body in (b'{"resourceLogs":' + b"[" * 100_000, b"", b"[]", b'"\\ud800"', b"nul"):
        with pytest.raises(BadRequest):
            json_export.to_protobuf(ExportLogsServiceRequest.DESCRIPTOR, body)
