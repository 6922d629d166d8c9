"""OTLP over gRPC, by the official exporter: a port of its own, the same rules behind it."""

import time

import pytest

from headgate.catalog import otel_tables
from headgate.catalog.names import Name
from tests.e2e.lab import Gateway, free_port, running
from tests.e2e.workspace import administrator
from tests.fakes import exports

grpc = pytest.importorskip("grpc", reason="the library is an extra")
TABLE = Name(("main", "default", "grpc_otel_spans"))
METHODS = {"metrics": "metrics.v1.MetricsService", "logs": "logs.v1.LogsService", "spans": "trace.v1.TraceService"}


class House:
    """A gateway that listens for gRPC."""

    def __init__(self, gateway: Gateway, port: int) -> None:
        self.gateway, self.port = gateway, port
        self.root = administrator(gateway)
        for signal in METHODS:
            name = Name(("main", "default", f"grpc_otel_{signal}"))
            self.root.rows(otel_tables.ddl(name, signal))
            self.root.rows(f"GRANT MODIFY ON TABLE {name} TO `ada@example.com`")

    def send(self, body, signal="spans", compression=None, **changes):
        """The answer's bytes, or the code and words of a refusal."""
        metadata = {"authorization": f"Bearer {self.gateway.token}", "x-databricks-uc-table-name": f"main.default.grpc_otel_{signal}"}
        metadata |= {key.replace("_", "-"): value for key, value in changes.items()}
        with grpc.insecure_channel(f"127.0.0.1:{self.port}", compression=compression) as channel:
            call = channel.unary_unary(f"/opentelemetry.proto.collector.{METHODS.get(signal, signal)}/Export")
            try:
                return "OK", call(body, metadata=list(metadata.items()), timeout=10)
            except grpc.RpcError as error:
                return error.code().name, error.details()


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """One for all."""
    port = free_port()
    with running(tmp_path_factory.mktemp("grpc"), None, f"[telemetry]\ngrpc_port = {port}\nmax_body_mb = 1\n", arguments=("--demo",)) as gateway:
        yield House(gateway, port)


def rows(house, signal, wanted):
    """How many rows a table has, once it has as many as wanted."""
    deadline = time.monotonic() + 90
    while (found := int(house.root.rows(f"SELECT count(*) FROM main.default.grpc_otel_{signal}")[0][0])) < wanted and time.monotonic() < deadline:
        time.sleep(0.3)
    return found


def test_every_signal_becomes_rows_and_a_repeated_export_none(house):
    """As over HTTP."""
    for signal, count in (("metrics", 16), ("logs", 10), ("spans", 3)):
        body = getattr(exports, signal)("g")
        assert house.send(body, signal) == ("OK", b"")
        assert house.send(body, signal) == ("OK", b"")
        assert rows(house, signal, count) == count


def test_a_text_cut_within_a_character_costs_itself_alone(house):
    """As over HTTP."""
    before = int(house.root.rows("SELECT count(*) FROM main.default.grpc_otel_logs")[0][0])
    body = exports.logs("whole") + exports.logs("cutX", 1).replace(b"cutX", b"cut\xc3")
    assert house.send(body, "logs") == ("OK", b"")
    assert rows(house, "logs", before + 11) == before + 11
    found = house.root.rows("SELECT attributes['mark'], count(*) FROM main.default.grpc_otel_logs WHERE attributes['mark'] LIKE 'cut%' GROUP BY 1")
    assert found == [["cut\ufffd", "1"]]


@pytest.mark.parametrize(
    ("code", "words", "options"),
    [
        ("INVALID_ARGUMENT", "not an OTLP spans export", {"body": b"\xff"}),
        ("INVALID_ARGUMENT", "X-Databricks-UC-Table-Name", {"x_databricks_uc_table_name": ""}),
        ("UNAUTHENTICATED", "not a Headgate token", {"authorization": "Bearer nobody"}),
        ("NOT_FOUND", "CREATE TABLE", {"x_databricks_uc_table_name": "main.default.nothing"}),
        ("PERMISSION_DENIED", "", {"x_databricks_uc_table_name": "system.ai_gateway.usage"}),
        ("RESOURCE_EXHAUSTED", "", {"body": b"x" * (2 << 20)}),
        ("UNIMPLEMENTED", "", {"signal": "profiles.v1.ProfilesService"}),
        ("UNIMPLEMENTED", "", {"compression": grpc.Compression.Gzip, "body": exports.spans("z" * 2000)}),
    ],
)
def test_refusals_have_grpcs_codes_and_our_words(house, code, words, options):
    """Nothing is kept, and the door stays open."""
    got, told = house.send(**({"body": exports.spans("refused")} | options))
    assert (got, words in told) == (code, True), told
    assert house.send(exports.spans(f"after {code}"))[0] == "OK"


def test_the_official_exporter_is_served(house):
    """As any program uses it."""
    exporter = pytest.importorskip("opentelemetry.exporter.otlp.proto.grpc.trace_exporter", reason="the exporter is not installed")
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor

    headers = (("authorization", f"Bearer {house.gateway.token}"), ("x-databricks-uc-table-name", str(TABLE)))
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter.OTLPSpanExporter(f"http://127.0.0.1:{house.port}", insecure=True, headers=headers)))
    provider.get_tracer("tests").start_span("over gRPC").end()
    provider.shutdown()
    deadline = time.monotonic() + 90
    while house.root.rows(f"SELECT count(*) FROM {TABLE} WHERE name = 'over gRPC'") != [["1"]]:
        assert time.monotonic() < deadline
        time.sleep(0.3)
