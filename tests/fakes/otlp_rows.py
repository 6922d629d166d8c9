"""OTLP to rows the plain way: the official classes, one row at a time, nothing clever. The reference that the columnar decoder is held against."""

import base64
import math

import msgspec
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.logs.v1.logs_pb2 import SeverityNumber
from opentelemetry.proto.metrics.v1.metrics_pb2 import AggregationTemporality
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status


def rows(signal, payloads, version="v1"):
    """The rows of these payloads; in v2 attribute bags are Python values and the generated columns are left out."""
    return [row for payload in payloads for row in {"metrics": _metrics, "logs": _logs, "spans": _spans}[signal](payload, version)]


def value(any_value):
    """The Python value."""
    kind = any_value.WhichOneof("value")
    match kind:
        case None:
            return None
        case "array_value":
            return [value(item) for item in any_value.array_value.values]
        case "kvlist_value":
            return {item.key: value(item.value) for item in any_value.kvlist_value.values}
        case _:
            return getattr(any_value, kind)


def text(found):
    """The text in a map of strings."""
    match found:
        case None | str():
            return found
        case bool():
            return "true" if found else "false"
        case float() if not math.isfinite(found):
            return {math.inf: "Infinity", -math.inf: "-Infinity"}.get(found, "NaN")
        case int() | float():
            return repr(found)
        case bytes():
            return base64.b64encode(found).decode()
        case _:
            return msgspec.json.encode(_plain(found)).decode()  # how a number is spelt is JSON's matter: 1e16 or 1e+16


def _plain(found):
    match found:
        case list():
            return [_plain(item) for item in found]
        case dict():
            return {key: _plain(item) for key, item in found.items()}
        case bytes():
            return text(found)
        case float() if not math.isfinite(found):
            return text(found)
        case _:
            return found


def _bag(attributes, version):
    found = {item.key: value(item.value) for item in attributes}
    return found if version == "v2" else [(key, text(item)) for key, item in found.items()]


def _i64(number):
    return number - (1 << 64) if number >= 1 << 63 else number


def _i32(number):
    return number - (1 << 32) if number >= 1 << 31 else number


def _hex(raw):
    return raw.hex() or None


def _name(enum, number):
    return next((item.name for item in enum.DESCRIPTOR.values if item.number == number), str(number))


def _optional(message, field):
    return getattr(message, field) if message.HasField(field) else None


def _origin(resource, scope, url, version):
    row = {
        "resource": {
            "attributes": _bag(resource.resource.attributes, version),
            "dropped_attributes_count": _i32(resource.resource.dropped_attributes_count),
        },
        "resource_schema_url": resource.schema_url,
        "instrumentation_scope": {
            "name": scope.scope.name,
            "version": scope.scope.version,
            "attributes": _bag(scope.scope.attributes, version),
            "dropped_attributes_count": _i32(scope.scope.dropped_attributes_count),
        },
        url: scope.schema_url,
    }
    if version == "v2":
        row["service_name"] = text({item.key: value(item.value) for item in resource.resource.attributes}.get("service.name"))
    return row


def _logs(payload, version):
    for resource in ExportLogsServiceRequest.FromString(payload.body).resource_logs:
        for scope in resource.scope_logs:
            for record in scope.log_records:
                observed = record.observed_time_unix_nano or payload.received_at_ns
                body = value(record.body)
                event = text({item.key: value(item.value) for item in record.attributes}.get("event.name"))
                yield {
                    "event_name": event or record.event_name or None,
                    "trace_id": _hex(record.trace_id),
                    "span_id": _hex(record.span_id),
                    "time_unix_nano": _i64(record.time_unix_nano or observed),
                    "observed_time_unix_nano": _i64(observed),
                    "severity_number": _name(SeverityNumber, record.severity_number),
                    "severity_text": record.severity_text,
                    "body": body if version == "v2" else text(body),
                    "attributes": _bag(record.attributes, version),
                    "dropped_attributes_count": _i32(record.dropped_attributes_count),
                    "flags": _i32(record.flags),
                    **_origin(resource, scope, "log_schema_url", version),
                }


