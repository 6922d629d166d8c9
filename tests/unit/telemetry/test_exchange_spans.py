"""An exchange as spans."""

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from headgate.core.record import AttemptRecord
from headgate.core.usage import Usage
from headgate.telemetry.exchange_spans import spans_of
from headgate.telemetry.otlp import export_body
from tests.fakes.records import AT_NS, intent, outcome

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


def spans(**changes):
    """The spans, each with its attributes as a dictionary."""
    request = ExportTraceServiceRequest.FromString(spans_of(outcome("req_0192f0c1d2e37abc8def0123456789ab", **changes)))
    (resource,) = request.resource_spans
    (scope,) = resource.scope_spans
    found = [(span, {item.key: getattr(item.value, item.value.WhichOneof("value")) for item in span.attributes}) for span in scope.spans]
    return found, {item.key: item.value.string_value for item in resource.resource.attributes}


def test_a_request_is_a_server_span_and_each_attempt_a_client_span_below_it():
    """With what Databricks' table says of them."""
    tries = (
        AttemptRecord(provider="lab", model="a", status_code=529, started_at_ns=AT_NS, latency_ms=5),
        AttemptRecord(provider="spare", model="b", status_code=200, started_at_ns=AT_NS + 6_000_000, latency_ms=300),
    )
    usage = Usage(input_tokens=10, cache_read_tokens=20, output_tokens=5)
    ((root, at_root), (first, at_first), (second, at_second)), resource = spans(attempts=tries, usage=usage)

    assert (root.name, root.kind, root.parent_span_id) == ("ai-gateway databricks-claude-opus-4-6", 2, b"")
    assert (first.name, first.kind, first.parent_span_id) == ("lab a", 3, root.span_id)
    assert {root.trace_id, first.trace_id, second.trace_id} == {bytes.fromhex("0192f0c1d2e37abc8def0123456789ab")}
    assert len({root.span_id, first.span_id, second.span_id}) == 3
    assert (root.start_time_unix_nano, root.end_time_unix_nano - root.start_time_unix_nano) == (AT_NS, 2_000_000_000)
    assert (first.end_time_unix_nano - first.start_time_unix_nano, second.end_time_unix_nano) == (5_000_000, root.end_time_unix_nano)
    assert (root.status.code, first.status.code, second.status.code) == (1, 2, 1)
    assert at_root["databricks.request_id"] == "req_0192f0c1d2e37abc8def0123456789ab"
    assert (at_root["enduser.id"], at_root["session.id"], at_root["gen_ai.agent.name"]) == ("ada@example.com", "s-1", "claude-code")
    assert (at_root["gen_ai.usage.input_tokens"], at_root["gen_ai.usage.output_tokens"], at_root["headgate.stream"]) == (30, 5, True)
    assert at_root["databricks.request_tag.team"] == "tools"
    assert (at_first["databricks.outcome"], at_second["databricks.outcome"], at_second["gen_ai.usage.output_tokens"]) == ("failure", "success", 5)
    assert "gen_ai.usage.output_tokens" not in at_first
    assert resource["service.name"] == "databricks-claude-opus-4-6"


def test_the_clients_trace_is_the_exchanges_trace():
    """Its span is the parent."""
    ((root, _), *_), _ = spans(intent=intent("r", trace_id=TRACE, parent_span_id=SPAN))

    assert (root.trace_id.hex(), root.parent_span_id.hex()) == (TRACE, SPAN)


def test_a_refusal_is_a_span_alone_that_says_why():
    """Also one whose endpoint nobody knows; any request id makes a trace."""
    refused = outcome("x", ended="refused", status_code=403, error_code="forbidden", error_message="Not yours.", attempts=(), usage=None)
    changes = {name: getattr(refused, name) for name in ("ended", "status_code", "error_code", "error_message", "attempts", "usage")}
    ((root, at_root),), resource = spans(intent=intent("strange id", endpoint="", model_asked=""), **changes)

    assert (root.status.code, root.status.message, at_root["error.type"], at_root["http.response.status_code"]) == (2, "Not yours.", "forbidden", 403)
    assert (root.name, resource["service.name"], len(root.trace_id)) == ("ai-gateway", "headgate", 16)


def test_it_is_an_export_like_any_other():
    """So that the same tables take it."""
    assert export_body.validate("spans", spans_of(outcome("r-1"))).accepted == 2
    assert export_body.validate("spans", spans_of(outcome("r-1", error_message="half \ud83d", finish_reason="\ud83d"))).accepted == 2
