"""OTLP exports as agents make them, each with a mark by which its rows are found again."""

import base64
import json
from typing import Any

from google.protobuf.json_format import MessageToDict
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, InstrumentationScope, KeyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord, ResourceLogs, ScopeLogs
from opentelemetry.proto.metrics.v1.metrics_pb2 import AggregationTemporality, Metric, NumberDataPoint, ResourceMetrics, ScopeMetrics, Sum
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans, Span

AT_NS = 1_790_000_000_000_000_000
RESOURCE = {"host.arch": "amd64", "os.type": "linux", "service.name": "claude-code", "service.version": "2.1.330"}
SESSION = "a81bc81b-dead-4e5d-abff-90865d1e13b1"
SCOPE = InstrumentationScope(name="com.anthropic.claude_code", version="2.1.330")


def pairs(values: dict[str, object]) -> list[KeyValue]:
    """Attributes."""
    return [KeyValue(key=key, value=_value(value)) for key, value in values.items()]


def _value(value: object) -> AnyValue:
    match value:
        case bool():
            return AnyValue(bool_value=value)
        case int():
            return AnyValue(int_value=value)
        case float():
            return AnyValue(double_value=value)
        case _:
            return AnyValue(string_value=str(value))


def metrics(mark: str = "m", points: int = 16, **attributes: object) -> bytes:
    """Token counts of one session, in as many points as wanted; 16 of them are about 7 KB."""
    common = {
        "user.id": "5f" * 32,
        "session.id": SESSION,
        "organization.id": "b7b0cc5d",
        "user.email": "ada@example.com",
        "terminal.type": "vscode",
        "mark": mark,
    }
    kinds = ("input", "output", "cacheRead", "cacheCreation")
    found = [
        NumberDataPoint(
            start_time_unix_nano=AT_NS,
            time_unix_nano=AT_NS + number,
            as_double=float(number),
            attributes=pairs(common | {"type": kinds[number % 4], "model": "databricks-claude-opus-4-6", "query_source": "main"} | attributes),
        )
        for number in range(points)
    ]
    total = Sum(data_points=found, aggregation_temporality=AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA, is_monotonic=True)
    metric = Metric(name="claude_code.token.usage", unit="tokens", description="Number of tokens used", sum=total)
    scope = ScopeMetrics(scope=SCOPE, metrics=[metric])
    request = ExportMetricsServiceRequest(resource_metrics=[ResourceMetrics(resource=Resource(attributes=pairs(RESOURCE)), scope_metrics=[scope])])
    return request.SerializeToString()


def logs(mark: str = "l", records: int = 10, **attributes: object) -> bytes:
    """Events of one session."""
    common = {"session.id": SESSION, "event.name": "api_request", "mark": mark}
    found = [
        LogRecord(
            time_unix_nano=AT_NS + number,
            observed_time_unix_nano=AT_NS + number,
            body=AnyValue(string_value="claude_code.api_request"),
            attributes=pairs(common | {"event.sequence": number, "cost_usd": 0.25} | attributes),
        )
        for number in range(records)
    ]
    scope = ScopeLogs(scope=SCOPE, log_records=found)
    return ExportLogsServiceRequest(
        resource_logs=[ResourceLogs(resource=Resource(attributes=pairs(RESOURCE)), scope_logs=[scope])]
    ).SerializeToString()


def spans(mark: str = "s", count: int = 3) -> bytes:
    """Spans of one trace."""
    found = [
        Span(
            trace_id=bytes(range(16)),
            span_id=bytes([number] * 8),
            name=f"step {number}",
            kind=Span.SpanKind.SPAN_KIND_CLIENT,
            start_time_unix_nano=AT_NS,
            end_time_unix_nano=AT_NS + 1000,
            attributes=pairs({"mark": mark}),
        )
        for number in range(1, count + 1)
    ]
    scope = ScopeSpans(scope=SCOPE, spans=found)
    return ExportTraceServiceRequest(
        resource_spans=[ResourceSpans(resource=Resource(attributes=pairs(RESOURCE)), scope_spans=[scope])]
    ).SerializeToString()


_REQUESTS = {"metrics": ExportMetricsServiceRequest, "logs": ExportLogsServiceRequest, "spans": ExportTraceServiceRequest}
_IDS = {"traceId", "spanId", "parentSpanId"}


def as_json(signal: str, body: bytes) -> bytes:
    """The same export as OTLP/JSON, whose ids are hex."""
    return json.dumps(_with_hex_ids(MessageToDict(_REQUESTS[signal].FromString(body)))).encode()


def _with_hex_ids(value: Any) -> Any:
    match value:
        case dict():
            return {key: base64.b64decode(item).hex() if key in _IDS else _with_hex_ids(item) for key, item in value.items()}
        case list():
            return [_with_hex_ids(item) for item in value]
        case _:
            return value
