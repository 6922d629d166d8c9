"""The official request classes of the three signals, and what is known of an export that passed. It counts nothing and judges nothing beyond their form."""

from collections.abc import Iterator, Sequence

import msgspec
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.logs.v1.logs_pb2 import ResourceLogs, ScopeLogs
from opentelemetry.proto.metrics.v1.metrics_pb2 import ResourceMetrics, ScopeMetrics
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans

from headgate.catalog.otel_tables import LOGS, METRICS, SPANS
from headgate.core.errors import BadRequest

Request = ExportMetricsServiceRequest | ExportLogsServiceRequest | ExportTraceServiceRequest
Resource = ResourceMetrics | ResourceLogs | ResourceSpans
Scope = ScopeMetrics | ScopeLogs | ScopeSpans
Level = Request | Resource | Scope

REQUESTS: dict[str, type[Request]] = {METRICS: ExportMetricsServiceRequest, LOGS: ExportLogsServiceRequest, SPANS: ExportTraceServiceRequest}
_LEVELS: dict[str, tuple[type[Level], ...]] = {
    METRICS: (ExportMetricsServiceRequest, ResourceMetrics, ScopeMetrics),
    LOGS: (ExportLogsServiceRequest, ResourceLogs, ScopeLogs),
    SPANS: (ExportTraceServiceRequest, ResourceSpans, ScopeSpans),
}


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


def parse(signal: str, payload: bytes) -> Request:
    """The message itself, or a refusal."""
    try:
        return REQUESTS[signal].FromString(payload)
    except DecodeError as error:
        raise malformed(signal, str(error)) from error


def parse_level(signal: str, level: int, payload: bytes) -> Level:
    """The request (0), one of its resources (1) or of their scopes (2), or a refusal."""
    try:
        return _LEVELS[signal][level].FromString(payload)
    except DecodeError as error:
        raise malformed(signal, str(error)) from error


def resources_in(message: Level) -> Iterator[tuple[Resource | None, Sequence[Scope]]]:
    """The scopes in a message of any level, with their resource where it is in it. One at a time: a list of wrappers takes more than the message."""
    match message:
        case ExportMetricsServiceRequest():
            yield from ((resource, resource.scope_metrics) for resource in message.resource_metrics)
        case ExportLogsServiceRequest():
            yield from ((resource, resource.scope_logs) for resource in message.resource_logs)
        case ExportTraceServiceRequest():
            yield from ((resource, resource.scope_spans) for resource in message.resource_spans)
        case ResourceMetrics():
            yield message, message.scope_metrics
        case ResourceLogs():
            yield message, message.scope_logs
        case ResourceSpans():
            yield message, message.scope_spans
        case _:
            yield None, [message]


def scopes_in(message: Level) -> Iterator[Scope]:
    """The scopes in a message of any level."""
    for _, scopes in resources_in(message):
        yield from scopes


def message_of(field: FieldDescriptor) -> Descriptor:
    """The message that a field of messages holds."""
    found = field.message_type
    if found is None:
        raise TypeError(field.full_name)
    return found


def malformed(signal: str, why: str) -> BadRequest:
    """The refusal of a body that is no export."""
    return BadRequest(f"The body is not an OTLP {signal} export: {why}", code="MALFORMED_OTLP")
