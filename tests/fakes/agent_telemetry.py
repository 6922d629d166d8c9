"""Telemetry as the three agents were seen to send it, made into the rows of OpenTelemetry tables by the ingest's own decoder.

Claude Code 2.1.330: protobuf, delta metrics, numbers as numbers, a name without prefix. Codex 0.169.0: no time but an observed one, numbers as strings, its
OTLP name a line of source. Gemini CLI 0.61.0: running totals, the session in the resource too.
"""

from collections import defaultdict

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

from headgate.catalog.otel_tables import OtelKind
from headgate.storage.otlp.otel_rows import Payload, decode
from tests.fakes.records import AT_NS

DELTA, CUMULATIVE = 1, 2
_SERVICES = {
    "claude": ("claude-code", "com.anthropic.claude_code.events"),
    "codex": ("codex_exec", "codex_otel.log_only"),
    "gemini": ("gemini-cli", "gemini-cli"),
}
_VERSIONS = {"claude": "2.1.330", "codex": "0.169.0", "gemini": "v22.23.3"}


def ns(at_s):
    """A moment so many seconds after the beginning."""
    return AT_NS + round(at_s * 1_000_000_000)


class Telemetry:
    """What was exported so far, by table. `table` is where the next records go."""

    def __init__(self):
        self.table = ""
        self._payloads = defaultdict(list)

    def claude(self, event, at_s, session="s-1", **attributes):
        """An event of Claude Code."""
        own = {"session.id": session, "event.name": event, "event.timestamp": f"t{at_s}", "terminal.type": "xterm"}
        self._log("claude", at_s, own | _named(attributes), body=f"claude_code.{event}")

    def codex(self, event, at_s, conversation="s-1", **attributes):
        """An event of Codex."""
        own = {
            "event.name": f"codex.{event}",
            "conversation.id": conversation,
            "originator": "codex_exec",
            "app.version": "0.169.0",
            "model": "databricks-gpt-5-2",
        }
        self._log("codex", at_s, own | {key: str(value) for key, value in _named(attributes).items()}, event_name="event otel/src/events.rs:803")

    def gemini(self, event, at_s, session="s-1", **attributes):
        """An event of Gemini CLI."""
        own = {"session.id": session, "event.name": event if "." in event else f"gemini_cli.{event}", "event.timestamp": f"t{at_s}"}
        self._log("gemini", at_s, own | _named(attributes), body="some words")

    def claude_request(self, at_s, tokens=(10, 0, 0, 50), session="s-1", **attributes):
        """Claude Code's event of an answered request: fresh input, cache reads, cache writes, output."""
        counts = dict(zip(("input_tokens", "cache_read_tokens", "cache_creation_tokens", "output_tokens"), tokens, strict=True))
        self.claude("api_request", at_s, session, **({"model": "claude-opus-4-6", "cost_usd": 0.25, "duration_ms": 2000, **counts} | attributes))

    def codex_request(self, at_s, tokens=(900, 40), conversation="s-1", **attributes):
        """Codex's two events of an answered request."""
        self.codex("sse_event", at_s, conversation, event_kind="response.completed", duration_ms=0)
        counts = {"input_token_count": tokens[0], "output_token_count": tokens[1], "cached_token_count": 10, "reasoning_token_count": 4}
        self.codex("sse_event", at_s + 0.001, conversation, event_kind="response.completed", **(counts | attributes))

    def gemini_request(self, at_s, tokens=(900, 40), session="s-1", response_id="", **attributes):
        """Gemini CLI's event of an answered request, and the one that tells the answer's id."""
        counts = {"input_token_count": tokens[0], "output_token_count": tokens[1], "thoughts_token_count": 0, "cached_content_token_count": 0}
        self.gemini("api_response", at_s, session, **({"model": "gemini-2.5-flash", "status_code": 200, "duration_ms": 9, **counts} | attributes))
        if response_id:
            usage = {"gen_ai.usage.input_tokens": tokens[0], "gen_ai.usage.output_tokens": tokens[1]}
            self.gemini("gen_ai.client.inference.operation.details", at_s, session, **{"gen_ai.response.id": response_id, **usage})

    def metric(self, name, value, at_s, session="s-1", *, start_s=0.0, temporality=DELTA, **attributes):
        """A point of a counter."""
        agent = "gemini" if name.startswith("gemini") else "claude"
        request = ExportMetricsServiceRequest()
        group = request.resource_metrics.add()
        group.resource.attributes.extend(_bag({"service.name": _SERVICES[agent][0], "service.version": _VERSIONS[agent]}))
        scope = group.scope_metrics.add()
        metric = scope.metrics.add(name=name)
        metric.sum.aggregation_temporality = temporality
        point = metric.sum.data_points.add(time_unix_nano=ns(at_s), start_time_unix_nano=ns(start_s), as_double=value)
        point.attributes.extend(_bag({"session.id": session, "user.id": "u", **_named(attributes)} if session else _named(attributes)))
        self._payloads["metrics", self.table].append(Payload(request.SerializeToString(), ns(at_s)))

    def again(self, table):
        """Export everything once more, to another table."""
        for (signal, _), payloads in list(self._payloads.items()):
            self._payloads[signal, table] += payloads

    def tables(self, version="v1"):
        """The rows by name and kind of table."""
        return {
            (f"{table}{signal}", OtelKind(signal, version)): decode(OtelKind(signal, version), payloads)
            for (signal, table), payloads in self._payloads.items()
        }

    def _log(self, agent, at_s, attributes, body="", event_name=""):
        request = ExportLogsServiceRequest()
        group = request.resource_logs.add()
        service, scope_name = _SERVICES[agent]
        group.resource.attributes.extend(_bag({"service.name": service, "service.version": _VERSIONS[agent]}))
        scope = group.scope_logs.add()
        scope.scope.name = scope_name
        record = scope.log_records.add(time_unix_nano=0 if agent == "codex" else ns(at_s), observed_time_unix_nano=ns(at_s), event_name=event_name)
        if body:
            record.body.string_value = body
        record.attributes.extend(_bag(attributes))
        self._payloads["logs", self.table].append(Payload(request.SerializeToString(), ns(at_s)))


def _named(attributes):
    """`event_kind` is `event.kind`: the few names with dots that tests use."""
    dotted = {
        "event_kind": "event.kind",
        "error_message": "error.message",
        "status": "http.response.status_code",
        "auth_request_id": "auth.request_id",
        "sequence": "event.sequence",
        "user_email": "user.email",
    }
    return {dotted.get(key, key): value for key, value in attributes.items() if value is not None}


def _bag(attributes):
    return [KeyValue(key=key, value=_value(value)) for key, value in attributes.items()]


def _value(value):
    match value:
        case bool():
            return AnyValue(bool_value=value)
        case int():
            return AnyValue(int_value=value)
        case float():
            return AnyValue(double_value=value)
        case _:
            return AnyValue(string_value=value)
