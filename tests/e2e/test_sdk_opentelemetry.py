"""The official OpenTelemetry SDK's exporters, as any program uses them: three signals, every kind of metric, packed and not, refused and told so."""

import time

import pytest

from headgate.catalog import otel_tables
from headgate.catalog.names import Name
from tests.e2e.lab import running
from tests.e2e.workspace import administrator

pytest.importorskip("opentelemetry.sdk", reason="the SDK is not installed")
pytest.importorskip("opentelemetry.exporter.otlp.proto.http", reason="the exporters are not installed")

VERSIONS = ("v1", "v2")


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """A gateway with tables of both schemas, and its administrator."""
    with running(tmp_path_factory.mktemp("sdk"), None, arguments=("--demo",)) as gateway:
        root = administrator(gateway)
        for signal in otel_tables.SIGNALS:
            for version in VERSIONS:
                name = Name(("main", "default", f"sdk_{version}_{signal}"))
                root.rows(otel_tables.ddl(name, signal, version))
                root.rows(f"GRANT MODIFY ON TABLE {name} TO `ada@example.com`")
        yield gateway, root


def options(gateway, word, version, **changes):
    """What an exporter is made with."""
    signal = {"traces": "spans"}.get(word, word)
    headers = {"authorization": f"Bearer {gateway.token}", "x-databricks-uc-table-name": f"main.default.sdk_{version}_{signal}"}
    return {"endpoint": f"{gateway.url}/api/2.0/otel/v1/{word}", "headers": headers | changes}


def rows(root, statement, wanted):
    """The rows of a statement, once there are as many as wanted."""
    deadline = time.monotonic() + 90
    while len(found := root.rows(statement)) < wanted and time.monotonic() < deadline:
        time.sleep(0.3)
    return found


@pytest.mark.parametrize("version", VERSIONS)
def test_metrics(house, version):
    """Counters, gauges and both kinds of histogram, with attributes of every type."""
    from opentelemetry.exporter.otlp.proto.http import Compression
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
    from opentelemetry.sdk.metrics.view import ExponentialBucketHistogramAggregation, View
    from opentelemetry.sdk.resources import Resource

    gateway, root = house
    exporter = OTLPMetricExporter(**options(gateway, "metrics", version), compression=Compression.Gzip)
    reader = PeriodicExportingMetricReader(exporter, export_interval_millis=3_600_000)
    view = View(instrument_name="waits", aggregation=ExponentialBucketHistogramAggregation())
    provider = MeterProvider([reader], Resource({"service.name": "lab", "ids": [1, 2]}), views=[view])
    meter = provider.get_meter("tests", "1")
    meter.create_counter("asked", "1", "Requests").add(3, {"ok": True, "code": 200, "share": 0.5, "names": ["a", "b"]})
    meter.create_gauge("heat", "C").set(36.6)
    meter.create_histogram("took", "ms").record(12)
    meter.create_histogram("waits", "ms").record(7.5)
    provider.shutdown()

    table = f"main.default.sdk_{version}_metrics"
    found = rows(
        root, f"SELECT name, metric_type, sum.value, gauge.value, histogram.count, exponential_histogram.count FROM {table} ORDER BY name", 4
    )
    assert [row[0] for row in found] == ["asked", "heat", "took", "waits"]
    assert [row[1] for row in found] == ["sum", "gauge", "histogram", "exponential_histogram"]
    assert (float(found[0][2]), float(found[1][3]), found[2][4], found[3][5]) == (3.0, 36.6, "1", "1")
    if version == "v1":
        asked = f"SELECT sum.attributes['ok'], sum.attributes['code'], sum.attributes['names'], resource.attributes['service.name'] FROM {table} WHERE name = 'asked'"
        assert root.rows(asked) == [["true", "200", '["a","b"]', "lab"]]


@pytest.mark.parametrize("version", VERSIONS)
def test_spans(house, version):
    """With their parents, events and links."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    gateway, root = house
    provider = TracerProvider(resource=Resource({"service.name": "lab"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(**options(gateway, "traces", version))))
    tracer = provider.get_tracer("tests")
    with tracer.start_as_current_span("outer") as outer, tracer.start_as_current_span("inner", links=[]) as inner:
        inner.add_event("seen", {"n": 1})
        trace_id, parent = f"{outer.get_span_context().trace_id:032x}", f"{outer.get_span_context().span_id:016x}"
    provider.shutdown()

    found = rows(root, f"SELECT name, trace_id, parent_span_id, get(events, 0).name FROM main.default.sdk_{version}_spans ORDER BY name", 2)
    assert found == [["inner", trace_id, parent, "seen"], ["outer", trace_id, None, None]]


@pytest.mark.parametrize("version", VERSIONS)
def test_logs(house, version):
    """A record of Python's own logging."""
    from opentelemetry._logs import LogRecord, SeverityNumber
    from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
    from opentelemetry.sdk._logs import LoggerProvider
    from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
    from opentelemetry.sdk.resources import Resource

    gateway, root = house
    provider = LoggerProvider(resource=Resource({"service.name": "lab"}))
    provider.add_log_record_processor(BatchLogRecordProcessor(OTLPLogExporter(**options(gateway, "logs", version))))
    record = LogRecord(
        timestamp=time.time_ns(), severity_number=SeverityNumber.WARN, severity_text="WARN", body="it is late", attributes={"hour": 23}
    )
    provider.get_logger("tests").emit(record)
    provider.shutdown()

    found = rows(root, f"SELECT severity_number, severity_text, CAST(body AS STRING) FROM main.default.sdk_{version}_logs", 1)
    assert [row[:2] for row in found] == [["SEVERITY_NUMBER_WARN", "WARN"]]
    assert "it is late" in str(found[0][2])


def test_a_refused_export_is_told_to_the_program(house):
    """The exporter gives up at once on what will never be taken."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExportResult

    gateway, _ = house
    exporter = OTLPSpanExporter(**options(gateway, "traces", "v1", authorization="Bearer nobody"))
    results = []
    export = exporter.export
    exporter.export = lambda spans: results.append(export(spans)) or results[-1]
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    provider.get_tracer("tests").start_span("lost").end()
    provider.shutdown()

    assert results == [SpanExportResult.FAILURE]
