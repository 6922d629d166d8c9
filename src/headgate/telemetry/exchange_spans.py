"""An exchange as spans, as Databricks' unified trace table has them: one of kind SERVER for the request, below it one of kind CLIENT for each attempt that was made.

The trace is the client's where it named one, so that its own spans and these lie in one trace; else it is made from the request's id.
"""

import hashlib

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, InstrumentationScope, KeyValue
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans, Span, Status

from headgate.core.record import FAILED, AttemptRecord, Outcome
from headgate.core.usage import Usage

_NS_PER_MS = 1_000_000


def spans_of(outcome: Outcome) -> bytes:
    """An export request with the exchange's spans."""
    intent = outcome.intent
    trace_id = _trace_id(outcome)
    spans = [_root(outcome, trace_id)]
    tries = [attempt for attempt in outcome.attempts if attempt.tried]
    last = len(tries) - 1
    spans += [_attempt(outcome, place, attempt, trace_id, served=place == last) for place, attempt in enumerate(tries)]
    resource = Resource(attributes=_attributes({"service.name": intent.endpoint or "headgate", "service.namespace": "headgate"}))
    scope = ScopeSpans(scope=InstrumentationScope(name="headgate"), spans=spans)
    return ExportTraceServiceRequest(resource_spans=[ResourceSpans(resource=resource, scope_spans=[scope])]).SerializeToString()


def _root(outcome: Outcome, trace_id: bytes) -> Span:
    intent = outcome.intent
    failed = outcome.ended in FAILED or outcome.status_code >= 400
    return Span(
        trace_id=trace_id,
        span_id=_span_id(intent.request_id, 0),
        parent_span_id=bytes.fromhex(intent.parent_span_id),
        name=_text(f"ai-gateway {intent.endpoint or intent.model_asked}".rstrip()),
        kind=Span.SpanKind.SPAN_KIND_SERVER,
        start_time_unix_nano=intent.started_at_ns,
        end_time_unix_nano=_ended_ns(outcome),
        attributes=_attributes(_of_root(outcome)),
        status=Status(code=Status.StatusCode.STATUS_CODE_ERROR if failed else Status.StatusCode.STATUS_CODE_OK, message=_text(outcome.error_message)),
    )


def _ended_ns(outcome: Outcome) -> int:
    """When the exchange ended, by the clock that counted its time: the wall clock may have been set since it began."""
    return outcome.intent.started_at_ns + outcome.latency_ms * _NS_PER_MS


def _of_root(outcome: Outcome) -> dict[str, str | int | bool]:
    intent = outcome.intent
    return {
        "databricks.request_id": intent.request_id,
        "databricks.endpoint_name": intent.endpoint,
        "databricks.latency_ms": outcome.latency_ms,
        "databricks.time_to_first_byte_ms": outcome.time_to_first_byte_ms,
        "enduser.id": intent.requester,
        "gen_ai.agent.name": intent.agent,
        "gen_ai.operation.name": "chat",
        "gen_ai.request.model": intent.model_asked,
        "gen_ai.response.model": outcome.model_served,
        "gen_ai.response.id": outcome.response_id,
        "gen_ai.response.finish_reasons": outcome.finish_reason,
        "http.response.status_code": outcome.status_code,
        "url.path": intent.path,
        "user_agent.original": intent.user_agent,
        "client.address": intent.ip_address,
        "session.id": intent.session_id,
        "headgate.api_type": intent.api_type,
        "headgate.stream": intent.stream,
        "headgate.ended": outcome.ended,
        "headgate.client_request_id": intent.client_request_id,
        "error.type": outcome.error_code,
        **_of_usage(outcome.usage),
        **{f"databricks.request_tag.{key}": value for key, value in intent.request_tags.items()},
    }


def _attempt(outcome: Outcome, place: int, attempt: AttemptRecord, trace_id: bytes, *, served: bool) -> Span:
    request_id = outcome.intent.request_id
    well = 0 < attempt.status_code < 400 and not attempt.error_code
    ended_ns = _ended_ns(outcome) if served else attempt.started_at_ns + attempt.latency_ms * _NS_PER_MS
    found: dict[str, str | int | bool] = {
        "gen_ai.provider.name": attempt.provider,
        "gen_ai.request.model": attempt.model,
        "http.response.status_code": attempt.status_code,
        "databricks.outcome": "success" if well else "failure",
        "error.type": attempt.error_code,
        **(_of_usage(outcome.usage) if served else {}),
    }
    return Span(
        trace_id=trace_id,
        span_id=_span_id(request_id, place + 1),
        parent_span_id=_span_id(request_id, 0),
        name=_text(f"{attempt.provider} {attempt.model}"),
        kind=Span.SpanKind.SPAN_KIND_CLIENT,
        start_time_unix_nano=attempt.started_at_ns,
        end_time_unix_nano=max(ended_ns, attempt.started_at_ns),
        attributes=_attributes(found),
        status=Status(code=Status.StatusCode.STATUS_CODE_OK if well else Status.StatusCode.STATUS_CODE_ERROR),
    )


def _of_usage(usage: Usage | None) -> dict[str, str | int | bool]:
    if usage is None:
        return {}
    totals = usage.totals
    counts = {
        "gen_ai.usage.input_tokens": totals.all_input_tokens,
        "gen_ai.usage.output_tokens": totals.output_tokens,
        "gen_ai.usage.cache_read.input_tokens": totals.cache_read_tokens,
    }
    return {name: count for name, count in counts.items() if count is not None}


def _attributes(values: dict[str, str | int | bool]) -> list[KeyValue]:
    """What is known of them: an empty text or a 0 says nothing."""
    return [KeyValue(key=key, value=_value(value)) for key, value in values.items() if value not in {"", 0} or value is False]


def _value(value: str | int | bool) -> AnyValue:  # ruff: ignore[boolean-type-hint-positional-argument] - it is a value, not a choice
    if isinstance(value, bool):
        return AnyValue(bool_value=value)
    if isinstance(value, int):
        return AnyValue(int_value=value)
    return AnyValue(string_value=_text(value))


def _text(text: str) -> str:
    """What protobuf takes: half a surrogate pair, which JSON may write, is none."""
    return text.encode("utf-8", "replace").decode()


def _trace_id(outcome: Outcome) -> bytes:
    intent = outcome.intent
    known = intent.trace_id or intent.request_id.rpartition("_")[2]
    try:
        found = bytes.fromhex(known)
    except ValueError:
        found = b""
    return found if len(found) == 16 else hashlib.blake2b(intent.request_id.encode(), digest_size=16).digest()


def _span_id(request_id: str, place: int) -> bytes:
    return hashlib.blake2b(f"{request_id}/{place}".encode(), digest_size=8).digest()
