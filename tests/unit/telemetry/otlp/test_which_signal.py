"""Which signal an export is of."""

import json

import pytest
from google.protobuf.json_format import MessageToDict
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from headgate.core.errors import BadRequest, UnsupportedMedia
from headgate.telemetry.otlp.which_signal import signal_of
from tests.fakes import exports

PROTOBUF, JSON = "application/x-protobuf", "application/json; charset=utf-8"
MESSAGES = {"metrics": ExportMetricsServiceRequest, "logs": ExportLogsServiceRequest, "spans": ExportTraceServiceRequest}


def wrapped(*items: bytes) -> bytes:
    """A request of one resource and one scope around items, whatever they are of. Short ones."""
    scope = b"".join(b"\x12" + bytes([len(item)]) + item for item in items)
    resource = b"\x12" + bytes([len(scope)]) + scope
    return b"\x0a" + bytes([len(resource)]) + resource


def metric(**changes) -> bytes:
    """The least metric that says something."""
    request = ExportMetricsServiceRequest()
    made = request.resource_metrics.add().scope_metrics.add().metrics.add(name="m", **changes)
    made.gauge.data_points.add(as_int=1)
    return request.SerializeToString()


def log(**fields) -> bytes:
    """One log record."""
    request = ExportLogsServiceRequest()
    request.resource_logs.add().scope_logs.add().log_records.add(**fields)
    return request.SerializeToString()


def span(**fields) -> bytes:
    """One span."""
    request = ExportTraceServiceRequest()
    request.resource_spans.add().scope_spans.add().spans.add(**fields)
    return request.SerializeToString()


@pytest.mark.parametrize("signal", list(MESSAGES))
def test_what_agents_send(signal):
    """In both encodings, and by the original field names too."""
    body = getattr(exports, signal)()
    told = MessageToDict(MESSAGES[signal].FromString(body))

    assert signal_of(PROTOBUF, body) == signal
    assert signal_of(JSON, json.dumps(told).encode()) == signal
    assert signal_of(JSON, json.dumps(MessageToDict(MESSAGES[signal].FromString(body), preserving_proto_field_name=True)).encode()) == signal


@pytest.mark.parametrize(
    ("signal", "body"),
    [
        ("metrics", metric()),
        ("metrics", metric(description="eight by", unit="16 characters in")),  # as a span would have ids
        ("logs", log(observed_time_unix_nano=1)),  # as Codex has no other time
        ("logs", log(time_unix_nano=1, trace_id=bytes(16), span_id=bytes(8), severity_text="INFO", event_name="e", flags=1)),
        ("spans", span(start_time_unix_nano=1)),
        ("spans", span(trace_id=b"sixteen letters.", span_id=b"eight...", trace_state="a=b", name="n", start_time_unix_nano=1, kind=1, flags=1)),
    ],
)
def test_little_is_enough(signal, body):
    """What no item of the signal is without tells it from the others."""
    assert signal_of(PROTOBUF, body) == signal


@pytest.mark.parametrize(
    "body",
    [
        b"",
        wrapped(),
        wrapped(b""),
        wrapped(b"\x2a\x02\x0a\x00"),  # field 5: a gauge, a name or a body
        log(severity_text="INFO"),
        span(trace_id=bytes(16), span_id=bytes(8), name="no beginning"),
        log(time_unix_nano=1) + metric(),
        log(time_unix_nano=1) + log(severity_text="INFO"),
        log(time_unix_nano=1) + span(start_time_unix_nano=1),
        metric() + span(start_time_unix_nano=1),
        metric() + b"\x0a",
        metric() + b"\xa2\x06\x01x",  # a field that nobody knows
        log(time_unix_nano=1) + wrapped(b"\x09" + bytes(8) + b"\xa2\x06\x01x"),
        wrapped(b"\x0a\x02\xff\xfe\x2a\x00"),  # a name that is not text
        b"\xff" * 40,
        b"{}",
    ],
)
def test_a_body_that_does_not_say_it(body):
    """Empty, mixed, cut, or with something in it that is of none: refused with what to do, never guessed."""
    with pytest.raises(BadRequest, match=r"does not either.*v1/metrics") as refused:
        signal_of(PROTOBUF, body)
    assert refused.value.code == "UNKNOWN_SIGNAL"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"{}", "does not either"),
        (b'{"resourceProfiles": []}', "does not either"),
        (b'{"resourceLogs": [], "resource_spans": []}', "could be of logs or of spans"),
        (b'{"resourceLogs": [], "resourceMetrics": [], "resourceSpans": []}', "could be of metrics or of logs or of spans"),
        (b"[]", "not OTLP/JSON"),
        (b'{"resourceLogs": ', "not OTLP/JSON"),
        (b"\xff", "not OTLP/JSON"),
        (b"[" * 100_000, "not OTLP/JSON"),
    ],
)
def test_json_that_does_not_say_it(body, words):
    """None of the lists, two of them, or no object at all."""
    with pytest.raises(BadRequest, match=words):
        signal_of(JSON, body)


def test_other_encodings():
    """Are refused as everywhere."""
    with pytest.raises(UnsupportedMedia):
        signal_of("text/plain", exports.logs())