def _spans(payload, version):
    for resource in ExportTraceServiceRequest.FromString(payload.body).resource_spans:
        for scope in resource.scope_spans:
            for span in scope.spans:
                start = span.start_time_unix_nano or span.end_time_unix_nano or payload.received_at_ns
                yield {
                    "trace_id": _hex(span.trace_id),
                    "span_id": _hex(span.span_id),
                    "trace_state": span.trace_state,
                    "parent_span_id": _hex(span.parent_span_id),
                    "flags": _i32(span.flags),
                    "name": span.name,
                    "kind": _name(Span.SpanKind, span.kind),
                    "start_time_unix_nano": _i64(start),
                    "end_time_unix_nano": _i64(span.end_time_unix_nano or start),
                    "attributes": _bag(span.attributes, version),
                    "dropped_attributes_count": _i32(span.dropped_attributes_count),
                    "events": [
                        {
                            "time_unix_nano": _i64(event.time_unix_nano),
                            "name": event.name,
                            "attributes": _bag(event.attributes, version),
                            "dropped_attributes_count": _i32(event.dropped_attributes_count),
                        }
                        for event in span.events
                    ],
                    "dropped_events_count": _i32(span.dropped_events_count),
                    "links": [
                        {
                            "trace_id": _hex(link.trace_id),
                            "span_id": _hex(link.span_id),
                            "trace_state": link.trace_state,
                            "attributes": _bag(link.attributes, version),
                            "dropped_attributes_count": _i32(link.dropped_attributes_count),
                            "flags": _i32(link.flags),
                        }
                        for link in span.links
                    ],
                    "dropped_links_count": _i32(span.dropped_links_count),
                    "status": {"message": span.status.message, "code": _name(Status.StatusCode, span.status.code)},
                    **_origin(resource, scope, "span_schema_url", version),
                }


def _number(point):
    kind = point.WhichOneof("value")
    return None if kind is None else float(getattr(point, kind))


def _exemplars(point, version):
    return [
        {
            "time_unix_nano": _i64(item.time_unix_nano),
            "value": _number(item),
            "span_id": _hex(item.span_id),
            "trace_id": _hex(item.trace_id),
            "filtered_attributes": _bag(item.filtered_attributes, version),
        }
        for item in point.exemplars
    ]


def _bucket(point, field):
    if not point.HasField(field):
        return None
    bucket = getattr(point, field)
    return {"offset": bucket.offset, "bucket_counts": [_i64(count) for count in bucket.bucket_counts]}


def _histogram(point):
    return {
        "count": _i64(point.count),
        "sum": _optional(point, "sum"),
        "bucket_counts": [_i64(count) for count in point.bucket_counts],
        "explicit_bounds": list(point.explicit_bounds),
        "min": _optional(point, "min"),
        "max": _optional(point, "max"),
    }


def _exponential(point):
    return {
        "count": _i64(point.count),
        "sum": _optional(point, "sum"),
        "scale": point.scale,
        "zero_count": _i64(point.zero_count),
        "positive_bucket": _bucket(point, "positive"),
        "negative_bucket": _bucket(point, "negative"),
        "min": _optional(point, "min"),
        "max": _optional(point, "max"),
        "zero_threshold": point.zero_threshold,
    }


def _summary(point):
    quantiles = [{"quantile": item.quantile, "value": item.value} for item in point.quantile_values]
    return {"count": _i64(point.count), "sum": point.sum, "quantile_values": quantiles}


_OWN = {
    "gauge": lambda point: {"value": _number(point)},
    "sum": lambda point: {"value": _number(point)},
    "histogram": _histogram,
    "exponential_histogram": _exponential,
    "summary": _summary,
}


def _metrics(payload, version):
    for resource in ExportMetricsServiceRequest.FromString(payload.body).resource_metrics:
        for scope in resource.scope_metrics:
            for metric in scope.metrics:
                kind = metric.WhichOneof("data")
                for point in getattr(metric, kind).data_points if kind else ():
                    yield _metric_row(metric, kind, point, payload, version) | _origin(resource, scope, "metric_schema_url", version)


def _metric_row(metric, kind, point, payload, version):
    data = getattr(metric, kind)
    made = _OWN[kind](point) | {"attributes": _bag(point.attributes, version), "flags": _i32(point.flags)}
    if kind != "summary":
        made["exemplars"] = _exemplars(point, version)
    if kind not in {"summary", "gauge"}:
        made["aggregation_temporality"] = _name(AggregationTemporality, data.aggregation_temporality)
    if kind == "sum":
        made["is_monotonic"] = data.is_monotonic
    times = {"start_time_unix_nano": _i64(point.start_time_unix_nano) or None, "time_unix_nano": _i64(point.time_unix_nano or payload.received_at_ns)}
    row = {
        "name": metric.name,
        "description": metric.description,
        "unit": metric.unit,
        "metric_type": kind,
        "metadata": _bag(metric.metadata, version),
    }
    row |= dict.fromkeys(_OWN)
    row[kind] = made if version == "v2" else made | times
    return row | times if version == "v2" else row
