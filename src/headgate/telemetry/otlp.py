"""OTLP requests on the wire: is this a well-formed export, how many items does it hold, which of them cannot be kept, and what is answered.

Nothing is turned into rows here: what passes is kept as protobuf, byte for byte, so that the way to the 200 stays short.
"""

from collections.abc import Callable, Sequence

import msgspec
from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.logs.v1.logs_pb2 import ResourceLogs, ScopeLogs
from opentelemetry.proto.metrics.v1.metrics_pb2 import ResourceMetrics, ScopeMetrics
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans

from headgate.catalog.otel_tables import LOGS, METRICS, SPANS
from headgate.core.errors import BadRequest, UnsupportedMedia
from headgate.telemetry import otlp_json

Request = ExportMetricsServiceRequest | ExportLogsServiceRequest | ExportTraceServiceRequest

PROTOBUF = "application/x-protobuf"
JSON = "application/json"
# The last part of the export URL -> the kind of table it fills.
SIGNAL_OF_PATH = {"metrics": METRICS, "logs": LOGS, "traces": SPANS}

_REQUESTS: dict[str, type[Request]] = {METRICS: ExportMetricsServiceRequest, LOGS: ExportLogsServiceRequest, SPANS: ExportTraceServiceRequest}
_UNFOLDED_BOUND = 1 << 20  # below it, the bound that every row repeats the whole request is near enough
_REJECTED = {METRICS: "rejectedDataPoints", LOGS: "rejectedLogRecords", SPANS: "rejectedSpans"}


class Export(msgspec.Struct, frozen=True):
    """One request that passed: its signal, its bytes as protobuf, the items that will become rows, and those that cannot with the reason.

    `bytes_unfolded` is about what the rows hold once each repeats its resource, scope and metric.
    """

    signal: str
    payload: bytes
    accepted: int
    rejected: int = 0
    reason: str = ""
    bytes_unfolded: int = 0


def read(signal: str, content_type: str, body: bytes) -> Export:
    """The export in a body of either encoding; JSON becomes protobuf. Malformed bodies are refused."""
    if encoding_of(content_type) == JSON:
        body = otlp_json.to_protobuf(_REQUESTS[signal].DESCRIPTOR, body)
    return validate(signal, body)


def encoding_of(content_type: str) -> str:
    """`PROTOBUF` or `JSON`; anything else is refused."""
    encoding = content_type.partition(";")[0].strip().lower()
    if encoding not in {PROTOBUF, JSON}:
        told = encoding or "is missing and"
        raise UnsupportedMedia(f"The content type {told} is not taken; send {PROTOBUF} or {JSON}.", code="UNSUPPORTED_MEDIA_TYPE")
    return encoding


def validate(signal: str, payload: bytes) -> Export:
    """The export in a protobuf body, checked by the official classes."""
    request = parse(signal, payload)
    accepted, rejected, reason = _COUNTS[signal](request)
    unfolded = len(payload) * max(accepted, 1)
    if unfolded > _UNFOLDED_BOUND:
        unfolded = len(payload) + _repeated_bytes(request)
    return Export(signal, payload, accepted, rejected, reason, unfolded)


def parse(signal: str, payload: bytes) -> Request:
    """The message itself, or a refusal."""
    try:
        return _REQUESTS[signal].FromString(payload)
    except DecodeError as error:
        raise BadRequest(f"The body is not an OTLP {signal} export: {error}", code="MALFORMED_OTLP") from error


def answer(export: Export, content_type: str) -> bytes:
    """The body of a 200 in the encoding of the request: empty, or a partial success with count and reason."""
    if not export.rejected:
        return b"{}" if content_type.startswith(JSON) else b""
    name = _REJECTED[export.signal]
    if content_type.startswith(JSON):
        return msgspec.json.encode({"partialSuccess": {name: str(export.rejected), "errorMessage": export.reason}})
    # ExportPartialSuccess is the same in all three services: the count is field 1, the message field 2.
    reason = export.reason.encode()
    inside = b"\x08" + otlp_json.varint(export.rejected) + b"\x12" + otlp_json.varint(len(reason)) + reason
    return b"\x0a" + otlp_json.varint(len(inside)) + inside


