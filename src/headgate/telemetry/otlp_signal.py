"""Which signal an export is of, where its address does not say: metrics, logs and spans told apart by what is in the body, and never guessed.

JSON says it by the name of its only list. The three protobuf requests look alike from outside, so each reading is tried, strictly: it must leave no byte
that it has no field for, hold at least one item, and each item must have what no item of its signal is without: a metric a name, a log record a time, a
span a beginning. No item passes as two: the name is a text at field 1, where a log record has eight bytes; a log record's times are eight bytes at fields
1 and 11, where the others have texts and messages; a span's beginning is eight bytes at field 7, where a metric has a message and a log record a varint.
"""

import msgspec
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

from headgate.catalog.otel_tables import LOGS, METRICS, SIGNALS, SPANS
from headgate.core.errors import BadRequest
from headgate.telemetry import otlp

_LISTS = {
    "resourceMetrics": METRICS, "resourceLogs": LOGS, "resourceSpans": SPANS,
    "resource_metrics": METRICS, "resource_logs": LOGS, "resource_spans": SPANS,
}  # fmt: skip


def signal_of(content_type: str, body: bytes) -> str:
    """The signal of a body, or a refusal."""
    is_json = otlp.encoding_of(content_type) == otlp.JSON
    found = _of_json(body) if is_json else [signal for signal in SIGNALS if _passes(signal, body)]
    if len(found) == 1:
        return found[0]
    what = f"could be of {' or of '.join(found)}" if found else "does not either: it holds no whole export of metrics, of logs or of spans"
    raise BadRequest(
        f"The address does not say which signal the export is of, and the body {what}. Send it to …/v1/metrics, …/v1/logs or …/v1/traces.",
        code="UNKNOWN_SIGNAL",
    )


def _of_json(body: bytes) -> list[str]:
    try:
        lists = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadRequest(f"The body is not OTLP/JSON: it is not an object of JSON ({error}).", code="MALFORMED_OTLP") from error
    found = {_LISTS[name] for name in lists if name in _LISTS}
    return [signal for signal in SIGNALS if signal in found]


def _passes(signal: str, body: bytes) -> bool:
    try:
        request = otlp.parse(signal, body)
    except BadRequest:
        return False
    size = request.ByteSize()
    request.DiscardUnknownFields()
    marks = _marks(request)
    return request.ByteSize() == size and bool(marks) and all(marks)


def _marks(request: otlp.Request) -> list[object]:
    """Of each item what none of its signal is without."""
    match request:
        case ExportMetricsServiceRequest():
            return [metric.name for resource in request.resource_metrics for scope in resource.scope_metrics for metric in scope.metrics]
        case ExportLogsServiceRequest():
            records = [record for resource in request.resource_logs for scope in resource.scope_logs for record in scope.log_records]
            return [record.time_unix_nano or record.observed_time_unix_nano for record in records]
        case _:
            return [span.start_time_unix_nano for resource in request.resource_spans for scope in resource.scope_spans for span in scope.spans]