def failure(code: int, message: str, content_type: str) -> bytes:
    """A `google.rpc.Status` as the specification asks of every 4xx and 5xx, in the encoding of the request; `code` is gRPC's."""
    if content_type.startswith(JSON):
        return msgspec.json.encode({"code": code, "message": message})
    text = message.encode()
    return b"\x08" + otlp_json.varint(code) + b"\x12" + otlp_json.varint(len(text)) + text


def _count_metrics(request: Request) -> tuple[int, int, str]:
    if not isinstance(request, ExportMetricsServiceRequest):
        raise TypeError(type(request).__name__)
    accepted, unknown = 0, []
    for resource in request.resource_metrics:
        for scope in resource.scope_metrics:
            for metric in scope.metrics:
                kind = metric.WhichOneof("data")
                if kind is None:
                    unknown.append(metric.name)
                else:
                    accepted += len(getattr(metric, kind).data_points)
    if not unknown:
        return accepted, 0, ""
    return accepted, len(unknown), f"{len(unknown)} metrics hold no data of a known kind, the first is {unknown[0][:120]!r}"


def _count_logs(request: Request) -> tuple[int, int, str]:
    if not isinstance(request, ExportLogsServiceRequest):
        raise TypeError(type(request).__name__)
    return sum(len(scope.log_records) for resource in request.resource_logs for scope in resource.scope_logs), 0, ""


def _count_spans(request: Request) -> tuple[int, int, str]:
    if not isinstance(request, ExportTraceServiceRequest):
        raise TypeError(type(request).__name__)
    accepted = rejected = 0
    for resource in request.resource_spans:
        for scope in resource.scope_spans:
            accepted += len(scope.spans)
            rejected += sum(1 for span in scope.spans if len(span.trace_id) != 16 or len(span.span_id) != 8)
    # Rows are kept whatever their ids look like; the sender is told that they cannot be joined.
    return accepted, 0, f"{rejected} spans have ids of the wrong length" if rejected else ""


def _repeated_bytes(request: Request) -> int:
    """What the rows repeat of what stands once in the request."""
    total = 0
    for resource in _resources(request):
        rows = 0
        for scope in _scopes(resource):
            inside, repeated = _items(scope)
            rows += inside
            total += repeated + inside * (scope.scope.ByteSize() + len(scope.schema_url))
        total += rows * (resource.resource.ByteSize() + len(resource.schema_url))
    return total


def _resources(request: Request) -> Sequence[ResourceMetrics | ResourceLogs | ResourceSpans]:
    match request:
        case ExportMetricsServiceRequest():
            return request.resource_metrics
        case ExportLogsServiceRequest():
            return request.resource_logs
        case _:
            return request.resource_spans


def _scopes(resource: ResourceMetrics | ResourceLogs | ResourceSpans) -> Sequence[ScopeMetrics | ScopeLogs | ScopeSpans]:
    match resource:
        case ResourceMetrics():
            return resource.scope_metrics
        case ResourceLogs():
            return resource.scope_logs
        case _:
            return resource.scope_spans


def _items(scope: ScopeMetrics | ScopeLogs | ScopeSpans) -> tuple[int, int]:
    """The rows of a scope, and what they repeat of the metrics they belong to."""
    match scope:
        case ScopeLogs():
            return len(scope.log_records), 0
        case ScopeSpans():
            return len(scope.spans), 0
        case _:
            rows = repeated = 0
            for metric in scope.metrics:
                kind = metric.WhichOneof("data")
                points = len(getattr(metric, kind).data_points) if kind is not None else 0
                rows += points
                repeated += points * (
                    len(metric.name) + len(metric.description) + len(metric.unit) + sum(item.ByteSize() for item in metric.metadata)
                )
            return rows, repeated


_COUNTS: dict[str, Callable[[Request], tuple[int, int, str]]] = {METRICS: _count_metrics, LOGS: _count_logs, SPANS: _count_spans}
